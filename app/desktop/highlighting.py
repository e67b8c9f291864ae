"""Where a span of a page's text stands on the page, and in a text view."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF

from rag.types import Page, WordBox

LINE_OVERLAP = 0.6
"""Share of the smaller box's height that two boxes of one line have in common, at least."""
WORD_GAP = 1.0
"""Widest gap between words of one line that is marked too, in line heights."""

_WIDE = re.compile("[\U00010000-\U0010ffff]")


def boxes_of(page: Page, start: int, end: int) -> list[WordBox]:
    """Return the boxes of all words that ``page.text[start:end]`` touches, in text order."""
    return [box for box in page.boxes if box.start < end and start < box.end]


def join_boxes(boxes: Iterable[WordBox]) -> list[QRectF]:
    """Join boxes that follow each other on a line into one rectangle a run, in page points."""
    rects: list[QRectF] = []
    for box in boxes:
        rect = QRectF(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
        if rects and _is_same_line(rects[-1], rect):
            rects[-1] = rects[-1].united(rect)
        else:
            rects.append(rect)
    return rects


def find_wide(text: str) -> list[int]:
    """Return where characters stand that Qt counts twice, because UTF-16 has two units for them."""
    return [match.start() for match in _WIDE.finditer(text)]


def utf16_offset(wide: Sequence[int], offset: int) -> int:
    """Turn an offset in code points into one in UTF-16 units; ``wide`` is what :func:`find_wide` told."""
    return offset + bisect_left(wide, offset)


def _is_same_line(line: QRectF, word: QRectF) -> bool:
    overlap = min(line.bottom(), word.bottom()) - max(line.top(), word.top())
    gap = word.left() - line.right()
    height = min(line.height(), word.height())
    return overlap >= LINE_OVERLAP * height and -height < gap <= WORD_GAP * height
