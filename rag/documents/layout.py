"""Reading order: finds columns among the lines of a page, and the bands that full-width lines cut them into.

Coordinates are those of the frame: points, y downwards, turned so that the main text runs to the right.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Protocol, TypeVar

from rag.documents.captions import match_label

_MIN_COLUMN_LETTERS = 20.0
"""A row of prose is longer; rows of a table's column are mostly shorter."""
_MIN_COLUMN_ROWS = 3
_MAX_ALIGNED_SHARE = 0.6
_MIN_OVERLAP_SHARE = 0.8
_MAX_LABEL_GAP = 4.0
"""Font sizes between the label of a caption and the words beside it."""
_SAME_BASE = 0.3
_MAX_NOTE_GAP = 1.5
"""Heights of a note's line between it and its table."""


@dataclass(slots=True)
class Word:
    """One word and its box."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set."""

    size: float
    """Font size in points, of most of the line."""
    font: str
    """Empty where the line mixes fonts."""
    is_bold: bool
    """All of it."""
    starts_bold: bool
    ends_bold: bool


@dataclass(slots=True)
class Line:
    """Words on one base line, as the PDF holds them: a row of a table may be several lines."""

    words: list[Word]
    style: Style
    origin: tuple[float, float]
    """Where its first letter stands on the base line."""
    turn: int = 0
    """Writing direction, as in :class:`rag.documents.frame.Frame`."""
    x0: float = field(init=False)
    y0: float = field(init=False)
    x1: float = field(init=False)
    y1: float = field(init=False)

    def __post_init__(self) -> None:
        """Take the box from the words."""
        self.x0 = min(word.x0 for word in self.words)
        self.y0 = min(word.y0 for word in self.words)
        self.x1 = max(word.x1 for word in self.words)
        self.y1 = max(word.y1 for word in self.words)

    @property
    def size(self) -> float:
        """Font size in points."""
        return self.style.size

    @property
    def base(self) -> float:
        """Height of the base line: unlike the box, indices and odd fonts do not move it."""
        return self.origin[1]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(word.text for word in self.words)


@dataclass(slots=True)
class Table:
    """Rows of cells of words; one thing to the reading order."""

    rows: list[list[list[Word]]]
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def text(self) -> str:
        """The words, for measuring."""
        return " ".join(word.text for row in self.rows for cell in row for word in cell)


@dataclass(frozen=True, slots=True)
class Separator:
    """A line drawn across the page: what is above it is read first."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def text(self) -> str:
        """Nothing."""
        return ""


class Boxed(Protocol):
    """What has a place on the page."""

    @property
    def x0(self) -> float:
        """Left."""
        ...

    @property
    def y0(self) -> float:
        """Top."""
        ...

    @property
    def x1(self) -> float:
        """Right."""
        ...

    @property
    def y1(self) -> float:
        """Bottom."""
        ...

    @property
    def text(self) -> str:
        """What stands there."""
        ...


B = TypeVar("B", bound=Boxed)


def middle(box: Boxed) -> float:
    """Return the height of the box's centre."""
    return (box.y0 + box.y1) / 2


def join_labels(lines: Iterable[Line]) -> list[Line]:
    """Join each label that is a line of its own with the line beside it: no column edge is to part them."""
    ordered = sorted(lines, key=lambda line: (line.base, line.x0))
    labels = [line for line in ordered if _is_label(line)]
    for label in labels:
        beside = [
            line
            for line in ordered
            if line is not label
            and line.turn == label.turn
            and abs(line.base - label.base) < _SAME_BASE * label.size
            and 0 < line.x0 - label.x1 < _MAX_LABEL_GAP * label.size
        ]
        if beside:
            nearest = min(beside, key=lambda line: line.x0)
            ordered.remove(label)
            ordered[ordered.index(nearest)] = _join(label, nearest)
    return ordered


def _is_label(line: Line) -> bool:
    found = match_label(line.text)
    return found is not None and found.end() == len(line.text)


def _join(label: Line, text: Line) -> Line:
    style = replace(
        text.style,
        font=text.style.font if text.style.font == label.style.font else "",
        is_bold=text.style.is_bold and label.style.is_bold,
        starts_bold=label.style.starts_bold,
    )
    return replace(text, words=[*label.words, *text.words], style=style, origin=label.origin)


def arrange(items: Sequence[B]) -> list[list[B]]:
    """Return the page's columns in reading order, each from top to bottom.

    Where two columns stand side by side, lines that cross the gutter (titles, abstracts, wide tables) cut the
    page into bands; within a band the left column is read before the right one, which may be columns again.
    """
    gutter = _find_gutter(items)
    if gutter is None:
        return [sorted(items, key=lambda item: (middle(item), item.x0))] if items else []
    left, right, crossing = _part(items, gutter, _em(items))
    _adopt_narrow_lines(left, right, crossing)
    crossing.sort(key=middle)
    heights = [middle(item) for item in crossing]
    columns: list[list[B]] = []
    is_across = False
    for number in range(len(crossing) + 1):
        for side in (left, right):
            band = [item for item in side if bisect(heights, middle(item)) == number]
            columns.extend(arrange(band))
            is_across = is_across and not band
        if is_across:
            columns[-1].extend(crossing[number : number + 1])
        elif number < len(crossing):
            columns.append([crossing[number]])
            is_across = True
    return columns


def _em(items: Iterable[Boxed]) -> float:
    return median(item.y1 - item.y0 for item in items)


def _find_gutter(items: Sequence[B]) -> float | None:
    """Return the left edge of the leftmost column that has another one on its left, or ``None``."""
    if len(items) < 2 * _MIN_COLUMN_ROWS:
        return None
    em = _em(items)
    edges = Counter(round(item.x0) for item in items)
    overlaps: dict[int, float] = {}
    for edge in sorted(edges):
        if edges[edge - 1] + edges[edge] + edges[edge + 1] < _MIN_COLUMN_ROWS:
            continue
        left, right, _ = _part(items, edge, em)
        if min(len(left), len(right)) < _MIN_COLUMN_ROWS:
            continue
        overlap = _side_by_side(left, right)
        if overlap > _MIN_COLUMN_ROWS * em and _are_columns(left, right, em):
            overlaps[edge] = overlap
    # Other edges (the text behind the numbers of a list) stand beside nearly as much, so the first counts.
    enough = max(overlaps.values(), default=0.0) * _MIN_OVERLAP_SHARE
    return next((float(edge) for edge, overlap in overlaps.items() if overlap >= enough), None)


def _part(items: Sequence[B], edge: float, em: float) -> tuple[list[B], list[B], list[B]]:
    """Part into left of the edge, right of it, and across it; half an em over it is only ragged."""
    left: list[B] = []
    right: list[B] = []
    crossing: list[B] = []
    for item in items:
        if item.x0 >= edge - em / 2:
            right.append(item)
        elif item.x1 <= edge + em / 2:
            left.append(item)
        else:
            crossing.append(item)
    return left, right, crossing


def _side_by_side(left: Sequence[Boxed], right: Sequence[Boxed]) -> float:
    """Return over which height both sides have text."""
    return sum(
        max(0.0, min(a1, b1) - max(a0, b0))
        for a0, a1 in _merge_heights(left)
        for b0, b1 in _merge_heights(right)
    )


def _merge_heights(items: Sequence[Boxed]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for y0, y1 in sorted((item.y0, item.y1) for item in items):
        if merged and y0 <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(y1, merged[-1][1]))
        else:
            merged.append((y0, y1))
    return merged


def _are_columns(left: Sequence[Boxed], right: Sequence[Boxed], em: float) -> bool:
    """Tell prose columns from a table's: their rows are long, or stand at heights of their own."""
    left, right = _facing(left, right), _facing(right, left)
    left_rows, right_rows = _row_heights(left, em), _row_heights(right, em)
    if min(len(left_rows), len(right_rows)) < _MIN_COLUMN_ROWS:
        return False
    density = min(
        sum(map(_count_letters, side)) / len(rows) for side, rows in ((left, left_rows), (right, right_rows))
    )
    if density >= _MIN_COLUMN_LETTERS:
        return True
    few, many = sorted((left_rows, right_rows), key=len)
    aligned = sum(any(abs(row - other) < em / 5 for other in many) for row in few)
    return density >= _MIN_COLUMN_LETTERS / 2 and aligned < _MAX_ALIGNED_SHARE * len(few)


def _count_letters(item: Boxed) -> int:
    return sum(character.isalpha() for character in item.text)


def _facing(items: Sequence[Boxed], others: Sequence[Boxed]) -> list[Boxed]:
    heights = _merge_heights(others)
    return [item for item in items if any(y0 < middle(item) < y1 for y0, y1 in heights)]


def _row_heights(items: Sequence[Boxed], em: float) -> list[float]:
    heights: list[float] = []
    for height in sorted(middle(item) for item in items):
        if not heights or height - heights[-1] > em / 2:
            heights.append(height)
    return heights


def _adopt_narrow_lines(left: list[B], right: list[B], crossing: list[B]) -> None:
    """Move from the left column what belongs to full-width lines or tables: last lines, labels and notes."""
    for item in sorted(left, key=middle):
        if any(other.y0 < middle(item) < other.y1 for other in right):
            continue
        if any(_ends(above, item) or _ends(item, above) for above in crossing):
            left.remove(item)
            crossing.append(item)


def _ends(above: Boxed, item: Boxed) -> bool:
    """Whether the lower of two is the last line, the text under a caption's first line, or a table's note."""
    height = item.y1 - item.y0
    gap = item.y0 - above.y1
    if isinstance(above, Table):
        return above.x0 - height < item.x0 and -height < gap < height * _MAX_NOTE_GAP
    is_below = -height < gap < height * 0.6
    if match_label(above.text):
        return is_below and item.x0 > above.x0 - 2
    return is_below and abs(item.x0 - above.x0) < 2 and abs((above.y1 - above.y0) - height) < height * 0.1
