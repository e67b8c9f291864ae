"""Buttons in the style sheet's kinds."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLayout, QPushButton, QToolButton, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme


def make_button(text: str, slot: Callable[[], object], kind: str = "") -> QPushButton:
    """Make a button with text."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    if kind:
        button.setProperty("kind", kind)
    button.clicked.connect(lambda: slot())
    return button


def make_icon_button(
    icon: str,
    name: str,
    theme: Theme,
    slot: Callable[[], object],
    *,
    kind: str = "icon",
    color: str = "muted",
) -> QToolButton:
    """Make a button with an icon only; ``name`` is its tooltip and what a screen reader says."""
    button = QToolButton()
    button.setProperty("kind", kind)
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    set_icon(button, icon, theme, color=color)
    button.clicked.connect(lambda: slot())
    return button


class RowButton(QPushButton):
    """A button that holds a layout; its labels let the mouse through."""

    def __init__(self, layout: QLayout, parent: QWidget | None = None) -> None:
        """Take over the layout with everything in it."""
        super().__init__(parent)
        self.setProperty("kind", "row")
        self.setAutoDefault(False)
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """As large as what it holds."""
        return self.layout().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As small as what it holds."""
        return self.layout().minimumSize()
