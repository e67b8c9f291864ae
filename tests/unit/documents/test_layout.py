"""Reading order on bare lines, and grids of bare strokes."""

from hypothesis import given
from hypothesis import strategies as st

from rag.documents.frame import Frame
from rag.documents.grids import Stroke, find_grids
from rag.documents.layout import Line, Style, Word, arrange


def line(text: str, x: float, y: float, width: float) -> Line:
    """Make a line of one word that stands for many."""
    style = Style(size=10, font="f", is_bold=False, starts_bold=False, ends_bold=False)
    return Line([Word(text, x, y, x + width, y + 10)], style, (x, y + 8))


def column(name: str, x: float, ys: range, width: float) -> list[Line]:
    return [line(f"{name} {y:03} " + "prose " * 6, x, y, width) for y in ys]


def order(lines: list[Line]) -> list[str]:
    return [item.text.split()[0] for part in arrange(lines) for item in part]


def test_three_columns_are_read_from_left_to_right() -> None:
    ys = range(100, 400, 12)
    lines = column("c", 400, ys, 160) + column("a", 40, ys, 160) + column("b", 220, ys, 160)
    assert order(lines) == ["a"] * 25 + ["b"] * 25 + ["c"] * 25


def test_a_full_width_line_cuts_the_page_into_bands() -> None:
    upper, lower = range(100, 200, 12), range(300, 400, 12)
    lines = [
        *column("c", 40, lower, 240),
        *column("d", 300, lower, 240),
        *column("m", 40, range(220, 240, 12), 500),
        *column("a", 40, upper, 240),
        *column("b", 300, upper, 240),
    ]
    assert order(lines) == ["a"] * 9 + ["b"] * 9 + ["m"] * 2 + ["c"] * 9 + ["d"] * 9


def test_short_cells_side_by_side_are_read_row_by_row() -> None:
    lines = [line(f"{name}{y}", x, y, 40) for y in range(100, 200, 12) for name, x in (("a", 40), ("b", 300))]
    assert order(lines) == [f"{name}{y}" for y in range(100, 200, 12) for name in "ab"]


LINES = st.lists(
    st.builds(
        line,
        st.text("ab ", min_size=1, max_size=60).map(lambda text: text.strip() or "a"),
        st.integers(0, 500),
        st.integers(0, 800),
        st.integers(1, 500),
    ),
    max_size=60,
)


@given(LINES)
def test_arranging_loses_and_doubles_nothing(lines: list[Line]) -> None:
    arranged = [item for part in arrange(lines) for item in part]
    assert sorted(map(id, arranged)) == sorted(map(id, lines))


@given(st.integers(0, 3), *[st.floats(0, 500) for _ in range(4)])
def test_a_frame_turns_boxes_back(turn: int, x0: float, y0: float, x1: float, y1: float) -> None:
    frame = Frame(turn, 500, 700)
    there_and_back = frame.to_page(frame.from_page((x0, y0, x1, y1)))
    assert all(abs(one - other) < 1e-9 for one, other in zip(there_and_back, (x0, y0, x1, y1), strict=True))


def test_a_merged_cell_is_known_by_its_first_place() -> None:
    across = [Stroke(y, 0, 300) for y in (0, 20, 40)]
    down = [Stroke(0, 0, 40), Stroke(300, 0, 40), Stroke(100, 20, 40), Stroke(200, 0, 40)]
    [grid] = find_grids(across, down)
    assert grid.find_cell(150, 10) == grid.find_cell(50, 10) == (0, 0)
    assert grid.find_cell(250, 10) == (0, 2)
    assert grid.find_cell(150, 30) == (1, 1)
    assert grid.find_cell(150, 60) is None


def test_lines_drawn_cell_by_cell_make_one_grid_and_two_tables_two() -> None:
    across = [Stroke(y, x, x + 50) for y in (0, 20, 40) for x in (0, 50, 200, 250)]
    down = [Stroke(x, y, y + 20) for y in (0, 20) for x in (0, 50, 100, 200, 250, 300)]
    grids = find_grids(across, down)
    assert sorted(grid.xs for grid in grids) == [[0, 50, 100], [200, 250, 300]]


def test_a_frame_around_text_is_no_grid() -> None:
    assert find_grids([Stroke(0, 0, 100), Stroke(50, 0, 100)], [Stroke(0, 0, 50), Stroke(100, 0, 50)]) == []
