"""Writes a conversation as PDF; its own process calls it, because PyMuPDF is not for threads."""

import io
from collections.abc import Iterator
from html import escape

import pymupdf

from agents.export.content import (
    CONFLICTS,
    FLAGGED,
    NEAREST,
    NOTE,
    SOURCES,
    ExportedConversation,
    ExportedSource,
    ExportedTurn,
)

_PAPER = pymupdf.paper_rect("a4")
_BODY = pymupdf.Rect(62, 62, _PAPER.x1 - 62, _PAPER.y1 - 76)
"""Points; the margin below holds the page's number."""
_STYLE = """
    body { margin: 0; font-family: sans-serif; font-size: 10.5pt; line-height: 1.4; }
    h1 { font-size: 17pt; margin: 0 0 4pt 0; }
    h2 { font-size: 12.5pt; margin: 18pt 0 2pt 0; }
    h3 { font-size: 9.5pt; margin: 8pt 0 2pt 0; }
    p { margin: 0 0 5pt 0; }
    p.small, li { font-size: 9pt; }
    p.small { color: #555555; }
    p.warning { font-weight: bold; color: #855100; }
    p.quote { font-size: 9pt; margin: 1pt 0 6pt 16pt; color: #333333; }
"""


def render_pdf(conversation: ExportedConversation) -> bytes:
    """Return the file. Chinese and other scripts take a font that MuPDF brings; only used glyphs are kept."""
    written = io.BytesIO()
    story = pymupdf.Story(html=render_html(conversation), user_css=_STYLE)
    writer = pymupdf.DocumentWriter(written)
    has_more = True
    while has_more:
        device = writer.begin_page(_PAPER)
        has_more, _ = story.place(_BODY)
        story.draw(device)
        writer.end_page()
    writer.close()
    return _finish(written.getvalue(), conversation.title)


def render_html(conversation: ExportedConversation) -> str:
    """Write the conversation as the HTML that is laid out; all texts are escaped."""
    parts = [
        f"<h1>{escape(conversation.title)}</h1>",
        f'<p class="small">{escape(conversation.details)}<br/>{escape(NOTE)}</p>',
    ]
    for number, turn in enumerate(conversation.turns, 1):
        parts += [f"<h2>{number}. {escape(turn.question)}</h2>", *_turn(turn)]
    return "".join(parts)


def _turn(turn: ExportedTurn) -> Iterator[str]:
    yield f'<p class="small">{escape(turn.details)}</p>'
    yield from (f'<p class="warning">{escape(warning)}</p>' for warning in turn.warnings)
    sentences = (
        escape(sentence.text) + "".join(f" [{number}]" for number in sentence.numbers)
        for sentence in turn.sentences
    )
    yield f"<p>{' '.join(sentences)}</p>"
    yield from _list(FLAGGED, turn.flags)
    yield from _list(CONFLICTS, turn.conflicts)
    if turn.sources:
        yield f"<h3>{SOURCES}</h3>"
        yield from map(_source, turn.sources)
    yield from _list(NEAREST, turn.nearest)


def _list(heading: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"<h3>{heading}</h3>"
        yield f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _source(source: ExportedSource) -> str:
    note = f" ({escape(source.note)})" if source.note else ""
    quote = f'<p class="quote">“{escape(source.quote)}”</p>' if source.quote else ""
    return f'<p class="small">[{source.number}] {escape(source.place)}{note}</p>{quote}'


def _finish(written: bytes, title: str) -> bytes:
    """Number the pages, leave out the glyphs that are not used, and name the document."""
    document = pymupdf.open("pdf", written)
    try:
        for page in document:
            place = pymupdf.Point(_BODY.x0, _PAPER.y1 - 44)
            page.insert_text(
                place, f"{page.number + 1} / {document.page_count}", fontsize=8, color=(0.35,) * 3
            )
        document.set_metadata({"title": title, "creator": "Bedside"})
        document.subset_fonts()
        return bytes(document.tobytes(garbage=4, deflate=True))
    finally:
        document.close()
