"""Draws a hit of a search: where it stands, how well it fits, and the passage."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.models.hits import FIT_ROLE, SNIPPET_ROLE
from app.desktop.snippets import Snippet
from app.desktop.theme import Theme
from app.desktop.wording import describe_place

MARGIN = 12
BAR = QSize(64, 6)
"""Of how well a hit fits."""


class HitDelegate(QStyledItemDelegate):
    """Words of the question are marked in the passage, other names of what it names too."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """``parent`` is the list, whose width the hits fill."""
        super().__init__(parent)
        self._theme = theme
        self._list = parent

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw background, text, bar."""
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
        self._draw_fit(painter, option.rect, index.data(FIT_ROLE))

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as the text at the list's width."""
        width = self._list.viewport().width()
        return QSize(width, int(self._lay_out(index, width).size().height()) + MARGIN)

    def _draw_fit(self, painter: QPainter, row: QRect, fit: float) -> None:
        line = self._list.fontMetrics().height()
        left = row.right() - MARGIN - BAR.width() - 4
        bar = QRectF(left, row.top() + MARGIN // 2 + 4 + (line - BAR.height()) / 2, BAR.width(), BAR.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for width, color in ((BAR.width(), "border"), (max(fit * BAR.width(), BAR.height()), "accent")):
            bar.setWidth(width)
            painter.setBrush(self._theme.color(color))
            painter.drawRoundedRect(bar, BAR.height() / 2, BAR.height() / 2)
        painter.restore()

    def _lay_out(self, index: QModelIndex | QPersistentModelIndex, width: int) -> QTextDocument:
        document = QTextDocument()
        document.setDefaultFont(self._list.font())
        document.setDocumentMargin(4)
        document.setTextWidth(width - 2 * MARGIN)
        document.setHtml(render_hit(index.data(SNIPPET_ROLE), self._theme.tokens))
        return document


def render_hit(snippet: Snippet, tokens: dict[str, str]) -> str:
    """Write a hit as rich text; everything of the document is escaped."""
    hit = snippet.hit
    place = escape(describe_place(hit.document.title, hit.page))
    headings = [heading for heading in hit.chunk.heading_path if heading != hit.document.title]
    heading = escape(" › ".join([*([str(hit.document.year)] if hit.document.year else []), *headings]))
    small = f"color:{tokens['muted']}; font-size:{tokens['font_small']}"
    passage = mark(snippet.text, snippet.marks, f"background-color:{tokens['accent_soft']}; font-weight:600")
    return (
        f'<table width="100%" cellspacing="0" cellpadding="0"><tr><td><b>{place}</b></td>'
        f'<td width="{BAR.width() + 2 * MARGIN}"></td></tr></table>'
        + (f'<div style="{small}">{heading}</div>' if heading else "")
        + f'<div style="margin-top:3px; line-height:135%">{passage}</div>'
    )


def mark(text: str, marks: Sequence[tuple[int, int]], style: str) -> str:
    """Escape a text and give some spans of it a style."""
    pieces, position = [], 0
    for start, end in marks:
        pieces.append(escape(text[position:start]))
        pieces.append(f'<span style="{style}">{escape(text[start:end])}</span>')
        position = end
    return "".join([*pieces, escape(text[position:])])
