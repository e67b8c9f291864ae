"""Passages as the model sees them: found chunks with their sentences numbered through."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import SearchHit


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that the model may choose: ``hit.chunk.text[start:end]``."""

    number: int
    """From 1, through all passages of the prompt."""
    hit: SearchHit
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence, exactly as it stands in the chunk."""
        return self.hit.chunk.text[self.start : self.end]


_CAPTION = re.compile(r"(?:Table|Figure|Fig\.?|Box)\s+\d+\s*[.:|]", re.IGNORECASE)


def number_sentences(hits: Sequence[SearchHit]) -> tuple[Candidate, ...]:
    """Number the sentences of the hits from 1, in the order of the hits and of their texts.

    Captions and lines that end in a colon are passed over: they announce something, and answer nothing.
    """
    places = [
        (hit, start, end)
        for hit in hits
        for start, end in hit.chunk.sentences
        if not _CAPTION.match(hit.chunk.text, start) and hit.chunk.text[end - 1] not in ":："
    ]
    return tuple(
        Candidate(number=number, hit=hit, start=start, end=end)
        for number, (hit, start, end) in enumerate(places, 1)
    )


def render_passages(candidates: Sequence[Candidate]) -> str:
    """Write the passages out: a line with title and headings, then a numbered line for each sentence."""
    lines: list[str] = []
    shown = None
    for candidate in candidates:
        if candidate.hit.chunk.id != shown:
            shown = candidate.hit.chunk.id
            lines.append(("\n" if lines else "") + describe_source(candidate.hit))
        lines.append(f"{candidate.number}. {' '.join(candidate.text.split())}")
    return "\n".join(lines)


def describe_source(hit: SearchHit) -> str:
    """Name a hit's document and headings in one line."""
    return " > ".join((hit.document.title, *hit.chunk.heading_path))
