"""Takes tables out of a page: those with a grid, and those with horizontal rules only, as in journals."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.documents.grids import Grid, Stroke, find_grids, join_strokes
from rag.documents.layout import Line, Table, Word, middle

_MIN_RULE_WIDTH = 80.0
_SAME_EDGE = 6.0
"""Points by which the ends of a table's rules differ at most."""
_MIN_ROWS = 2
_MAX_HEADER_ROWS = 3
_MAX_CELL_WORDS = 5
_MAX_GRID_CELL_WORDS = 200
_MIN_SHORT_SHARE = 0.7


def take_tables(lines: list[Line], across: Sequence[Stroke], down: Sequence[Stroke]) -> list[Table]:
    """Find the tables among the lines of a page, and take their words out of the lines.

    Args:
        lines: of the page; changed.
        across: strokes that run across the page.
        down: strokes that run down the page.
    """
    tables = []
    for table in [
        *_read_grids(lines, find_grids(across, down)),
        *_find_ruled_tables(lines, join_strokes(across)),
    ]:
        taken = {id(word) for row in table.rows for cell in row for word in cell}
        if _take_words(lines, taken) == len(taken):
            tables.append(table)
    return tables


def _read_grids(lines: Sequence[Line], grids: Sequence[Grid]) -> Iterator[Table]:
    """Make tables of the words in the cells of grids; a frame around text is none."""
    for grid in grids:
        rows: list[list[list[Word]]] = [[[] for _ in range(grid.column_count)] for _ in range(grid.row_count)]
        for line in lines:
            for word in line.words:
                if cell := grid.find_cell((word.x0 + word.x1) / 2, middle(word)):
                    rows[cell[0]][cell[1]].append(word)
        filled = [cell for row in rows for cell in row if cell]
        used = [row for row in rows if any(row)]
        if (
            len(used) >= _MIN_ROWS
            and len(filled) > len(used) + 1
            and max(map(len, filled)) <= _MAX_GRID_CELL_WORDS
        ):
            yield make_table(used)


def _take_words(lines: list[Line], taken: Container[int]) -> int:
    """Take words, told by identity, out of the lines; return how many there were."""
    rest, count = [], 0
    for line in lines:
        words = [word for word in line.words if id(word) not in taken]
        count += len(line.words) - len(words)
        if len(words) == len(line.words):
            rest.append(line)
        elif words:
            rest.append(replace(line, words=words))
    lines[:] = rest
    return count


def _find_ruled_tables(lines: Sequence[Line], rules: Sequence[Stroke]) -> Iterator[Table]:
    """Find tables between horizontal rules of the same width.

    The rules at a page's head and foot have the same width too; so between a table's rules there must be rows
    whose cells are mostly short, which columns of prose are not.
    """
    for stack in _stack(rules):
        rows: list[list[list[Word]]] = []
        for upper, lower in pairwise(stack):
            between = _read_rows(lines, upper, lower)
            if len(between) > _MAX_HEADER_ROWS and not _is_tabular(between):
                if _is_tabular(rows):
                    yield make_table(align_cells(rows))
                rows = []
            else:
                rows.extend(between)
        if _is_tabular(rows):
            yield make_table(align_cells(rows))


def _stack(rules: Sequence[Stroke]) -> list[list[Stroke]]:
    """Group rules that begin and end at the same x, from top to bottom."""
    stacks: list[list[Stroke]] = []
    for rule in rules:
        if rule.end - rule.start < _MIN_RULE_WIDTH:
            continue
        for stack in stacks:
            if abs(stack[0].start - rule.start) < _SAME_EDGE and abs(stack[0].end - rule.end) < _SAME_EDGE:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return stacks


def _read_rows(lines: Sequence[Line], upper: Stroke, lower: Stroke) -> list[list[list[Word]]]:
    inside = [
        line
        for line in lines
        if upper.start - _SAME_EDGE <= line.x0
        and line.x1 <= upper.end + _SAME_EDGE
        and upper.at - 1 < middle(line) < lower.at + 1
    ]
    return [split_cells(row) for row in group_rows(inside)]


def make_table(rows: Sequence[Sequence[list[Word]]]) -> Table:
    """Make a table of cells of words."""
    words = [word for row in rows for cell in row for word in cell]
    return Table(
        rows=[list(row) for row in rows],
        x0=min(word.x0 for word in words),
        y0=min(word.y0 for word in words),
        x1=max(word.x1 for word in words),
        y1=max(word.y1 for word in words),
    )


def group_rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Group lines that stand beside each other; rows from top to bottom, lines from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=middle):
        if rows and _is_beside(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def _is_beside(row: Sequence[Line], line: Line) -> bool:
    y0, y1 = min(other.y0 for other in row), max(other.y1 for other in row)
    shared = min(y1, line.y1) - max(y0, line.y0)
    if shared < 0.5 * min(y1 - y0, line.y1 - line.y0):
        return False
    return all(line.x0 >= other.x1 - line.size / 3 or line.x1 <= other.x0 + line.size / 3 for other in row)


def split_cells(row: Sequence[Line]) -> list[list[Word]]:
    """Split a row into cells at gaps wider than a word space."""
    cells: list[list[Word]] = []
    for line in row:
        for word in line.words:
            if cells and word.x0 - cells[-1][-1].x1 < line.size * 0.7:
                cells[-1].append(word)
            else:
                cells.append([word])
    return cells


def _is_tabular(rows: Sequence[Sequence[Sequence[Word]]]) -> bool:
    several = [row for row in rows if len(row) > 1]
    if len(rows) < _MIN_ROWS or len(several) < max(_MIN_ROWS, len(rows) / 3):
        return False
    cells = [cell for row in several for cell in row[1:]]
    return sum(len(cell) <= _MAX_CELL_WORDS for cell in cells) >= _MIN_SHORT_SHARE * len(cells)


def align_cells(rows: Sequence[Sequence[list[Word]]]) -> list[list[list[Word]]]:
    """Put each cell into the column it stands in, with empty cells where a row has none."""
    columns = _find_columns(rows)
    aligned = []
    for row in rows:
        places: list[list[Word]] = [[] for _ in columns]
        column = 0
        for cell in row:
            x0, x1 = cell[0].x0, cell[-1].x1
            column = max(range(column, len(columns)), key=lambda i: _overlap(columns[i], x0, x1))
            places[column].extend(cell)
        aligned.append(places)
    return aligned


def _overlap(column: tuple[float, float], x0: float, x1: float) -> float:
    """Return the shared width; where there is none, the distance as a negative number."""
    return min(column[1], x1) - max(column[0], x0)


def _find_columns(rows: Sequence[Sequence[list[Word]]]) -> list[tuple[float, float]]:
    """Return the stretches of x that more than a sixth of the rows cover."""
    several = [row for row in rows if len(row) > 1] or rows
    ends = sorted(
        end
        for row in several
        for cell in row
        for end in ((cell[0].x0, 1), (max(cell[-1].x1, cell[0].x0), -1))
    )
    columns: list[tuple[float, float]] = []
    depth, start = 0, 0.0
    for x, change in ends:
        was_inside = depth > len(several) / 6
        depth += change
        is_inside = depth > len(several) / 6
        if is_inside and not was_inside:
            start = x
        elif was_inside and not is_inside:
            columns.append((start, x))
    return columns or [(ends[0][0], ends[-1][0])]
