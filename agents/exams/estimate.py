"""How long what waits in the queue will take, from how long such runs took on this machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.exams.queue import QueueEntry, QueueState
from agents.exams.records import RunSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the items of one run took."""

    model: str
    settings: RunSettings
    items: int
    seconds: float
    """Of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEstimate:
    """The time that the waiting runs will take."""

    seconds: float
    """Of those whose time can be told."""
    unknown: int
    """Runs unlike any that was made."""


def estimate_queue(
    entries: Sequence[QueueEntry], paces: Iterable[Pace], *, done: Mapping[int, int], model: str
) -> QueueEstimate:
    """Estimate how long all that waits will take.

    An item is taken to need what an item needed in runs of the same model that were answered from the same
    thing, by the same method, read in the same way and in as many orders.

    Args:
        entries: of the queue.
        paces: of runs that were made, also in part.
        done: items that were asked already, by the number of the entry.
        model: of entries that name none.
    """
    sums: dict[tuple[object, ...], tuple[int, float]] = {}
    for pace in paces:
        items, seconds = sums.get(key := _kind(pace.model, pace.settings), (0, 0.0))
        sums[key] = (items + pace.items, seconds + pace.seconds)
    total, unknown = 0.0, 0
    for entry in entries:
        if entry.state is not QueueState.WAITING:
            continue
        items, seconds = sums.get(_kind(entry.model or model, entry.settings), (0, 0.0))
        if not items or entry.total is None:
            unknown += 1
        else:
            total += seconds / items * max(entry.total - done.get(entry.number, 0), 0)
    return QueueEstimate(seconds=total, unknown=unknown)


def _kind(model: str, settings: RunSettings) -> tuple[object, ...]:
    return model, settings.arm, settings.method, settings.scoring, settings.orders
