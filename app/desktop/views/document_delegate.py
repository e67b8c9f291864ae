"""Draws a document's title over its authors."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.desktop.fonts import make_font
from app.desktop.models.documents import SECOND_LINE_ROLE, Index

MARGIN = 13
"""Pixels at the left and the right, as the style sheet has them for other cells."""


class DocumentDelegate(QStyledItemDelegate):
    """Two lines, each ending in dots where it does not fit."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then the lines."""
        option = QStyleOptionViewItem(option)
        self.initStyleOption(option, index)
        title, option.text = option.text, ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        small = make_font("small")
        first, second = option.fontMetrics.height(), QFontMetrics(small).height()
        top = option.rect.top() + (option.rect.height() - first - second) // 2
        left, width = option.rect.left() + MARGIN, option.rect.width() - 2 * MARGIN
        painter.save()
        painter.setPen(option.palette.text().color())
        _write(painter, QRect(left, top, width, first), title)
        painter.setFont(small)
        painter.setPen(option.palette.placeholderText().color())
        _write(painter, QRect(left, top + first, width, second), index.data(SECOND_LINE_ROLE))
        painter.restore()


def _write(painter: QPainter, place: QRect, text: str) -> None:
    line = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
