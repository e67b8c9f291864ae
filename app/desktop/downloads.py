"""A model that is on its way to this machine: how far it is, how fast, and how long it will take."""

from collections import deque

from app.desktop.tasks import Task

SPEED_SECONDS = 5.0
"""The speed is that of so many last seconds."""


class Download:
    """A download that runs. Times are seconds of any one clock."""

    def __init__(self, task: Task, *, title: str, done: int, total: int) -> None:
        """``done`` and ``total`` in bytes; nothing has come yet."""
        self.title = title
        self.done = done
        self.total = total
        self.is_ended = False
        """Whether it ended, whichever way; it is shown until the models folder was read again."""
        self._task = task
        self._notes: deque[tuple[float, int]] = deque()

    @property
    def is_pausing(self) -> bool:
        """Whether it was asked to pause and has not ended yet."""
        return self._task.cancel.is_set()

    @property
    def fraction(self) -> float:
        """The share that is here, from 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def speed(self) -> float | None:
        """Bytes a second, ``None`` until it can be told."""
        if len(self._notes) < 2:
            return None
        (start, first), (end, last) = self._notes[0], self._notes[-1]
        return (last - first) / (end - start) if end > start and last > first else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this speed, ``None`` until it can be told."""
        return (self.total - self.done) / self.speed if self.speed else None

    def note(self, done: int, total: int, now: float) -> None:
        """Take down what is here by now."""
        self.done, self.total = done, total
        self._notes.append((now, done))
        while len(self._notes) > 2 and self._notes[1][0] <= now - SPEED_SECONDS:
            self._notes.popleft()

    def pause(self) -> None:
        """Ask it to end soon; what is here stays."""
        self._task.stop()
