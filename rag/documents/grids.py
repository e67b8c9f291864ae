"""Finds tables with lines between their cells, and tells in which cell a point is."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

_NEAR = 3.0
"""Points by which lines may miss each other."""
_MIN_LINES = 3
"""In each direction: two rows and two columns."""
_MAX_LINES = 400
"""More, after pieces of one line are joined, are a drawing."""


class Stroke(NamedTuple):
    """A straight line that runs across or down the page; in points."""

    at: float
    """Its height when it runs across, its x when it runs down."""
    start: float
    end: float


Cell = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines that enclose cells. A merged cell is known by the first row and column it covers."""

    xs: list[float]
    ys: list[float]
    anchors: dict[Cell, Cell]

    @property
    def row_count(self) -> int:
        """Rows, also empty ones."""
        return len(self.ys) - 1

    @property
    def column_count(self) -> int:
        """Columns, also empty ones."""
        return len(self.xs) - 1

    def find_cell(self, x: float, y: float) -> Cell | None:
        """Return the cell that holds the point, or ``None`` outside the grid."""
        row, column = bisect(self.ys, y) - 1, bisect(self.xs, x) - 1
        return self.anchors.get((row, column))


def find_grids(across: Iterable[Stroke], down: Iterable[Stroke]) -> list[Grid]:
    """Find the grids that lines form which touch each other."""
    rows, columns = join_strokes(across), join_strokes(down)
    if not rows or not columns or len(rows) + len(columns) > _MAX_LINES:
        return []
    grids = []
    for some_rows, some_columns in _split_components(rows, columns):
        ys = _merge_near(
            [*(row.at for row in some_rows), *(end for line in some_columns for end in line[1:])]
        )
        xs = _merge_near(
            [*(line.at for line in some_columns), *(end for row in some_rows for end in row[1:])]
        )
        if len(xs) >= _MIN_LINES and len(ys) >= _MIN_LINES:
            grids.append(Grid(xs, ys, _anchor_cells(xs, ys, some_rows, some_columns)))
    return grids


def join_strokes(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Join strokes that lie on one line and touch: many programs draw one for each cell; sorted by ``at``."""
    joined: list[Stroke] = []
    for line in _group_lines(sorted(strokes)):
        for stroke in sorted(line, key=lambda stroke: stroke.start):
            last = joined[-1] if joined else None
            if last and last.at == line[0].at and stroke.start <= last.end + _NEAR:
                joined[-1] = last._replace(end=max(last.end, stroke.end))
            else:
                joined.append(stroke._replace(at=line[0].at))
    return joined


def _group_lines(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    lines: list[list[Stroke]] = []
    for stroke in strokes:
        if lines and stroke.at - lines[-1][0].at <= _NEAR / 2:
            lines[-1].append(stroke)
        else:
            lines.append([stroke])
    return lines


def _split_components(
    rows: Sequence[Stroke], columns: Sequence[Stroke]
) -> Iterable[tuple[list[Stroke], list[Stroke]]]:
    """Yield the lines that hang together."""
    unseen_rows, unseen_columns = set(rows), set(columns)
    while unseen_rows:
        found_rows, found_columns = [unseen_rows.pop()], list[Stroke]()
        for row in found_rows:  # grows while it is walked
            for column in [column for column in unseen_columns if _touch(row, column)]:
                unseen_columns.remove(column)
                found_columns.append(column)
                more = [other for other in unseen_rows if _touch(other, column)]
                unseen_rows.difference_update(more)
                found_rows.extend(more)
        yield found_rows, found_columns


def _touch(row: Stroke, column: Stroke) -> bool:
    return (
        row.start - _NEAR <= column.at <= row.end + _NEAR
        and column.start - _NEAR <= row.at <= column.end + _NEAR
    )


def _merge_near(values: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for value in sorted(values):
        if not merged or value - merged[-1] > 2 * _NEAR:
            merged.append(value)
    return merged


def _anchor_cells(
    xs: Sequence[float], ys: Sequence[float], rows: Sequence[Stroke], columns: Sequence[Stroke]
) -> dict[Cell, Cell]:
    """Give each place of the grid the cell it belongs to: the one before it when no line is between."""
    anchors: dict[Cell, Cell] = {}
    for i, (top, bottom) in enumerate(pairwise(ys)):
        for j, (left, right) in enumerate(pairwise(xs)):
            if j and not _is_drawn(columns, left, (top + bottom) / 2):
                anchors[i, j] = anchors[i, j - 1]
            elif i and not _is_drawn(rows, top, (left + right) / 2):
                anchors[i, j] = anchors[i - 1, j]
            else:
                anchors[i, j] = (i, j)
    return anchors


def _is_drawn(strokes: Sequence[Stroke], at: float, through: float) -> bool:
    return any(
        abs(stroke.at - at) <= 2 * _NEAR and stroke.start - _NEAR <= through <= stroke.end + _NEAR
        for stroke in strokes
    )
