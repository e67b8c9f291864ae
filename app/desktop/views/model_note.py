"""Over the question box: no model is here, the one in use is gone, or another one is being loaded."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.views.surface import Surface

BAR_WIDTH = 160


class ModelNote(Surface):
    """Hidden while a model is there and stays the same."""

    models_wanted = Signal()

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(theme, "quiet", parent)
        self._desk = desk
        self._theme = theme
        self._icon = QLabel()
        self.sentence = make_label()
        self.bar = QProgressBar(maximum=100, textVisible=False)
        self.bar.setFixedWidth(BAR_WIDTH)
        self.bar.setAccessibleName(self.tr("Progress of loading the model"))
        self.open = make_button("", self.models_wanted.emit)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 10, 8)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.open)
        for changed in (
            desk.state.models_changed,
            desk.state.settings_changed,
            desk.state.model_state_changed,
            desk.state.downloads_changed,
        ):
            changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        state = self._desk.state
        used = self._desk.bedside.settings.model
        row = state.model(used)
        if state.choosing is not None:
            self._say(self.tr("Loading {name}…").format(name=state.choosing), state.model_progress)
        elif not state.has_read_models or (row is not None and row.problem is None):
            self.hide()
        elif state.downloads:
            download = next(iter(state.downloads.values()))
            self._say(self.tr("Downloading {title}…").format(title=download.title), download.fraction)
        elif not state.models:
            self._warn(
                self.tr("No model is here yet. Bedside needs one to choose the sentences of an answer."),
                self.tr("Get a model…"),
            )
        else:
            self._warn(
                self.tr("The model “{name}” is not here any more or was changed.").format(name=used),
                self.tr("Choose another…"),
            )

    def _say(self, sentence: str, fraction: float) -> None:
        self._show("quiet", "models", "muted", sentence)
        self.bar.setValue(round(100 * fraction))
        self.bar.show()
        self.open.hide()

    def _warn(self, sentence: str, action: str) -> None:
        self._show("warning", "warning", "warning", sentence)
        self.open.setText(action)
        self.bar.hide()
        self.open.show()

    def _show(self, tone: str, icon: str, color: str, sentence: str) -> None:
        self.choose_tone(tone)
        set_icon(self._icon, icon, self._theme, color=color)
        self.sentence.setText(sentence)
        self.show()
