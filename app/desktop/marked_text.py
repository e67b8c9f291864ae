"""Text on one line whose parts carry marks: flags, or how long a run is copied."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

COLUMN_GAP = "\u2003"
"""Between the columns of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the text under the same marks."""

    text: str
    marks: frozenset[int]
    """Which of the spans cover it, by their place in the list."""


def split_marked(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Part, ...]:
    """Put a text on one line, as :func:`agents.citations.flatten` does, and cut it where spans begin and end.

    Args:
        text: as it is saved.
        spans: starts and ends in code points of ``text``; they may overlap.
    """
    characters = [
        (character, frozenset(n for n, (start, end) in enumerate(spans) if start <= place < end))
        for character, place in _flatten(text)
    ]
    return tuple(
        Part(text="".join(character for character, _ in group), marks=marks)
        for marks, group in groupby(characters, key=lambda pair: pair[1])
    )


def _flatten(text: str) -> list[tuple[str, int]]:
    """Return the characters of the line, each with its place in the text."""
    found: list[tuple[str, int]] = []
    begin = 0
    for cell in text.split("\t"):
        if begin:
            found.append((COLUMN_GAP, begin - 1))
        words = list(re.finditer(r"\S+", cell))
        for number, word in enumerate(words):
            if number:
                found.append((" ", begin + words[number - 1].end()))
            found += [(character, begin + word.start() + n) for n, character in enumerate(word.group())]
        begin += len(cell) + 1
    return found
