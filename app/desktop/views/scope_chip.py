"""Says what the library is narrowed to where there is no room for the pane, and takes it off."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.wording import plain_tooltip

NAME_WIDTH = 180
"""Pixels for the name of a collection, a tag or a state."""


class ScopeChip(QPushButton):
    """A button with the scope's name and a cross; hidden where nothing is to be said."""

    def __init__(self, theme: Theme, clear: Callable[[], object], parent: QWidget | None = None) -> None:
        """``clear`` takes the scope off."""
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setProperty("kind", "chip")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the name
        self.setText("…")  # beside a text the icon gets air
        set_icon(self, "close", theme, color="muted", size=14)
        self.clicked.connect(lambda: clear())
        self.hide()

    def show_scope(self, title: str) -> None:
        """Show a scope by its title; an empty one hides the button."""
        elided = self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, NAME_WIDTH)
        self.setText(elided.replace("&", "&&"))
        self.setToolTip(
            plain_tooltip(self.tr("Only “{name}” is shown. Show all documents.").format(name=title))
        )
        self.setAccessibleName(self.tr("Show all documents, not only “{name}”").format(name=title))
        self.setVisible(bool(title))
