"""A ground in a tone that the palette has no role for."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.desktop.theme import Theme

TONES = {
    "quiet": ("window", "border"),
    "warning": ("warning_soft", "warning"),
    "danger": ("danger_soft", "danger"),
}
"""Names of the ground's and the border's colour."""
RADIUS = 8.0


class Surface(QFrame):
    """Paints its ground in the colours of the moment, so that nothing has to tell it of a switch."""

    def __init__(self, theme: Theme, tone: str, parent: QWidget | None = None) -> None:
        """``tone`` is one of :data:`TONES`."""
        super().__init__(parent)
        self._theme = theme
        self._tone = tone

    def choose_tone(self, tone: str) -> None:
        """Choose another of :data:`TONES`."""
        self._tone = tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and border."""
        ground, border = TONES[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(ground))
        painter.setPen(self._theme.color(border))
        painter.drawRoundedRect(self.outline(), RADIUS, RADIUS)

    def outline(self) -> QRectF:
        """Return where the border runs."""
        return QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
