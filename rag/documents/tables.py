"""Takes tables out of a page: those with a grid, and those with horizontal rules only, as in journals."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from rag.documents.captions import match_label
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
_MAX_WRAP_GAP = 0.6
"""Of the height of letters: lines of one cell are nearer to each other."""


def take_tables(lines: list[Line], across: Sequence[Stroke], down: Sequence[Stroke]) -> list[Table]:
    """Find the tables among the lines of a page, and take their words out of the lines.

    Args:
        lines: of the page; changed.
        across: strokes that run across the page.
        down: strokes that run down the page.
    """
    tables = []
    grids = _read_grids(lines, find_grids(across, down))
    for table in chain(grids, _find_ruled_tables(lines, join_strokes(across))):
        _take_words(lines, table)  # at once: the next one is looked for among the lines that are left
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


def _take_words(lines: list[Line], table: Table) -> None:
    """Take the words of a table, told by identity, out of the lines."""
    taken = {id(word) for row in table.rows for cell in row for word in cell}
    rest = []
    for line in lines:
        words = [word for word in line.words if id(word) not in taken]
        if len(words) == len(line.words):
            rest.append(line)
        elif words:
            rest.append(replace(line, words=words))
    lines[:] = rest


def _find_ruled_tables(lines: Sequence[Line], rules: Sequence[Stroke]) -> Iterator[Table]:
    """Find tables between horizontal rules of the same width.

    The rules at a page's head and foot have the same width too; so between a table's rules there must be rows
    whose cells are mostly short, which columns of prose are not.
    """
    for stack in _stack(rules):
        bands: list[list[list[list[Word]]]] = []
        for upper, lower in pairwise(stack):
            band = _read_rows(lines, upper, lower)
            if len(band) > _MAX_HEADER_ROWS and not _is_tabular(band):
                yield from _make_ruled(bands)
                bands = []
            elif band := _leave_caption(band):
                bands.append(band)
        yield from _make_ruled(bands)


def _make_ruled(bands: Sequence[Sequence[list[list[Word]]]]) -> Iterator[Table]:
    """Make a table of bands between rules, if it is one; the first of several bands is the header."""
    rows = [row for band in bands for row in band]
    if _is_tabular(rows):
        header = len(bands[0]) if len(bands) > 1 else 1
        yield make_table(join_wrapped(_join_header(align_cells(rows), header)))


def _leave_caption(rows: list[list[list[Word]]]) -> list[list[list[Word]]]:
    """Return what follows a caption, and the lines of text under it, that stand between two rules."""
    if not rows or not match_label(" ".join(word.text for cell in rows[0] for word in cell)):
        return rows
    below = next((number for number, row in enumerate(rows) if number and len(row) > 1), len(rows))
    return rows[below:]


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
        and upper.at <= middle(line) < lower.at
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


def join_wrapped(rows: Sequence[list[list[Word]]]) -> list[list[list[Word]]]:
    """Join the lines of cells that are set in several: right below, they go on in lower case."""
    joined: list[list[list[Word]]] = []
    for row in rows:
        if joined and _goes_on(joined[-1], row):
            joined[-1] = [[*above, *below] for above, below in zip(joined[-1], row, strict=True)]
        else:
            joined.append(row)
    return joined


def _goes_on(above: Sequence[list[Word]], row: Sequence[list[Word]]) -> bool:
    cells = [(upper, lower) for upper, lower in zip(above, row, strict=True) if lower]
    height = max((word.y1 - word.y0 for cell in row for word in cell), default=0.0)
    return 0 < len(cells) < sum(map(bool, above)) and all(
        upper
        and _is_inner(lower[0].text)
        and lower[0].y0 - max(word.y1 for word in upper) < height * _MAX_WRAP_GAP
        for upper, lower in cells
    )


def _is_inner(word: str) -> bool:
    """Whether a word hardly begins a cell: "(SD)" or "disease", but not "eGFR"."""
    return word[0] == "(" or (word[0].islower() and word == word.lower())


def _join_header(rows: Sequence[list[list[Word]]], count: int) -> list[list[list[Word]]]:
    """Make one row of a header of several lines, unless a cell of it stands over several others."""
    header = rows[:count]
    if not 1 < count < len(rows) or any(_spans_several(a, b) for a, b in pairwise(header)):
        return list(rows)
    height = max(word.y1 - word.y0 for row in header for cell in row for word in cell)
    for above, below in pairwise(header):
        gap = min(word.y0 for c in below for word in c) - max(word.y1 for c in above for word in c)
        if gap > height * _MAX_WRAP_GAP:
            return list(rows)
    columns = zip(*header, strict=True)
    return [[[word for cell in column for word in cell] for column in columns], *rows[count:]]


def _spans_several(above: Sequence[list[Word]], below: Sequence[list[Word]]) -> bool:
    lower = [cell for cell in below if cell]
    return any(
        sum(cell[0].x0 < other[-1].x1 and other[0].x0 < cell[-1].x1 for other in lower) > 1
        for cell in above
        if cell
    )
