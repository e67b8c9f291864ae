"""Running heads, running feet and page numbers: lines repeated at the same place on several pages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from rag.documents.captions import match_label
from rag.documents.grids import Stroke
from rag.documents.layout import Line, middle

_MARGIN_SHARE = 0.12
"""Running lines stand in the upper or lower eighth of a page."""
_SAME_PLACE = 4.0
"""Points by which their heights differ at most."""
_FRAME = 0.9
"""Of the page's height: longer strokes down are those of a frame."""
_DIGITS = re.compile(r"\d+")


def find_running_lines(
    pages: Sequence[Sequence[Line]], heights: Sequence[float], columns: Sequence[Sequence[Stroke]]
) -> list[set[int]]:
    """Tell which lines repeat from page to page.

    Args:
        pages: the lines of each page.
        heights: of each page, in points.
        columns: the strokes that run down each page: forms repeat the header of their table on every page.

    Returns:
        For each page the indices of its running lines. None where too little text would remain: then the
        repeated lines are what the document says.
    """
    places: dict[tuple[str, bool], list[tuple[int, int, float]]] = defaultdict(list)
    page_numbers: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, index, line, at_top in _find_marginal(pages, heights, columns):
        places[_DIGITS.sub("#", line.text.lower()), at_top].append((number, index, middle(line)))
        if line.text.isdecimal():  # a first page often has its number at another place
            page_numbers[int(line.text) - number].append((number, index))
    groups = list(page_numbers.values())
    for found in places.values():
        usual = median(height for _, _, height in found)
        groups.append([(page, index) for page, index, height in found if abs(height - usual) <= _SAME_PLACE])
    needed = min(3, max(2, len(pages)))
    running: list[set[int]] = [set() for _ in pages]
    for group in groups:
        if len({number for number, _ in group}) >= needed:
            for number, index in group:
                running[number].add(index)
    for lines, run in zip(pages, running, strict=True):
        run |= {index for index, line in enumerate(lines) if any(_is_beside(line, lines[i]) for i in run)}
    with_text = sum(bool(lines) for lines in pages)
    left_with_text = sum(len(lines) > len(run) for lines, run in zip(pages, running, strict=True))
    return running if left_with_text * 2 > with_text else [set() for _ in pages]


def _find_marginal(
    pages: Sequence[Sequence[Line]], heights: Sequence[float], columns: Sequence[Sequence[Stroke]]
) -> Iterator[tuple[int, int, Line, bool]]:
    """Yield page, index, line, and whether it is at the top, of lines in the margins but those of tables."""
    for number, (lines, height, strokes) in enumerate(zip(pages, heights, columns, strict=True)):
        top, bottom = height * _MARGIN_SHARE, height * (1 - _MARGIN_SHARE)
        # A table reaches into the page; a box around a running head does not, and a frame goes all around.
        sides = [s for s in strokes if s.start < bottom and s.end > top and s.end - s.start < _FRAME * height]
        for index, line in enumerate(lines):
            is_marginal = line.y1 < top or line.y0 > bottom
            if is_marginal and not match_label(line.text) and not _is_between(line, sides):
                yield number, index, line, line.y1 < top


def _is_between(line: Line, sides: Sequence[Stroke]) -> bool:
    beside = [side.at for side in sides if side.start < middle(line) < side.end]
    return any(x <= line.x0 for x in beside) and any(line.x1 <= x for x in beside)


def _is_beside(line: Line, running: Line) -> bool:
    """Whether it stands at the height of a running line, as a section's name beside that of the book."""
    return abs(middle(line) - middle(running)) <= _SAME_PLACE / 2
