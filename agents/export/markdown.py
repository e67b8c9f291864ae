"""Writes a conversation as Markdown (CommonMark)."""

import re
from collections.abc import Iterator

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

_SYNTAX = re.compile(r"([\\`*_\[\]<>&~|#$])")
_LIST = re.compile(r"^(\d*)([-+=.)])")
"""What makes a list, or a heading of the line before, where a line begins with it."""
_ADDRESS = re.compile(r"(?i)(:(?=//)|(?<=www)\.)")
"""What many programs take for a link without any markup."""


def render_markdown(conversation: ExportedConversation) -> str:
    """Return the text of the file; nothing of what was asked, answered or quoted acts as markup."""
    blocks = [f"# {escape(conversation.title)}", f"*{escape(conversation.details)}*", f"*{escape(NOTE)}*"]
    for number, turn in enumerate(conversation.turns, 1):
        blocks += [f"## {number}. {escape(turn.question)}", *_turn(turn)]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Write plain text, on one line, so that it is shown as it is: no markup, no HTML, no link."""
    escaped = _LIST.sub(r"\1\\\2", _SYNTAX.sub(r"\\\1", text))
    return _ADDRESS.sub(r"\\\1", escaped)


def _turn(turn: ExportedTurn) -> Iterator[str]:
    yield f"*{escape(turn.details)}*"
    yield from (f"**{escape(warning)}**" for warning in turn.warnings)
    yield " ".join(
        escape(sentence.text) + "".join(rf" \[{number}\]" for number in sentence.numbers)
        for sentence in turn.sentences
    )
    yield from _list(FLAGGED, turn.flags)
    yield from _list(CONFLICTS, turn.conflicts)
    if turn.sources:
        yield f"**{SOURCES}**"
        yield "\n".join(map(_source, turn.sources))
    yield from _list(NEAREST, turn.nearest)


def _list(heading: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"**{heading}**"
        yield "\n".join(f"- {escape(line)}" for line in lines)


def _source(source: ExportedSource) -> str:
    head = f"{source.number}. {escape(source.place)}"
    indent = " " * len(f"{source.number}. ")
    quote = f"\n\n{indent}> {escape(source.quote)}\n" if source.quote else ""
    return head + (f" ({escape(source.note)})" if source.note else "") + quote
