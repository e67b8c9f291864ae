"""A button that shows what is chosen and opens the list of what can be chosen."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme


class ChoiceButton(QToolButton):
    """Values with their texts; one of them is chosen."""

    chosen = Signal(object)
    """The user has chosen another value."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        """``name`` is what a screen reader says before the chosen text."""
        super().__init__(parent)
        self._name = name
        self._choices: tuple[tuple[object, str], ...] = ()
        self.value: object = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the mark stands behind the text
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(self, "chevron-down", theme, color="muted", size=16)
        menu = QMenu(self)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def show_choices(self, choices: Sequence[tuple[object, str]], value: object) -> None:
        """Offer these values; ``value`` is the chosen one."""
        self._choices = tuple(choices)
        self.value = value
        text = next((text for each, text in self._choices if each == value), str(value))
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(f"{self._name}: {text}")

    def offers(self, value: object) -> bool:
        """Whether a value is one of those that can be chosen."""
        return any(each == value for each, _ in self._choices)

    def choose(self, value: object) -> None:
        """Choose as the user does."""
        if value != self.value:
            self.show_choices(self._choices, value)
            self.chosen.emit(value)

    def _fill(self) -> None:
        self.menu().clear()
        for value, text in self._choices:
            action = self.menu().addAction(text.replace("&", "&&"), lambda value=value: self.choose(value))
            action.setCheckable(True)
            action.setChecked(value == self.value)
