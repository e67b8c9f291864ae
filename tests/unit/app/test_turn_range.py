"""Which turns of a long conversation are shown."""

from hypothesis import given
from hypothesis import strategies as st

from app.desktop.turn_range import MOST, PAGE, TurnRange, earlier, last_page, later, page_around

COUNTS = st.integers(1, 500)


@given(COUNTS, st.data())
def test_a_page_holds_what_is_looked_for(count: int, data: st.DataObject) -> None:
    target = data.draw(st.integers(0, count - 1))
    shown = page_around(target, count)
    assert 0 <= shown.first <= target < shown.end <= count
    assert shown.size == min(PAGE, count)


@given(COUNTS)
def test_all_is_reached_from_the_end_and_back(count: int) -> None:
    shown = last_page(count)
    seen = set(range(*shown))
    while shown.first:
        before, shown = shown, earlier(shown)
        assert before.first in range(*shown)
        assert shown.size <= MOST
        seen |= set(range(*shown))
    assert seen == set(range(count))
    while shown.end < count:
        before, shown = shown, later(shown, count)
        assert before.end - 1 in range(*shown)
        assert shown.size <= MOST
    assert shown.end == count


def test_the_end_can_be_kept() -> None:
    assert earlier(TurnRange(20, 32), keeps_end=True) == TurnRange(20 - PAGE, 32)
