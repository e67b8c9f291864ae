"""How long the window's thread is away from its events while the window is used in every way there is.

    python benchmarks/gui_latency.py [--models DIR] [--runs N] [--opening] [FILE_OR_FOLDER ...]

Prints one JSON object a run, with a phase for each use. ``open`` is a first start, from the window's first
turn on, in a process that has imported nothing of what is built behind the window; ``open_again`` is a
later start, in another such process, on the data folder that the other phases left. ``--opening`` measures
these two alone. A timer that fires every millisecond notes when it was late; the aim is that nobody waits
longer than 50 ms. For each phase, in milliseconds: ``longest`` and ``p99`` of the waits by the clock, and
``longest_own``, the most that the window's thread itself computed between two turns. What is in ``longest``
and not in ``longest_own`` was waiting for a processor or for Python's lock.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, QSize, Qt, QTimer

# Not what the window imports while it opens: that is to be measured, so the phases import it themselves.
from app.composition import open_bedside
from app.desktop.application import Desktop, make_application
from app.paths import models_folder

if TYPE_CHECKING:
    from app.desktop.views.desk_view import DeskView

LIMIT = 0.05
"""Seconds that nobody shall wait."""
PAGES = ("library", "clinical", "ecg", "icu", "exams", "models", "chat")
TURNS = 200
"""Questions in the long conversation."""
DOCUMENTS = 10_000
"""Documents in the large library."""


class Watchdog(QObject):
    """Notes the time between two turns of the event loop, by the clock and of this thread's own work."""

    def __init__(self) -> None:
        """Watch from now on."""
        super().__init__()
        self._gaps: list[float] = []
        self._own: list[float] = []
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)
        self._timer.start()

    def report(self) -> dict[str, float]:
        """Return the figures since the last report."""
        gaps, own = sorted(self._gaps) or [0.0], self._own or [0.0]
        self._gaps, self._own = [], []
        return {
            "longest": _milliseconds(gaps[-1]),
            "longest_own": _milliseconds(max(own)),
            "p99": _milliseconds(gaps[int(len(gaps) * 0.99)]),
            "over_50": sum(gap > LIMIT for gap in gaps),
            "own_over_50": sum(gap > LIMIT for gap in own),
        }

    def _note(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self._gaps.append(now[0] - self._last[0])
        self._own.append(now[1] - self._last[1])
        self._last = now


class User:
    """Does with the window what a user does; each method is a phase."""

    def __init__(self, desktop: Desktop, paths: list[Path]) -> None:
        """``paths`` are added after the sample library."""
        self.desktop = desktop
        self.paths = paths

    def phases(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """List the phases in the order in which they have to be."""
        yield "open", self.open
        for page in PAGES:
            yield f"{page}_first_time", lambda page=page: self.view.show_page(page)
        yield "model_options", self.open_options
        yield "more_models", self.open_catalogue
        yield "add", self.add
        yield "first_question", self.ask
        yield "second_question", self.ask
        yield "evidence", self.open_source
        yield "evidence_pages", self.turn_pages
        yield "why_these_sources", self.explain
        yield "what_is_copied", self.show_copied
        yield "resize", self.resize
        yield "dark_first_time", lambda: self.desktop.theme.choose("dark")
        yield "light", lambda: self.desktop.theme.choose("light")
        yield "long_conversation", self.open_long_conversation
        yield "long_conversation_resize", self.resize
        yield "long_conversation_dark", lambda: self.desktop.theme.choose("dark")
        yield "long_conversation_earlier", self.show_earlier
        yield "long_conversation_search", self.search_conversations
        yield "long_conversation_turn", self.open_turn
        yield "long_conversation_edit", self.view_edit
        yield "long_conversation_branch", self.ask_again
        yield "long_conversation_switch", self.switch_branch
        yield "long_conversation_export", self.export
        yield "long_conversation_left", self.leave
        yield "large_library", self.open_large_library
        yield "large_library_filter", lambda: self.view.library.documents.filter.setText("handbook 19")
        yield "search", self.search

    @property
    def view(self) -> "DeskView":
        """Everything in the window."""
        if self.desktop.view is None:
            raise SystemExit(self.desktop.failure)
        return self.desktop.view

    def open(self) -> None:
        """Wait for the pages."""
        wait(lambda: self.desktop.is_open or bool(self.desktop.failure))

    def open_options(self) -> None:
        """Look at a model's details and how it runs."""
        self.view.show_page("models")
        self.view.models.installed.details.toggle()
        self.view.models.options.toggle()

    def open_catalogue(self) -> None:
        """Look at all models that can be downloaded."""
        self.view.models.catalogue.others.toggle()
        wait(lambda: self.view.models.catalogue.is_complete)

    def add(self) -> None:
        """Add documents."""
        from app.desktop.samples import open_sample_library

        self.view.show_page("library")
        with open_sample_library() as samples:
            self.view.library.add([samples, *self.paths])
            wait(lambda: not self.view.library.adding.is_running)
        self.view.show_page("chat")

    def ask(self) -> None:
        """Ask the library."""
        from agents.answer import Arm
        from app.desktop.samples import SAMPLE_QUESTIONS

        self.view.chat.ask(SAMPLE_QUESTIONS[0], Arm.ADDREP)
        wait(lambda: not self.view.chat.is_running)

    def open_source(self) -> None:
        """Open the page of a citation."""
        answer = self.view.chat.turns.turns[-1].answer_view
        if answer is not None:
            loop = QEventLoop()
            self.view.evidence.shown.connect(loop.quit)
            answer.source_rows[0].click()
            loop.exec()

    def explain(self) -> None:
        """Look at the searches behind the answer, and at its numbers."""
        from app.desktop.views.why_view import WhyView

        answer = self.view.chat.turns.turns[-1].answer_view
        if answer is not None:
            answer.details_button.click()
            why = answer.details
            if isinstance(why, WhyView):
                wait(lambda: why.is_complete)
                why.numbers.toggle()

    def show_copied(self) -> None:
        """Look at what is copied."""
        answer = self.view.chat.turns.turns[-1].answer_view
        if answer is not None:
            answer.copied_button.click()

    def turn_pages(self) -> None:
        """Turn all pages, faster than they can be rendered."""
        for page in range(self.view.evidence.pdf.page_count):
            self.view.evidence.pdf.show_page(page)
            pause(30)

    def resize(self) -> None:
        """Drag the window's corner."""
        for step in (*range(10), *range(10, -1, -1)):
            self.desktop.window.resize(QSize(1240 - 30 * step, 800 - 20 * step))
            pause(15)

    def open_long_conversation(self) -> None:
        """Open a conversation of many turns."""
        answer = self.view.chat.turns.turns[-1].answer_view
        if answer is None or self.desktop.bedside is None:
            return
        history = self.desktop.bedside.history
        conversation = history.create("A long one")
        for _ in range(TURNS):
            history.append(conversation, answer.answer)
        self.desktop.state.show_conversation(conversation)
        wait(lambda: bool(self.view.chat.turns.turns) and self.view.chat.turns.is_complete)

    def show_earlier(self) -> None:
        """Go up in the long conversation."""
        for _ in range(4):
            self.view.chat.turns.show_earlier()
            wait(lambda: self.view.chat.turns.is_complete)

    def search_conversations(self) -> None:
        """Type words that stand in every turn."""
        self.view.sidebar.history.start_search()
        self.view.sidebar.history.query.setText("dialysis")
        pause(1000)

    def open_turn(self) -> None:
        """Open the first turn that was found, on top of the long conversation."""
        hits = self.view.sidebar.history.hits
        if hits.model().rowCount():
            hits.clicked.emit(hits.model().index(0, 0))
        self.view.sidebar.history.query.clear()

    def view_edit(self) -> None:
        """Begin to write a question in other words, and give up."""
        self.view.chat.edit_last()
        pause(200)
        self.view.chat.end_edit()

    def ask_again(self) -> None:
        """Ask a question in the middle in other words."""
        from app.desktop.samples import SAMPLE_QUESTIONS

        middle = self.view.chat.turns.turns[0]
        self.view.chat.ask_again(middle.turn, SAMPLE_QUESTIONS[0])
        wait(lambda: not self.view.chat.is_running)

    def switch_branch(self) -> None:
        """Go back to the version before, and to what follows it."""
        head = self.view.chat.turns.turns[-1].head
        if head.switch is not None:
            head.switch.previous.click()
        wait(lambda: bool(self.view.chat.turns.turns) and self.view.chat.turns.is_complete)

    def export(self) -> None:
        """Export the long conversation as PDF."""
        from agents.export.formats import ExportFormat
        from app.desktop import conversing
        from app.desktop.operations import Desk

        desktop = self.desktop
        if desktop.bedside is None or desktop.state.conversation is None:
            return
        conversation = desktop.bedside.history.find(desktop.state.conversation)
        path = desktop.bedside.home.folder / "exported.pdf"
        desk = Desk(desktop.bedside, desktop.tasks, desktop.state)
        conversing.export_conversation(desk, conversation, path, ExportFormat.PDF)

    def leave(self) -> None:
        """Go to a new conversation."""
        self.view.chat.start_new()

    def open_large_library(self) -> None:
        """Show a library of many documents."""
        from rag.types import DocumentId

        (document, *_) = self.desktop.state.documents
        documents = []
        for number in range(DOCUMENTS):
            documents.append(replace(document, id=DocumentId(f"{number:064x}"), title=f"Handbook {number}"))
            if number % 100 == 0:
                pause(1)  # making them is not the window's work
        pause(10)
        self.desktop.state.show_documents(documents)
        self.view.show_page("library")

    def search(self) -> None:
        """Search in the text."""
        self.view.library.show_search()
        self.view.library.search.query.setText("urgent dialysis hyperkalaemia")
        self.view.library.search.search()


def wait(is_done: Callable[[], bool]) -> None:
    """Run the event loop until something is so; nothing else runs on this thread meanwhile."""
    loop = QEventLoop()
    check = QTimer(interval=20)
    check.timeout.connect(lambda: loop.quit() if is_done() else None)
    check.start()
    loop.exec()


def pause(milliseconds: int) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def measure(models: Path, home: Path, paths: list[Path], *, is_opening: bool) -> dict[str, dict[str, float]]:
    """Use the window, or only open it, and watch it."""
    application = make_application(["bedside"])
    watchdog = Watchdog()
    desktop = Desktop(application, lambda: open_bedside(home, models))
    desktop.start()
    figures: dict[str, dict[str, float]] = {}
    for name, phase in User(desktop, paths).phases():
        QTimer.singleShot(0, phase)  # what is called by the event loop is a turn of it
        pause(100)
        wait(lambda: desktop.tasks.is_idle)
        pause(200)
        figures[name] = watchdog.report()
        if is_opening:
            break
    desktop.window.close()
    return figures


def measure_opening(models: Path, home: Path) -> dict[str, float]:
    """Open a data folder that is in use in a process that has imported nothing yet, and watch it."""
    command = [sys.executable, __file__, "--models", str(models), "--home", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    return json.loads(done.stdout)["open"]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> None:
    """Print the figures, each run in a process of its own."""
    parser = argparse.ArgumentParser(
        description="Measure how long the window's thread is away from its events."
    )
    parser.add_argument("paths", nargs="*", type=Path, help="more documents than the sample library")
    parser.add_argument("--models", type=Path, default=models_folder(), help="the models folder")
    parser.add_argument("--runs", type=int, default=1, help="how often")
    parser.add_argument("--opening", action="store_true", help="only open the window, twice")
    parser.add_argument("--home", type=Path, help="only open the window, on this data folder")
    arguments = parser.parse_args()
    for _ in range(arguments.runs - 1):
        subprocess.run([sys.executable, *sys.argv, "--runs", "1"], check=True)
    if arguments.home is not None:
        figures = measure(arguments.models, arguments.home, [], is_opening=True)
    else:
        with tempfile.TemporaryDirectory() as home:
            figures = measure(arguments.models, Path(home), arguments.paths, is_opening=arguments.opening)
            figures["open_again"] = measure_opening(arguments.models, Path(home))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
