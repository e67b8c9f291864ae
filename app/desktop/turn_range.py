"""Which turns of a long conversation are built: laying out a column takes as long as it is."""

from typing import NamedTuple

PAGE = 6
"""Turns that are shown at first, and more at a time."""
MOST = 12
"""Turns that are shown at once."""
BEFORE = 2
"""Turns above one that is looked for."""


class TurnRange(NamedTuple):
    """Positions in a conversation: ``first`` is shown, ``end`` is not."""

    first: int
    end: int

    @property
    def size(self) -> int:
        """How many are shown."""
        return self.end - self.first


def last_page(count: int) -> TurnRange:
    """Return the end of a conversation of ``count`` turns."""
    return TurnRange(max(0, count - PAGE), count)


def page_around(target: int, count: int) -> TurnRange:
    """Return a page with a turn near its top."""
    first = max(0, min(target - BEFORE, count - PAGE))
    return TurnRange(first, min(count, first + PAGE))


def earlier(shown: TurnRange, *, keeps_end: bool = False) -> TurnRange:
    """Return what is shown with a page more above; the end gives way, unless it is kept."""
    first = max(0, shown.first - PAGE)
    return TurnRange(first, shown.end if keeps_end else min(shown.end, first + MOST))


def later(shown: TurnRange, count: int) -> TurnRange:
    """Return what is shown with a page more below; the beginning gives way."""
    end = min(count, shown.end + PAGE)
    return TurnRange(max(shown.first, end - MOST), end)
