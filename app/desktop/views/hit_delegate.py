"""Draws a hit of a search: where it stands, how well it fits, and the passage."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from app.desktop.models.hits import FIT_ROLE, SNIPPET_ROLE
from app.desktop.snippets import Snippet
from app.desktop.theme import Theme
from app.desktop.views.rich_text_delegate import Index, RichTextDelegate
from app.desktop.wording import describe_place

MARGIN = 12
BAR = QSize(64, 6)
"""Of how well a hit fits."""


class HitDelegate(RichTextDelegate):
    """Words of the question are marked in the passage, other names of what it names too."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """``parent`` is the list, whose width the hits fill."""
        super().__init__(
            theme,
            parent,
            render=lambda index: render_hit(index.data(SNIPPET_ROLE), theme.tokens),
            margin=MARGIN,
            inner=4,
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw background, text, bar."""
        super().paint(painter, option, index)
        self._draw_fit(painter, option.rect, index.data(FIT_ROLE))

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


def render_hit(snippet: Snippet, tokens: dict[str, str]) -> str:
    """Write a hit as rich text; everything of the document is escaped."""
    hit = snippet.hit
    place = escape(describe_place(hit.document.title, hit.page, hit.document.year))
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
