"""From a span of text to marks on a page."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from app.desktop.highlighting import boxes_of, find_wide, join_boxes, utf16_offset
from rag.types import Page, WordBox


def lay_out(text: str, words_a_line: int) -> Page:
    """Set the words of a text in lines, ten points a character and twenty a line."""
    boxes, position = [], 0
    for number, word in enumerate(text.split(" ")):
        line, place = divmod(number, words_a_line)
        x = 30.0 * place
        boxes.append(
            WordBox(
                start=position, end=position + len(word), x0=x, y0=20.0 * line, x1=x + 25, y1=20.0 * line + 12
            )
        )
        position += len(word) + 1
    return Page(index=0, number=1, text=text, width=400, height=400, boxes=tuple(boxes))


def test_only_words_that_the_span_touches_are_marked() -> None:
    page = lay_out("one two three four", 10)
    start = page.text.index("two")
    end = page.text.index("three") + len("three")
    assert [page.text[box.start : box.end] for box in boxes_of(page, start, end)] == ["two", "three"]
    assert boxes_of(page, 3, 4) == []


def test_words_of_a_line_are_one_mark_and_lines_are_apart() -> None:
    page = lay_out("one two three four", 2)
    assert join_boxes(page.boxes) == [QRectF(0, 0, 55, 12), QRectF(0, 20, 55, 12)]


def test_columns_are_not_joined() -> None:
    boxes = [
        WordBox(start=0, end=1, x0=0, y0=0, x1=20, y1=10),
        WordBox(start=2, end=3, x0=200, y0=0, x1=220, y1=10),
    ]
    assert len(join_boxes(boxes)) == 2


@given(st.text(), st.integers(min_value=0))
def test_offsets_for_qt_count_utf16(text: str, place: int) -> None:
    offset = place % (len(text) + 1)
    units = len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
    assert utf16_offset(find_wide(text), offset) == units
