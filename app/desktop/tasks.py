"""Work off the GUI thread: named executors, a cancel token for each task, delivery on the GUI thread.

Views never start threads. They start a task with its callbacks; those are called on the GUI thread, in order,
and not at all once their owner is gone.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.errors import known_errors

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 0.01
"""How long callbacks may keep the GUI thread before other events get their turn."""
DRAIN_MILLISECONDS = 1
"""Between two such turns. Posted anew, the next one would come before any key or click."""


class Worker(StrEnum):
    """The executors: of the chat model, of what writes the index, of downloads, and of everything short."""

    LLM = "llm"
    INDEX = "index"
    NETWORK = "network"
    IO = "io"


THREADS = {Worker.LLM: 1, Worker.INDEX: 1, Worker.NETWORK: 3, Worker.IO: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What is called on the GUI thread. ``on_end`` comes last, however the task ended."""

    on_done: Callable[[Any], None] | None = None
    on_event: Callable[[Any], None] | None = None
    on_error: Callable[[str], None] | None = None
    """With one sentence for the user; without it the sentence goes to :attr:`Tasks.failed`."""
    on_end: Callable[[], None] | None = None


class Task:
    """One piece of work. ``cancel`` may be set and ``tell`` called from any thread."""

    def __init__(self, tell: Callable[[Any], None]) -> None:
        """``tell`` passes an event on to the GUI thread."""
        self.cancel = threading.Event()
        self.tell = tell

    def stop(self) -> None:
        """Ask the work to end soon."""
        self.cancel.set()


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
        self._deliveries: deque[Callable[[], None]] = deque()
        self._running: set[Task] = set()
        self._is_closed = False
        self._drains = QTimer(self, singleShot=True, interval=DRAIN_MILLISECONDS)
        self._drains.timeout.connect(self._drain)
        self._posted.connect(self._drain_soon, Qt.ConnectionType.QueuedConnection)

    def start(
        self, worker: Worker, work: Callable[[Task], Any], *, owner: QObject, callbacks: Callbacks
    ) -> Task:
        """Run ``work`` on an executor, unless closed; callbacks are called while ``owner`` lives."""

        def deliver(callback: Callable[..., None] | None, *arguments: object) -> None:
            if callback is not None:
                self._post(lambda: callback(*arguments) if shiboken6.isValid(owner) else None)

        task = Task(lambda event: deliver(callbacks.on_event, event))
        if self._is_closed:  # widgets get their last events, as of a resize, after the tasks' end
            task.stop()
            return task
        self._running.add(task)

        def run() -> None:
            try:
                result = work(task)
            except known_errors() as e:
                if not task.cancel.is_set():
                    deliver(callbacks.on_error or self.failed.emit, str(e))
            except Exception as e:  # noqa: BLE001 - the task runner: a bug becomes a report, not a lost thread
                deliver(callbacks.on_error or self.failed.emit, self._report_bug(e))
            else:
                deliver(callbacks.on_done, result)
            finally:
                deliver(callbacks.on_end)
                self._post(lambda: self._running.discard(task))

        self._executors[worker].submit(run)
        return task

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

    def _post(self, delivery: Callable[[], None]) -> None:
        self._deliveries.append(delivery)
        self._posted.emit()

    def _drain_soon(self) -> None:
        if not self._drains.isActive():
            self._drains.start()

    def _drain(self) -> None:
        end = perf_counter() + DRAIN_SECONDS
        while self._deliveries and perf_counter() < end:
            self._deliveries.popleft()()
        if self._deliveries:
            self._drains.start()
