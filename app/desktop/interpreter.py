"""Keeps Python's lock and its garbage collector from stopping, or breaking, the window's thread."""

import gc
import sys
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

SWITCH_SECONDS = 0.0001
"""How long a thread keeps Python's lock from those that wait for it. The window's thread gives it back with
every call of Qt, so it waits some hundred times while a page is built; Python's own value is 5 ms."""
COLLECT_MILLISECONDS = 200
"""Between two looks at what has been made since the last collection."""
FREEZE_SECONDS = 0.02
"""What a full collection may take; what it has found to live is not looked at again when it took longer."""


def share_lock() -> None:
    """Let threads take turns quickly."""
    sys.setswitchinterval(SWITCH_SECONDS)


class GarbageCollector(QObject):
    """Collects cycles on the thread that it was made on, and lets no other thread do it.

    Python collects in whichever thread happens to make the next object. Widgets, their closures and their
    signals are often parts of cycles; destroyed in a worker they race with Qt's own use of them, and the
    program ends with a segmentation fault. So Python's collection stays off from the first window on, and a
    timer does the same, generation by generation and by Python's own thresholds.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Turn Python's own collection off for good; nothing is collected before :meth:`end_loading`."""
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=COLLECT_MILLISECONDS)
        self._timer.timeout.connect(self.collect)

    @property
    def is_running(self) -> bool:
        """Whether garbage is collected from time to time."""
        return self._timer.isActive()

    def end_loading(self) -> None:
        """Collect from now on, but never look at what is imported by now: that alone would take 0.1 s."""
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Collect no more."""
        self._timer.stop()

    def collect(self) -> None:
        """Collect the oldest generation whose turn it is, with all that are younger."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, limit) in enumerate(counts) if count > limit > 0]
        if not due:
            return
        start = perf_counter()
        gc.collect(due[-1])
        if due[-1] == len(gc.get_threshold()) - 1 and perf_counter() - start > FREEZE_SECONDS:
            gc.freeze()
