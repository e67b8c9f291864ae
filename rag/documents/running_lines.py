"""Running heads, running feet and page numbers: lines repeated at the same place on several pages."""

import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from rag.documents.layout import Line, middle

_MARGIN_SHARE = 0.12
"""Running lines stand in the upper or lower eighth of a page."""
_SAME_PLACE = 4.0
"""Points by which their heights differ at most."""
_DIGITS = re.compile(r"\d+")


def find_running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[set[int]]:
    """Tell which lines repeat from page to page.

    Args:
        pages: the lines of each page.
        heights: of each page, in points.

    Returns:
        For each page the indices of its running lines. None where too little text would remain: then the
        repeated lines are what the document says.
    """
    places: dict[tuple[str, bool], list[tuple[int, int, float]]] = defaultdict(list)
    for number, (lines, height) in enumerate(zip(pages, heights, strict=True)):
        for index, line in enumerate(lines):
            at_top, at_bottom = line.y1 < height * _MARGIN_SHARE, line.y0 > height * (1 - _MARGIN_SHARE)
            if at_top or at_bottom:
                key = (_DIGITS.sub("#", line.text.lower()), at_top)
                places[key].append((number, index, middle(line)))
    needed = min(3, max(2, len(pages)))
    running: list[set[int]] = [set() for _ in pages]
    for found in places.values():
        usual = median(height for _, _, height in found)
        same = [(number, index) for number, index, height in found if abs(height - usual) <= _SAME_PLACE]
        if len({number for number, _ in same}) >= needed:
            for number, index in same:
                running[number].add(index)
    for lines, run in zip(pages, running, strict=True):
        run |= {index for index, line in enumerate(lines) if any(_is_beside(line, lines[i]) for i in run)}
    with_text = sum(bool(lines) for lines in pages)
    left_with_text = sum(len(lines) > len(run) for lines, run in zip(pages, running, strict=True))
    return running if left_with_text * 2 > with_text else [set() for _ in pages]


def _is_beside(line: Line, running: Line) -> bool:
    """Whether it stands at the height of a running line, as a section's name beside that of the book."""
    return abs(middle(line) - middle(running)) <= _SAME_PLACE / 2
