"""Exams: which items, which models, from what; runs, their figures, their items."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import exam_operations
from app.desktop.exam_operations import RunProgress
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.exam_results_view import ExamResultsView
from app.desktop.views.exam_setup_view import ExamSetupView
from app.desktop.views.labels import make_label
from app.desktop.views.progress_row import ProgressRow
from app.desktop.wording import describe_seconds

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam

PATTERNS = "*.jsonl *.json *.csv *.tsv *.xlsx"


class ExamPage(QWidget):
    """From above: what is asked, how far it is, what came of it."""

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
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._lay_out()

    @cached_property
    def setup(self) -> ExamSetupView:
        """What is asked, built when it is asked for."""
        view = ExamSetupView(self._desk, self._theme)
        view.start_wanted.connect(self.start)
        view.other_wanted.connect(self.choose_file)
        self._stack.addWidget(view)
        return view

    @cached_property
    def results(self) -> ExamResultsView:
        """What came of it, built when it is asked for; hidden while there is no run."""
        view = ExamResultsView(self._desk, self._theme)
        view.hide()
        self._body.addWidget(view, 1)
        view.refresh()
        return view

    @property
    def first(self) -> QWidget:
        """Where somebody who comes with the keyboard begins."""
        return self.choose if self._stack.currentWidget() is self._empty else self.setup.start

    @property
    def is_running(self) -> bool:
        """Whether items are being asked."""
        return self._task is not None

    def choose_file(self) -> None:
        """Let the user choose a file of items."""
        dialog = QFileDialog(self, self.tr("Choose items"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Items ({patterns})").format(patterns=PATTERNS))
        dialog.fileSelected.connect(lambda file: self.read(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read(self, file: Path | None) -> None:
        """Read a file of items, or the sample exam."""
        exam_operations.read_exam(self._desk, self, file, Callbacks(on_done=self._show_exam))

    def start(self) -> None:
        """Ask all items, of every chosen model in every chosen arm."""
        from agents.exams.records import ExamArm, Scoring

        exam = self.setup.exam
        if exam is None or self.is_running:
            return
        self.progress.begin(self.tr("Loading the model…"))
        self.setup.show_running(is_running=True)
        self._task = exam_operations.start_runs(
            self._desk,
            self,
            exam,
            arms=[ExamArm(arm) for arm in self.setup.chosen_arms()],
            models=self.setup.chosen_models(),
            scoring=Scoring(str(self.setup.scoring.value)),
            orders=int(str(self.setup.orders.value)),
            callbacks=Callbacks(on_event=self._show_progress, on_done=self._show_problems, on_end=self._end),
        )

    def pause(self) -> None:
        """Stop after the item that is asked now; "Start" goes on."""
        if self._task is not None:
            self._task.stop()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(make_label(self.tr("Exams"), "title", wraps=False), 1)
        self._place = make_label("", "muted", wraps=False)
        head.addWidget(self._place)
        self._body = QVBoxLayout()
        self._body.setSpacing(14)
        self._body.addWidget(self._stack)
        self._body.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 24, 32, 24)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addLayout(self._body, 1)

    def _show_exam(self, exam: "ImportedExam") -> None:
        self.setup.show_exam(exam)
        self._stack.setCurrentWidget(self.setup)
        self._stack.setFixedHeight(self.setup.sizeHint().height())
        folder = exam_operations.exam_folder(self._desk)
        self._place.setText(self.tr("Runs are kept in {folder}").format(folder=folder))

    def _show_progress(self, event: object) -> None:
        if not isinstance(event, RunProgress):
            return
        is_new = self._run_name != event.name
        self._run_name = event.name
        self.progress.sentence.setText(
            self.tr("Run {run} of {runs}: {done} of {total}, about {time} left").format(
                run=event.run,
                runs=event.runs,
                done=event.done,
                total=event.total,
                time=describe_seconds(event.seconds_left),
            )
        )
        self.progress.show_fraction((event.run - 1 + event.done / event.total) / event.runs)
        if is_new:
            self.results.refresh(event.name)

    def _show_problems(self, problems: list[str]) -> None:
        if problems:
            self._desk.tasks.failed.emit("\n".join(problems))

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self.setup.show_running(is_running=False)
        self.results.refresh(self._run_name)
