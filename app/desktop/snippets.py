"""What is shown of a passage that was found: the piece with most words of the question, and its marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.desktop.answer_text import flatten

if TYPE_CHECKING:
    from rag.library import Library
    from rag.types import SearchHit, SearchResult

LENGTH = 320
"""Characters of a passage that are shown."""
BEFORE = 60
"""Characters before the first word of the question, so that its sentence can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A hit and a piece of its text; ``text[start:end]`` of each mark is a word of the question."""

    hit: "SearchHit"
    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, best first."""

    snippets: tuple[Snippet, ...]
    seconds: float


def cut_snippets(library: "Library", result: "SearchResult") -> Found:
    """Cut a piece out of each hit of a search."""
    texts = [flatten(hit.chunk.text) for hit in result.hits]
    matches = library.find_matches(result.query, texts)
    snippets = (
        Snippet(hit=hit, text=shown, marks=marks)
        for hit, (shown, marks) in zip(result.hits, map(cut, texts, matches), strict=True)
    )
    return Found(snippets=tuple(snippets), seconds=result.seconds)


def cut(text: str, matches: Sequence[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the piece of a text that holds most matches, dots where it is cut, and the matches in it."""
    starts = [0, *(max(0, text.rfind(" ", 0, max(0, start - BEFORE)) + 1) for start, _ in matches)]
    start = max(starts, key=lambda start: (_count(matches, start), -start))
    end = len(text)
    if end - start > LENGTH:
        end = max(text.rfind(" ", start, start + LENGTH), start + LENGTH // 2)
    head, tail = "… " if start else "", " …" if end < len(text) else ""
    shift = len(head) - start
    marks = ((low + shift, high + shift) for low, high in matches if start <= low and high <= end)
    return f"{head}{text[start:end]}{tail}", tuple(marks)


def _count(matches: Sequence[tuple[int, int]], start: int) -> int:
    return sum(start <= low and high <= start + LENGTH for low, high in matches)
