"""Exams: which items, which models, from what; the queue of runs; their figures and items."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import exam_operations, exam_queue_operations
from app.desktop.dialogs.choose import choose_file
from app.desktop.dialogs.exam_items_dialog import ExamItemsDialog
from app.desktop.exam_operations import TablePreview
from app.desktop.exam_queue_operations import ExamFile, QueueState, RunProgress
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind, tooltip
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.exam_queue_view import ExamQueueView
from app.desktop.views.exam_results_view import ExamResultsView
from app.desktop.views.exam_setup_view import ExamSetupView
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.views.progress_row import ProgressRow
from app.desktop.wording import describe_seconds

PATTERNS = "*.jsonl *.json *.csv *.tsv *.xlsx"
SETUP, QUEUE, RESULTS = "setup", "queue", "results"
"""The tabs."""


class ExamPage(QWidget):
    """Three tabs, a new run, the queue and the results, over the progress of the run that is made now."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Ask for items."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._task: Task | None = None
        self._run_name: str | None = None
        self.progress = ProgressRow(self.tr("Progress of the exam"), self.pause)
        self.progress.cancel.setText(self.tr("Pause"))
        self.choose = make_button(self.tr("Choose a file of items…"), self.choose_file, "primary")
        self.sample = make_button(self.tr("Try the sample exam"), lambda: self.read(None))
        self._empty = EmptyState(
            icon="exams",
            title=self.tr("Measure models on exam questions"),
            sentence=self.tr(
                "Ask a model all questions of an exam, with your library and without it, and see which one "
                "to trust. Items come as JSON, CSV or XLSX. It runs on this computer, over night if need be, "
                "and can be paused at any time."
            ),
            theme=theme,
            buttons=(self.choose, self.sample),
        )
        self._new = QStackedWidget()
        self._new.addWidget(self._empty)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._new)
        self._tabs = {
            SETUP: self._make_tab("exam_setup", self.tr("New run"), lambda: self.show_tab(SETUP)),
            QUEUE: self._make_tab("exam_queue", self.tr("Queue"), lambda: self.show_tab(QUEUE)),
            RESULTS: self._make_tab("exam_results", self.tr("Results"), lambda: self.show_tab(RESULTS)),
        }
        self._lay_out()
        bind(self, "exam_start", self.press_start)
        self.show_tab(SETUP)

    @cached_property
    def setup(self) -> ExamSetupView:
        """What is asked, built when it is asked for."""
        view = ExamSetupView(self._desk, self._theme)
        view.setObjectName("column")
        view.layout().setContentsMargins(2, 2, 12, 2)
        view.start_wanted.connect(self.start)
        view.queue_wanted.connect(lambda: self.add_to_queue(on_added=lambda: self.show_tab(QUEUE)))
        view.other_wanted.connect(self.choose_file)
        view.items_wanted.connect(self.look_at_items)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(view)
        self._new.addWidget(area)
        return view

    @cached_property
    def queue(self) -> ExamQueueView:
        """The runs that wait, built when they are asked for."""
        view = ExamQueueView(self._desk, self._theme)
        view.start_wanted.connect(self.run_queue)
        view.setup_wanted.connect(lambda: self.show_tab(SETUP))
        view.changed.connect(self._show_waiting)
        self._stack.addWidget(view)
        return view

    @cached_property
    def results(self) -> ExamResultsView:
        """What came of it, built when it is asked for."""
        view = ExamResultsView(self._desk, self._theme)
        view.setup_wanted.connect(lambda: self.show_tab(SETUP))
        view.cases_kept.connect(self._refresh_cases)
        self._stack.addWidget(view)
        view.refresh()
        return view

    @property
    def first(self) -> QWidget:
        """Where somebody who comes with the keyboard begins."""
        if self._stack.currentWidget() is not self._new:
            return self.queue.table if self._stack.currentWidget() is self.queue else self.results.table
        return self.choose if self._new.currentWidget() is self._empty else self.setup.start

    @property
    def is_running(self) -> bool:
        """Whether items are being asked."""
        return self._task is not None

    def show_tab(self, name: str) -> None:
        """Show the new run, the queue, or the results."""
        pages: dict[str, Callable[[], QWidget]] = {
            SETUP: lambda: self._new,
            QUEUE: lambda: self.queue,
            RESULTS: lambda: self.results,
        }
        self._stack.setCurrentWidget(pages[name]())
        for other, tab in self._tabs.items():
            tab.setChecked(other == name)

    def choose_file(self) -> None:
        """Let the user choose a file of items."""
        filters = [self.tr("Items ({patterns})").format(patterns=PATTERNS)]
        choose_file(self, self.tr("Choose items"), self.read, filters=filters)

    def read(self, file: Path | None) -> None:
        """Read a file of items, or the sample exam."""
        self.show_tab(SETUP)
        exam_operations.read_exam(self._desk, self, file, Callbacks(on_done=self._show_found))

    def look_at_items(self) -> None:
        """Show the items, what is left out, and for a table what each column is taken for."""
        if self.setup.file is not None:
            self._open_items(self.setup.file)

    def press_start(self) -> None:
        """Start what the shown tab would start."""
        view = self.queue if self._stack.currentWidget() is self.queue else self.setup
        if view.start.isEnabled() and view.start.isVisible():
            view.start.click()

    def start(self) -> None:
        """Put what is chosen into the queue, and make all runs that wait."""
        self.add_to_queue(on_added=self.run_queue)

    def add_to_queue(self, *, on_added: Callable[[], object]) -> None:
        """Put the runs that are chosen at the end of the queue."""

        def added(_: int) -> None:
            self.queue.refresh()
            on_added()

        exam_queue_operations.add_runs(self._desk, self, self.setup.plan(), Callbacks(on_done=added))

    def run_queue(self) -> None:
        """Make all runs that wait, one after the other."""
        if self.is_running:
            return
        self.progress.begin(self.tr("Loading the model…"))
        self._show_running(is_running=True)
        self.show_tab(QUEUE)
        self._task = exam_queue_operations.run_queue(
            self._desk,
            self,
            Callbacks(on_event=self._show_progress, on_done=self._show_problems, on_end=self._end),
        )

    def pause(self) -> None:
        """Stop after the item that is asked now; "Start" goes on."""
        if self._task is not None:
            self.progress.sentence.setText(self.tr("Pausing after this item…"))
            self._task.stop()

    def _make_tab(self, shortcut: str, text: str, slot: Callable[[], None]) -> QPushButton:
        tab = make_button(text, slot, "tab")
        tab.setCheckable(True)
        tab.setToolTip(tooltip(shortcut))
        bind(self, shortcut, slot)
        return tab

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(make_label(self.tr("Exams"), "title", wraps=False), 1)
        self._place = ElidedLabel("", "small")
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._place, 2)
        tabs = QHBoxLayout()
        tabs.setSpacing(20)
        for tab in self._tabs.values():
            tabs.addWidget(tab)
        tabs.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 24, 32, 20)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addLayout(tabs)
        layout.addWidget(self.progress)
        layout.addWidget(self._stack, 1)
        folder = exam_operations.exam_folder(self._desk)
        self._place.setText(self.tr("Runs are kept in {folder}").format(folder=folder))

    def _show_found(self, found: ExamFile | TablePreview) -> None:
        if isinstance(found, TablePreview):
            self._open_items(found)
        else:
            self._show_exam(found)

    def _open_items(self, found: ExamFile | TablePreview) -> None:
        dialog = ExamItemsDialog(self, self._desk, self._theme, found)
        dialog.chosen.connect(self._show_exam)
        dialog.open()

    def _show_exam(self, file: ExamFile) -> None:
        self.setup.show_exam(file)
        self._new.setCurrentIndex(1)

    def _show_running(self, *, is_running: bool) -> None:
        self.setup.show_running(is_running=is_running)
        self.queue.show_running(is_running=is_running)

    def _show_waiting(self, state: QueueState) -> None:
        text = self.tr("Queue ({n})").format(n=state.waiting) if state.waiting else self.tr("Queue")
        self._tabs[QUEUE].setText(text)

    def _show_progress(self, event: object) -> None:
        if not isinstance(event, RunProgress) or self._task is None or self._task.cancel.is_set():
            return
        is_new = self._run_name != event.name
        self._run_name = event.name
        text = self.tr("{name}: {done} of {total}, about {time} left")
        if event.is_training:
            text = self.tr("{name}, items to train on: {done} of {total}, about {time} left")
        self.progress.sentence.setText(
            text.format(
                name=event.name,
                done=event.done,
                total=event.total,
                time=describe_seconds(event.seconds_left),
            )
        )
        self.progress.show_fraction(event.done / event.total)
        self.queue.show_progress(event)
        if is_new:
            self.queue.refresh()
            self.results.refresh(event.name)

    def _show_problems(self, problems: list[str]) -> None:
        if problems:
            self._desk.tasks.failed.emit("\n".join(problems))

    def _end(self) -> None:
        is_done = self._task is not None and not self._task.cancel.is_set()
        self._task = None
        self.progress.hide()
        self._show_running(is_running=False)
        self.queue.refresh()
        self.results.refresh(self._run_name)
        if is_done and self._run_name is not None:
            self.show_tab(RESULTS)

    def _refresh_cases(self) -> None:
        self.setup.refresh_cases()
