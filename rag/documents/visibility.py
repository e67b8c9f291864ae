"""Tells text that a reader sees from text that is hidden: white, tiny, transparent, covered, off the page.

Hidden text is how instructions are smuggled into documents. What colours and boxes alone cannot decide (white
letters on a photograph, a highlighter's mark over black ones) is doubtful, and the rendered page decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from rag.documents.frame import Corners

_MIN_FONT_SIZE = 2.0
"""Points; smaller text cannot be read by a human and is not meant to be."""
_MAX_FAINT_ALPHA = 25
_MIN_OPAQUE_ALPHA = 230
_FILLED, _STROKED, _CLIPPED = 16, 32, 64
"""Bits of MuPDF's character flags; clipped letters let a picture through."""
_WHITE = 0xFFFFFF
_SAME_COLOUR = 24
"""Of 255: two colours with no larger difference in any channel are hard to tell apart."""
_MIN_FILL_SIDE = 4.0
_MAX_FILLS = 500
"""Beyond it a page is a drawing, and its fills are not compared with its text."""


class Sight(Enum):
    """Whether a piece of text can be seen."""

    SEEN = "seen"
    HIDDEN = "hidden"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Fill:
    """An opaque area in one colour."""

    order: int
    """Later things are painted over earlier ones."""
    box: Corners
    colour: int


def collect_fills(blocks: Sequence[dict[str, Any]]) -> list[Fill]:
    """Return the opaque boxes among a page's blocks, which are in painting order."""
    fills = [
        Fill(order, block["bbox"], block["color"])
        for order, block in enumerate(blocks)
        if block["type"] == 3
        and block["isrect"]
        and not block["stroked"]
        and block["alpha"] >= _MIN_OPAQUE_ALPHA
        and block["bbox"][2] - block["bbox"][0] > _MIN_FILL_SIDE
        and block["bbox"][3] - block["bbox"][1] > _MIN_FILL_SIDE
    ]
    return fills if len(fills) <= _MAX_FILLS else []


def judge_span(
    span: dict[str, Any], *, order: int, fills: Sequence[Fill], page: Corners, is_scan: bool
) -> Sight:
    """Tell whether a span of text is seen.

    Args:
        span: as MuPDF describes it.
        order: of its block among all blocks of the page.
        fills: of the page.
        page: what is shown of it, in the coordinates of the span.
        is_scan: whether a picture fills the page; letters that are not drawn are then its recognised text.
    """
    if span["size"] < _MIN_FONT_SIZE or not _is_on(span["bbox"], page):
        return Sight.HIDDEN
    if span["alpha"] <= _MAX_FAINT_ALPHA:
        is_drawn = span["char_flags"] & (_FILLED | _STROKED)
        is_clip = span["char_flags"] & _CLIPPED
        return Sight.SEEN if is_clip or (is_scan and not is_drawn) else Sight.HIDDEN
    background = _WHITE
    for fill in fills:
        if _holds(fill.box, span["bbox"]):
            if fill.order > order:
                return Sight.DOUBTFUL
            background = fill.colour
    return Sight.DOUBTFUL if _are_alike(span["color"], background) else Sight.SEEN


def has_contrast(samples: bytes) -> bool:
    """Tell whether grey values of a rendered piece of the page differ enough for letters to be read."""
    return len(samples) > 0 and max(samples) - min(samples) > _SAME_COLOUR


def _is_on(box: Corners, page: Corners) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return page[0] <= x <= page[2] and page[1] <= y <= page[3]


def _holds(outer: Corners, inner: Corners) -> bool:
    """Whether a fill holds the middle half of a span's height and all but an edge of its width."""
    y0, y1 = inner[1] + (inner[3] - inner[1]) / 4, inner[3] - (inner[3] - inner[1]) / 4
    return outer[0] <= inner[0] + 1 and inner[2] - 1 <= outer[2] and outer[1] <= y0 and y1 <= outer[3]


def _are_alike(one: int, other: int) -> bool:
    return all(abs((one >> shift & 255) - (other >> shift & 255)) <= _SAME_COLOUR for shift in (0, 8, 16))
