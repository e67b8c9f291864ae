"""Small labels that the views share."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from app.desktop.fonts import make_font

PLAIN, MUTED = QPalette.ColorRole.WindowText, QPalette.ColorRole.PlaceholderText
LOOKS = {
    "title": ("title", True, PLAIN),
    "heading": ("question", True, PLAIN),
    "question": ("question", True, PLAIN),
    "reading": ("reading", False, PLAIN),
    "strong": ("base", True, PLAIN),
    "muted": ("base", False, MUTED),
    "small": ("small", False, MUTED),
    "problem": ("small", False, QPalette.ColorRole.Light),
    "section": ("small", True, MUTED),
    "number": ("small", True, PLAIN),
    "step": ("base", True, PLAIN),
    "chip": ("small", False, PLAIN),
}
"""Font size, whether it is bold, and colour of each role; the style sheet gives the last three a ground."""


def set_role(label: QLabel, role: str) -> None:
    """Give a label the look of a role."""
    size, is_bold, color = LOOKS[role]
    label.setFont(make_font(size, is_bold=is_bold))
    label.setForegroundRole(color)
    label.setProperty("role", role)


def make_label(
    text: str = "", role: str = "", *, wraps: bool = True, parent: QWidget | None = None
) -> QLabel:
    """Make a plain-text label in one of the roles."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    if role:
        set_role(label, role)
    return label


def make_line(parent: QWidget | None = None) -> QFrame:
    """Make a thin horizontal line."""
    line = QFrame(parent)
    line.setObjectName("line")
    return line


class ElidedLabel(QLabel):
    """One line of plain text that ends in dots where it does not fit."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        """``role`` as in :func:`make_label`."""
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if role:
            set_role(self, role)

    def sizeHint(self) -> QSize:
        """As high as one line."""
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text that fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), text)
