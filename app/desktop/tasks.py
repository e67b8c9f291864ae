"""Work off the GUI thread: named executors, a cancel token for each task, delivery on the GUI thread.

Views never start threads. They start a task with its callbacks; those are called on the GUI thread, in order,
and not at all once their owner is gone. A worker's thread never holds an owner or a callback, so that no
widget can come to its end there.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any, Literal

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.errors import known_errors

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 0.01
"""How long callbacks may keep the GUI thread before other events get their turn."""
DRAIN_MILLISECONDS = 1
"""Between two such turns. Posted anew, the next one would come before any key or click."""


class Worker(StrEnum):
    """The executors: of the chat model, of what writes the index, of exams, of downloads, of short work."""

    LLM = "llm"
    INDEX = "index"
    EXAM = "exam"
    NETWORK = "network"
    IO = "io"


THREADS = {Worker.LLM: 1, Worker.INDEX: 1, Worker.EXAM: 1, Worker.NETWORK: 3, Worker.IO: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What is called on the GUI thread. ``on_end`` comes last, however the task ended."""

    on_done: Callable[[Any], None] | None = None
    on_event: Callable[[Any], None] | None = None
    on_error: Callable[[str], None] | None = None
    """With one sentence for the user; without it the sentence goes to :attr:`Tasks.failed`."""
    on_end: Callable[[], None] | None = None


Kind = Literal["on_done", "on_event", "on_error", "on_end"]
"""Which of the callbacks is meant."""


class Task:
    """One piece of work. ``cancel`` may be set and ``tell`` called from any thread."""

    def __init__(self, post: "Callable[[Task, Kind, object], None]") -> None:
        """``post`` brings what is told to the GUI thread."""
        self.cancel = threading.Event()
        self._post = post

    def tell(self, event: object) -> None:
        """Pass an event on to the GUI thread."""
        self._post(self, "on_event", event)

    def stop(self) -> None:
        """Ask the work to end soon."""
        self.cancel.set()


@dataclass(frozen=True, slots=True)
class _Recipient:
    """To whom a task's results go. Known to the GUI thread only."""

    owner: QObject
    callbacks: Callbacks


class Tasks(QObject):
    """Starts work and brings its results home."""

    failed = Signal(str)
    """A task without an error callback failed; one sentence for the user."""
    _posted = Signal()

    def __init__(self, report_bug: Callable[[BaseException], str], parent: QObject | None = None) -> None:
        """``report_bug`` keeps an unexpected error and returns a sentence about it."""
        super().__init__(parent)
        self._report_bug = report_bug
        self._executors = {
            worker: ThreadPoolExecutor(count, thread_name_prefix=f"bedside-{worker}")
            for worker, count in THREADS.items()
        }
        self._deliveries: deque[tuple[Task, Kind, tuple[object, ...]]] = deque()
        self._running: dict[Task, _Recipient] = {}
        self._waiting: list[Callable[[], object]] | None = None
        """What begins the work that was started while all work is held back; else ``None``."""
        self._is_closed = False
        self._drains = QTimer(self, singleShot=True, interval=DRAIN_MILLISECONDS)
        self._drains.timeout.connect(self._drain)
        self._posted.connect(self._drain_soon, Qt.ConnectionType.QueuedConnection)

    def start(
        self, worker: Worker, work: Callable[[Task], Any], *, owner: QObject, callbacks: Callbacks
    ) -> Task:
        """Run ``work`` on an executor, unless closed; callbacks are called while ``owner`` lives."""
        task = Task(self._post)
        if self._is_closed:  # widgets get their last events, as of a resize, after the tasks' end
            task.stop()
            return task
        self._running[task] = _Recipient(owner, callbacks)

        def submit() -> None:
            self._executors[worker].submit(self._run, task, work)

        if self._waiting is None:
            submit()
        else:
            self._waiting.append(submit)
        return task

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Begin nothing while the context lasts; what is started meanwhile begins at its end, in order.

        For the short time in which the GUI thread builds much: a worker that imports modules, as the first
        work of a page does, keeps Python's lock from it for many milliseconds at a time.
        """
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            if not self._is_closed:
                for submit in waiting:
                    submit()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits for delivery."""
        return not self._running and not self._deliveries

    def close(self) -> None:
        """Ask everything to stop and wait for it; what was not begun is dropped, nothing is delivered."""
        self._is_closed = True
        for task in list(self._running):
            task.stop()
        for executor in self._executors.values():
            executor.shutdown(wait=True, cancel_futures=True)
        self._deliveries.clear()
        self._running.clear()

    def _run(self, task: Task, work: Callable[[Task], Any]) -> None:
        try:
            result = work(task)
        except known_errors() as e:
            if not task.cancel.is_set():
                self._post(task, "on_error", str(e))
        except Exception as e:  # noqa: BLE001 - the task runner: a bug becomes a report, not a lost thread
            self._post(task, "on_error", self._report_bug(e))
        else:
            self._post(task, "on_done", result)
        finally:
            self._post(task, "on_end")

    def _post(self, task: Task, kind: Kind, *arguments: object) -> None:
        self._deliveries.append((task, kind, arguments))
        self._posted.emit()

    def _drain_soon(self) -> None:
        if not self._drains.isActive():
            self._drains.start()

    def _drain(self) -> None:
        end = perf_counter() + DRAIN_SECONDS
        while self._deliveries and perf_counter() < end:
            self._deliver(*self._deliveries.popleft())
        if self._deliveries:
            self._drains.start()

    def _deliver(self, task: Task, kind: Kind, arguments: tuple[object, ...]) -> None:
        recipient = self._running.get(task)
        if recipient is None:  # told after its end, or while everything is closed
            return
        callback = getattr(recipient.callbacks, kind)
        if callback is None and kind == "on_error":
            callback = self.failed.emit
        try:
            if callback is not None and shiboken6.isValid(recipient.owner):
                callback(*arguments)
        finally:
            if kind == "on_end":
                self._running.pop(task, None)
