"""What is shown of a passage that was found: the piece with most words of the question, and its marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.desktop.answer_text import flatten
from rag.retrieval.excerpts import Marks, cut_excerpt

if TYPE_CHECKING:
    from rag.library import Library
    from rag.types import SearchHit, SearchResult

LENGTH = 320
"""Characters of a passage that are shown."""


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


def cut(text: str, matches: Sequence[tuple[int, int]]) -> tuple[str, Marks]:
    """Return the piece of a passage that is shown, and the matches in it."""
    return cut_excerpt(text, matches, length=LENGTH)
