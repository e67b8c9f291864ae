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

    by_run: dict[int, float]
    """Seconds of each run whose time can be told, by the number of its entry."""
    waiting: int
    """Runs that wait, the present one included."""

    @property
    def seconds(self) -> float:
        """Of all runs whose time can be told."""
        return sum(self.by_run.values(), 0.0)

    @property
    def unknown(self) -> int:
        """Runs unlike any that was made."""
        return self.waiting - len(self.by_run)

    def with_present(self, number: int, seconds: float) -> "QueueEstimate":
        """Return the estimate with what the run that is made now says of itself."""
        return QueueEstimate(by_run=self.by_run | {number: seconds}, waiting=self.waiting)


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
    waiting = [entry for entry in entries if entry.state is QueueState.WAITING]
    by_run: dict[int, float] = {}
    for entry in waiting:
        items, seconds = sums.get(_kind(entry.model or model, entry.settings), (0, 0.0))
        if items and entry.total is not None:
            left = max(entry.total - done.get(entry.number, 0), 0)
            by_run[entry.number] = seconds / items * left
    return QueueEstimate(by_run=by_run, waiting=len(waiting))


def _kind(model: str, settings: RunSettings) -> tuple[object, ...]:
    return model, settings.arm, settings.method, settings.scoring, settings.orders
