"""Does the first half of the next job while the caller does the second half of this one."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Generic, TypeVar

from rag.reading import Report
from rag.types import IngestStage

Outcome = TypeVar("Outcome")
Job = Callable[[threading.Event, Report], Outcome]
"""Takes what stops it and what it reports to. It raises nothing that is the user's to know."""

_POLL_SECONDS = 0.1


def read_ahead(
    jobs: Sequence[Job[Outcome]],
    *,
    cancel: threading.Event,
    reports: Sequence[Report],
    discard: Callable[[Outcome], None],
) -> Generator[Outcome, None, None]:
    """Do jobs one after another, in a thread of their own, at most one before its turn; yield in their order.

    Args:
        jobs: done by one thread.
        cancel: stops them; then no more is yielded.
        reports: one for each job; told from the caller's thread, and only when it is the job's turn.
        discard: is given what was done and is not yielded.
    """
    stop = _Linked(cancel)
    following: _Running[Outcome] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="bedside-reading") as thread:
        try:
            for number, report in enumerate(reports):
                running = following or _Running(thread, jobs[number], stop)
                following = running  # not forgotten, should telling of it raise
                outcome = running.wait(report)
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
        self._told: SimpleQueue[tuple[IngestStage, float]] = SimpleQueue()
        self._future: Future[Outcome] = thread.submit(
            job, stop, lambda stage, fraction: self._told.put((stage, fraction))
        )

    def wait(self, report: Report) -> Outcome:
        is_done = False
        while not is_done:
            is_done = bool(wait([self._future], timeout=_POLL_SECONDS).done)
            self._forward(report)
        return self._future.result()

    def result(self) -> Outcome:
        return self._future.result()

    def _forward(self, report: Report) -> None:
        """Tell the last of each stage: a book that was read ahead has told of thousands of pages."""
        latest: dict[IngestStage, float] = {}
        while not self._told.empty():
            stage, fraction = self._told.get()
            latest[stage] = fraction
        for stage, fraction in latest.items():
            report(stage, fraction)


class _Linked(threading.Event):
    """Is set when it was set itself or another event was."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()
