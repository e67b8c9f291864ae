"""A box to tick whose border is seen in light and in dark."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton, QWidget

TICK = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.30))
"""Corners of the tick, as shares of the box's sides."""


class CheckBox(QCheckBox):
    """The style sheet draws the box; the tick, which no rule can colour, is drawn here."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """Show a text as it is, ampersands too."""
        super().__init__(text.replace("&", "&&"), parent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as the style does, and the tick on top of it."""
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = QRectF(self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self))
        pen = QPen(self.palette().color(QPalette.ColorRole.BrightText), max(box.width() / 9, 1.5))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawPolyline(
            [QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in TICK]
        )
        painter.end()
