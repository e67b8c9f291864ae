"""Writes a conversation as a Word file."""

import io
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.shared import Pt, RGBColor

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

_MUTED = RGBColor(0x55, 0x55, 0x55)


def render_docx(conversation: ExportedConversation) -> bytes:
    """Return the file: headings, lists and quotes are Word's own styles."""
    document = docx.Document()
    document.core_properties.title = conversation.title
    document.core_properties.author = "Bedside"
    document.core_properties.comments = NOTE
    document.add_heading(conversation.title, level=1)
    _add_small(document, conversation.details)
    _add_small(document, NOTE)
    for number, turn in enumerate(conversation.turns, 1):
        document.add_heading(f"{number}. {turn.question}", level=2)
        _add_turn(document, turn)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add_turn(document: Document, turn: ExportedTurn) -> None:
    _add_small(document, turn.details)
    for warning in turn.warnings:
        document.add_paragraph().add_run(warning).bold = True
    document.add_paragraph(
        " ".join(
            sentence.text + "".join(f" [{number}]" for number in sentence.numbers)
            for sentence in turn.sentences
        )
    )
    _add_list(document, FLAGGED, turn.flags)
    _add_list(document, CONFLICTS, turn.conflicts)
    if turn.sources:
        document.add_heading(SOURCES, level=3)
        for source in turn.sources:
            _add_source(document, source)
    _add_list(document, NEAREST, turn.nearest)


def _add_source(document: Document, source: ExportedSource) -> None:
    note = f" ({source.note})" if source.note else ""
    document.add_paragraph(f"[{source.number}] {source.place}{note}")
    if source.quote:
        document.add_paragraph(source.quote, style="Intense Quote")


def _add_list(document: Document, heading: str, lines: Sequence[str]) -> None:
    if lines:
        document.add_heading(heading, level=3)
    for line in lines:
        document.add_paragraph(line, style="List Bullet")


def _add_small(document: Document, text: str) -> None:
    run = document.add_paragraph().add_run(text)
    run.font.size = Pt(9)
    run.font.color.rgb = _MUTED
