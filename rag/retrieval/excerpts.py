"""The piece of a text that is shown of a hit: that with most words of the question."""

from collections.abc import Sequence

BEFORE = 60
"""Characters before the first word of the question, so that its sentence can be seen."""

Marks = tuple[tuple[int, int], ...]


def cut_excerpt(text: str, matches: Sequence[tuple[int, int]], *, length: int) -> tuple[str, Marks]:
    """Return the piece of a text that holds most matches, dots where it is cut, and the matches in it.

    Args:
        text: on one line.
        matches: where words of the question stand in it, ascending.
        length: of the piece, in characters, without the dots.
    """
    starts = [0, *(max(0, text.rfind(" ", 0, max(0, start - BEFORE)) + 1) for start, _ in matches)]
    start = max(starts, key=lambda start: (_count(matches, start, length), -start))
    end = len(text)
    if end - start > length:
        end = max(text.rfind(" ", start, start + length), start + length // 2)
    head, tail = "… " if start else "", " …" if end < len(text) else ""
    shift = len(head) - start
    marks = ((low + shift, high + shift) for low, high in matches if start <= low and high <= end)
    return f"{head}{text[start:end]}{tail}", tuple(marks)


def _count(matches: Sequence[tuple[int, int]], start: int, length: int) -> int:
    return sum(start <= low and high <= start + length for low, high in matches)
