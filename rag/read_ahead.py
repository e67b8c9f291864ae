"""Does the first half of the next job while the caller does the second half of this one."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Generic, TypeVar

from rag.reading import Report
from rag.types import IngestStage

Outcome = TypeVar("Outcome")
Relay = Callable[[Report], Report]
"""Makes of a report one that another thread may tell: it is told from the caller's, in the job's turn."""
Job = Callable[[threading.Event, Relay], Outcome]
"""Takes what stops it and what relays its reports. It raises nothing that is the user's to know."""

_POLL_SECONDS = 0.1


def read_ahead(
    jobs: Sequence[Job[Outcome]], *, cancel: threading.Event, discard: Callable[[Outcome], None]
) -> Generator[Outcome, None, None]:
    """Do jobs one after another, in a thread of their own, at most one before its turn; yield in their order.

    Args:
        jobs: done by one thread.
        cancel: stops them; then no more is yielded.
        discard: is given what was done and is not yielded.
    """
    stop = _Linked(cancel)
    following: _Running[Outcome] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="bedside-reading") as thread:
        try:
            for number, job in enumerate(jobs):
                running = following or _Running(thread, job, stop)
                following = running  # not forgotten, should telling of it raise
                outcome = running.wait()
                following = None
                if cancel.is_set():
                    discard(outcome)
                    return
                if number + 1 < len(jobs):
                    following = _Running(thread, jobs[number + 1], stop)
                yield outcome
        finally:
            stop.set()
            if following is not None:
                discard(following.result())


class _Running(Generic[Outcome]):
    """A job in its thread, with what it reported so far."""

    def __init__(self, thread: ThreadPoolExecutor, job: Job[Outcome], stop: threading.Event) -> None:
        self._told: SimpleQueue[tuple[Report, IngestStage, float]] = SimpleQueue()
        self._future: Future[Outcome] = thread.submit(job, stop, self._relay)

    def wait(self) -> Outcome:
        is_done = False
        while not is_done:
            is_done = bool(wait([self._future], timeout=_POLL_SECONDS).done)
            self._forward()
        return self._future.result()

    def result(self) -> Outcome:
        return self._future.result()

    def _relay(self, report: Report) -> Report:
        return lambda stage, fraction: self._told.put((report, stage, fraction))

    def _forward(self) -> None:
        """Tell the last of each stage: a book that was read ahead has told of thousands of pages."""
        latest: dict[tuple[Report, IngestStage], float] = {}
        while not self._told.empty():
            report, stage, fraction = self._told.get()
            latest[report, stage] = fraction
        for (report, stage), fraction in latest.items():
            report(stage, fraction)


class _Linked(threading.Event):
    """Is set when it was set itself or another event was."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()
