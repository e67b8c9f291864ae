"""Draws a part of a document: headings and page, first words, and why it is left out."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.fonts import make_font
from app.desktop.models.chunks import CHUNK_ROLE, PAGE_ROLE, describe_standing, first_words
from app.desktop.theme import Theme
from rag.types import Chunk

MARGIN, LINE_GAP = 12, 3
LINES = 3
"""Every row is as high, so that thousands need not be measured."""


class ChunkDelegate(QStyledItemDelegate):
    """Paints without laying out a text document: the list may be scrolled through quickly."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """``parent`` is the list."""
        super().__init__(parent)
        self._theme = theme
        self._base, self._small = make_font(), make_font("small")
        self._line = QFontMetrics(self._base).height() + LINE_GAP

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of every row."""
        return QSize(0, LINES * self._line + MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the ground, then the lines."""
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.save()
        area = option.rect.adjusted(MARGIN, MARGIN // 2, -MARGIN, -MARGIN // 2)
        self._draw(painter, area, index.data(CHUNK_ROLE), index.data(PAGE_ROLE))
        painter.restore()

    def _draw(self, painter: QPainter, area: QRect, chunk: Chunk, page: int | None) -> None:
        head = QRect(area.left(), area.top(), area.width(), self._line)
        if page is not None:
            number = self.tr("p. {page}").format(page=page)
            width = QFontMetrics(self._small).horizontalAdvance(number)
            self._write(painter, head, number, self._small, "muted", Qt.AlignmentFlag.AlignRight)
            head.setRight(head.right() - width - MARGIN)
        headings = " › ".join(chunk.heading_path)
        self._write(painter, head, headings, self._small, "muted", elide=Qt.TextElideMode.ElideLeft)
        standing = describe_standing(chunk)
        text = first_words(chunk)
        first = head.translated(0, self._line)
        first.setWidth(area.width())
        second = first.translated(0, self._line)
        if standing:
            color = "success" if chunk.is_restored else "warning"
            self._write(painter, first, text, self._base, "text" if chunk.is_restored else "muted")
            self._write(painter, second, standing, self._small, color)
        else:
            cut = _fit(text, QFontMetrics(self._base), area.width())
            self._write(painter, first, text[:cut].rstrip(), self._base, "text")
            self._write(painter, second, text[cut:].lstrip(), self._base, "text")

    def _write(
        self,
        painter: QPainter,
        line: QRect,
        text: str,
        font: QFont,
        color: str,
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        shown = QFontMetrics(font).elidedText(text, elide, line.width())
        painter.drawText(line, alignment | Qt.AlignmentFlag.AlignVCenter, shown)


def _fit(text: str, metrics: QFontMetrics, width: int) -> int:
    """Return how many characters fit on a line, up to the end of a word."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if metrics.horizontalAdvance(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low if low == len(text) else (text.rfind(" ", 0, low + 1) + 1 or low)
