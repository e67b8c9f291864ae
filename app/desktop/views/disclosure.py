"""A line that opens and closes what is under it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button


class Disclosure(QWidget):
    """Closed at first; what it shows is made when it is opened."""

    opened = Signal()

    def __init__(
        self, text: str, make: Callable[[], QWidget], theme: Theme, parent: QWidget | None = None
    ) -> None:
        """``make`` is called once."""
        super().__init__(parent)
        self._make = make
        self._theme = theme
        self.content: QWidget | None = None
        """``None`` until it was opened once."""
        self.button = make_button(text, self.toggle, "link")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._draw()

    @property
    def is_open(self) -> bool:
        """Whether what is under the line is shown."""
        return self.content is not None and not self.content.isHidden()

    def toggle(self) -> None:
        """Open or close it."""
        if self.content is None:
            self.content = self._make()
            self.content.hide()
            self._layout.addWidget(self.content)
        self.content.setVisible(self.content.isHidden())
        self._draw()
        if self.is_open:
            self.opened.emit()

    def _draw(self) -> None:
        set_icon(
            self.button,
            "chevron-down" if self.is_open else "chevron-right",
            self._theme,
            color="accent",
            size=16,
        )
        self.button.setAccessibleDescription(self.tr("Open") if self.is_open else self.tr("Closed"))
