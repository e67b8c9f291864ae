"""How long the window's thread is away from its events while documents are added and a question is answered.

    python benchmarks/gui_latency.py [--models DIR] [FILE_OR_FOLDER ...]

Prints one JSON object: for each phase the longest and the 99th percentile gap, in milliseconds. A timer that
fires every millisecond notes when it was late; the aim is that nobody waits longer than 50 ms.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from agents.answer import Arm
from app.composition import open_bedside
from app.desktop.application import Desktop, make_application
from app.desktop.samples import SAMPLE_QUESTIONS, open_sample_library
from app.paths import models_folder


class Watchdog(QObject):
    """Notes the time between two turns of the event loop."""

    def __init__(self) -> None:
        """Watch from now on."""
        super().__init__()
        self._gaps: list[float] = []
        self._last = perf_counter()
        self._timer = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)
        self._timer.start()

    def report(self) -> dict[str, float]:
        """Return the figures since the last report, in milliseconds."""
        gaps = sorted(self._gaps) or [0.0]
        self._gaps = []
        return {
            "longest_ms": round(gaps[-1] * 1000, 1),
            "p99_ms": round(gaps[int(len(gaps) * 0.99)] * 1000, 1),
            "over_50_ms": sum(gap > 0.05 for gap in gaps),
        }

    def _note(self) -> None:
        now = perf_counter()
        self._gaps.append(now - self._last)
        self._last = now


def wait(is_done: Callable[[], bool]) -> None:
    """Run the event loop until something is so; nothing else runs on this thread meanwhile."""
    loop = QEventLoop()
    check = QTimer(interval=20)
    check.timeout.connect(lambda: loop.quit() if is_done() else None)
    check.start()
    loop.exec()


def measure(models: Path, home: Path, paths: list[Path]) -> dict[str, dict[str, float]]:
    """Use the window and watch it."""
    application = make_application(["bedside"])
    watchdog = Watchdog()
    figures: dict[str, dict[str, float]] = {}
    desktop = Desktop(application, lambda: open_bedside(home, models))
    desktop.start()
    figures["window"] = watchdog.report()
    wait(lambda: (desktop.view is not None and desktop.tasks.is_idle) or bool(desktop.failure))
    figures["open"] = watchdog.report()
    view = desktop.view
    if view is None:
        raise SystemExit(desktop.failure)
    view.show_page("library")
    with open_sample_library() as samples:
        view.library.add([samples, *paths])
        wait(lambda: not view.library.adding.is_running and desktop.tasks.is_idle)
    figures["add"] = watchdog.report()
    view.show_page("chat")
    for phase in ("first_question", "second_question"):
        view.chat.ask(SAMPLE_QUESTIONS[0], Arm.RAG)
        wait(lambda: not view.chat.is_running and desktop.tasks.is_idle)
        figures[phase] = watchdog.report()
    answer = view.chat.turns.turns[-1].answer_view
    if answer is not None:
        loop = QEventLoop()
        view.evidence.shown.connect(loop.quit)
        answer.source_rows[0].click()
        loop.exec()
        figures["evidence"] = watchdog.report()
    desktop.theme.choose("dark")
    wait(lambda: desktop.tasks.is_idle)
    figures["theme"] = watchdog.report()
    desktop.window.close()
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description="Measure how long the window's thread is away from its events."
    )
    parser.add_argument("paths", nargs="*", type=Path, help="more documents than the sample library")
    parser.add_argument("--models", type=Path, default=models_folder(), help="the models folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        sys.stdout.write(json.dumps(measure(arguments.models, Path(home), arguments.paths), indent=2) + "\n")


if __name__ == "__main__":
    main()
