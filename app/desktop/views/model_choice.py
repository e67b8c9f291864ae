"""Chooses the chat model that is asked in the background."""

from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton


class ModelChoice(ChoiceButton):
    """The models that can be used, follows the state; at first that of the settings is chosen."""

    def __init__(self, desk: Desk, name: str, theme: Theme) -> None:
        """``name`` as of :class:`ChoiceButton`."""
        super().__init__(name, theme)
        self._desk = desk
        desk.state.models_changed.connect(self._show_models)
        self._show_models()

    @property
    def model(self) -> str:
        """Name of the chosen model."""
        return str(self.value)

    @property
    def is_usable(self) -> bool:
        """Whether the chosen model can be asked."""
        return self.offers(self.value)

    def _show_models(self) -> None:
        usable = [row.name for row in self._desk.state.models if row.problem is None]
        current = str(self.value or self._desk.bedside.settings.model)
        chosen = current if current in usable else next(iter(usable), current)
        self.show_choices([(name, name) for name in usable], chosen)
