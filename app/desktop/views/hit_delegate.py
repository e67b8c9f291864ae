"""Draws a hit of a search: where it stands, how well it fits, and the passage."""

import re
from html import escape

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.answer_text import flatten
from app.desktop.models.hits import HIT_ROLE
from app.desktop.theme import Theme
from app.desktop.wording import describe_place
from rag.types import SearchHit

SNIPPET = 320
"""Characters of a passage that are shown."""
MARGIN = 12


class HitDelegate(QStyledItemDelegate):
    """Words of the query are bold in the passage."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """``parent`` is the list, whose width the hits fill."""
        super().__init__(parent)
        self._theme = theme
        self._list = parent
        self.query = ""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw background, then text."""
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        document = self._lay_out(index, option.rect.width())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, self._theme.color("text"))
        painter.save()
        painter.translate(option.rect.left() + MARGIN, option.rect.top() + MARGIN // 2)
        document.documentLayout().draw(painter, context)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as the text at the list's width."""
        width = self._list.viewport().width()
        return QSize(width, int(self._lay_out(index, width).size().height()) + MARGIN)

    def _lay_out(self, index: QModelIndex | QPersistentModelIndex, width: int) -> QTextDocument:
        document = QTextDocument()
        document.setDefaultFont(self._list.font())
        document.setDocumentMargin(4)
        document.setTextWidth(width - 2 * MARGIN)
        document.setHtml(render_hit(index.data(HIT_ROLE), self.query, self._theme.tokens))
        return document


def render_hit(hit: SearchHit, query: str, tokens: dict[str, str]) -> str:
    """Write a hit as rich text; everything of the document is escaped."""
    place = escape(describe_place(hit.document.title, hit.page))
    headings = [heading for heading in hit.chunk.heading_path if heading != hit.document.title]
    heading = escape(" › ".join(headings))
    figures = f"similarity {hit.similarity:.2f}, score {hit.score:.4f}"
    text = flatten(hit.chunk.text)
    snippet = embolden(shorten(text), query)
    small = f"color:{tokens['muted']}; font-size:{tokens['font_small']}"
    return (
        f'<table width="100%" cellspacing="0" cellpadding="0"><tr><td><b>{place}</b></td>'
        f'<td align="right" style="{small}">{figures}</td></tr></table>'
        + (f'<div style="{small}">{heading}</div>' if heading else "")
        + f'<div style="line-height:135%">{snippet}</div>'
    )


def shorten(text: str) -> str:
    """Cut a long passage at a word."""
    return text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + " …"


def embolden(text: str, query: str) -> str:
    """Escape a text and make the words of the query bold in it."""
    words = sorted({re.escape(word) for word in re.findall(r"\w{3,}", query)}, key=len, reverse=True)
    if not words:
        return escape(text)
    pieces = re.split(rf"\b({'|'.join(words)})", text, flags=re.IGNORECASE)
    return "".join(
        f"<b>{escape(piece)}</b>" if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )
