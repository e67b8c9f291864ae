"""A button that says in a word what is chosen; its menu says what each choice means."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.wording import plain_tooltip


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice."""

    value: str
    name: str
    """In a word or two; the button shows it."""
    meaning: str
    """In half a sentence."""
    icon: str
    color: str = "muted"
    """Of the icon."""
    is_rare: bool = False
    """It stands under "More"."""


class OptionButton(QToolButton):
    """One of several options is chosen."""

    chosen = Signal(str)
    """The user has chosen this value."""

    def __init__(
        self, question: str, options: Sequence[Option], theme: Theme, parent: QWidget | None = None
    ) -> None:
        """The first option is chosen. ``question`` is what a screen reader says before it."""
        super().__init__(parent)
        self._question = question
        self._options = {option.value: option for option in options}
        self._theme = theme
        self.value = ""
        self.setProperty("kind", "quiet")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)
        self.show_value(options[0].value)

    def show_value(self, value: str) -> None:
        """Show another option as the chosen one."""
        option = self._options[value]
        self.value = value
        self.setText(option.name)
        self.setToolTip(plain_tooltip(option.meaning))
        self.setAccessibleName(f"{self._question}: {option.name}")
        self.setAccessibleDescription(option.meaning)
        set_icon(self, option.icon, self._theme, color=option.color, size=18)

    def choose(self, value: str) -> None:
        """Choose as the user does."""
        if value != self.value:
            self.show_value(value)
            self.chosen.emit(value)

    def fill(self) -> None:
        """Make the menu as it is to be shown now."""
        self.menu().clear()
        rare = [option for option in self._options.values() if option.is_rare]
        for option in self._options.values():
            if not option.is_rare:
                self._add(self.menu(), option)
        if rare:
            self.menu().addSeparator()
            more = self.menu().addMenu(self.tr("More"))
            for option in rare:
                self._add(more, option)

    def _add(self, menu: QMenu, option: Option) -> None:
        text = self.tr("{name}: {meaning}").format(name=option.name, meaning=option.meaning)
        action = menu.addAction(text, lambda: self.choose(option.value))
        action.setCheckable(True)
        action.setChecked(option.value == self.value)
