"""Evaluating predictions on a table of patients: what is compared, how far it is, what came of it."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop import evaluation_operations, icu_operations
from app.desktop.dialogs.choose import choose_files
from app.desktop.evaluation_operations import EvaluationProgress, EvaluationResult
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.check_box import CheckBox
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.evaluation_results_view import EvaluationResultsView
from app.desktop.views.labels import make_label
from app.desktop.views.model_choice import ModelChoice
from app.desktop.views.number_field import NumberField
from app.desktop.views.progress_row import ProgressRow
from app.desktop.wording import describe_evaluation_arm, describe_seconds

if TYPE_CHECKING:
    from rag.clinical.cases.types import PatientTable

ARMS = ("plain", "debias", "random", "cap", "knn", "logistic", "scores")
COLUMNS = 3
"""Check boxes beside each other."""
PATIENTS = 300


class EvaluationView(QWidget):
    """From above: table and arms, progress, figures of the arms with what a critical reader says of them."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No table yet."""
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self.table: PatientTable | None = None
        self.arms = {arm: self._make_box(arm) for arm in ARMS}
        self.model = ModelChoice(desk, self.tr("Model"), theme)
        self.patients = NumberField(2, 100_000, PATIENTS, self.tr("Test patients at most"))
        self.choose = make_button(self.tr("Choose a table…"), self.choose_files, "primary")
        self.other = make_button(self.tr("Other table…"), self.choose_files)
        self.start = make_button(self.tr("Start"), self.begin, "primary")
        self.progress = ProgressRow(self.tr("Progress of the evaluation"), self.pause)
        self.progress.cancel.setText(self.tr("Pause"))
        self._about = make_label("", "muted")
        self._title = make_label("", "heading", wraps=False)
        self.empty = EmptyState(
            icon="icu",
            title=self.tr("Measure predictions on a table of patients"),
            sentence=self.tr(
                "Compare a model with and without past cases, and with simple statistics, on patients it has "
                "not seen: how well it tells who died, and how much that differs between groups. It runs on "
                "this computer and can be paused at any time."
            ),
            theme=theme,
            buttons=(self.choose,),
        )
        self._lay_out()
        desk.state.models_changed.connect(self._refresh)
        self._refresh()

    @cached_property
    def results(self) -> EvaluationResultsView:
        """What came of it, built with the other parts of the window."""
        view = EvaluationResultsView(self._desk)
        self._layout.insertWidget(self._layout.indexOf(self.progress) + 1, view)
        return view

    @property
    def is_running(self) -> bool:
        """Whether patients are being asked about."""
        return self._task is not None

    def choose_files(self) -> None:
        """Let the user choose the files of a table."""
        choose_files(self, self.tr("Choose a table of patients"), self.read)

    def read(self, files: Sequence[Path]) -> None:
        """Read a table of patients."""
        icu_operations.read_table(self._desk, self, files, Callbacks(on_done=self.show_table))

    def show_table(self, table: "PatientTable") -> None:
        """Evaluate on these patients from now on."""
        self.table = table
        self._title.setText(table.name)
        deaths = sum(bool(patient.died) for patient in table.labelled)
        about = self.tr("{n} patients with a known outcome, of whom {deaths} died.").format(
            n=len(table.labelled), deaths=deaths
        )
        self._about.setText(" ".join((about, *table.warnings)))
        self._refresh()

    def chosen_arms(self) -> list[str]:
        """Return the arms that are checked."""
        return [arm for arm, box in self.arms.items() if box.isChecked()]

    def begin(self) -> None:
        """Ask about all patients in every chosen arm; go on where an evaluation of the same was stopped."""
        if self.table is None or self.is_running:
            return
        self.progress.begin(self.tr("Loading the model…"))
        self._task = evaluation_operations.start_evaluation(
            self._desk,
            self,
            self.table,
            model=self.model.model,
            arms=self.chosen_arms(),
            patients=self.patients.value(),
            callbacks=Callbacks(on_event=self._show_progress, on_done=self._show_result, on_end=self._end),
        )
        self._refresh()

    def pause(self) -> None:
        """Stop after the patient that is asked about now; "Start" goes on."""
        if self._task is not None:
            self._task.stop()

    def _make_box(self, arm: str) -> CheckBox:
        box = CheckBox(describe_evaluation_arm(arm))
        box.setChecked(True)
        box.toggled.connect(lambda _: self._refresh())
        return box

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("column")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.empty, 1)
        self._setup = QWidget()
        self._setup.setLayout(self._lay_out_setup())
        layout.addWidget(self._setup)
        layout.addWidget(self.progress)
        layout.addStretch()
        self._layout = layout
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def _lay_out_setup(self) -> QVBoxLayout:
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._about)
        head.addLayout(words, 1)
        head.addWidget(self.other, 0, Qt.AlignmentFlag.AlignTop)
        boxes = QGridLayout()
        boxes.setHorizontalSpacing(20)
        boxes.setVerticalSpacing(6)
        boxes.setColumnStretch(COLUMNS, 1)
        for number, box in enumerate(self.arms.values()):
            boxes.addWidget(box, number // COLUMNS, number % COLUMNS)
        choices = QHBoxLayout()
        choices.setSpacing(12)
        choices.addWidget(self.model)
        choices.addWidget(make_label(self.tr("Test patients at most"), "muted", wraps=False))
        choices.addWidget(self.patients)
        choices.addStretch()
        choices.addWidget(self.start)
        layout = QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(make_label(self.tr("Predicted by"), "section", wraps=False))
        layout.addLayout(boxes)
        layout.addLayout(choices)
        return layout

    def _show_progress(self, event: object) -> None:
        if not isinstance(event, EvaluationProgress):
            return
        words = (
            self.tr("{done} of {total} training patients, about {time} left")
            if event.is_training
            else self.tr("{done} of {total} predictions, about {time} left")
        )
        self.progress.sentence.setText(
            words.format(done=event.done, total=event.total, time=describe_seconds(event.seconds_left))
        )
        self.progress.show_fraction(event.done / max(event.total, 1))

    def _show_result(self, result: EvaluationResult | None) -> None:
        if result is not None:
            self.results.show_result(result)

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self._refresh()

    def _refresh(self) -> None:
        self.empty.setVisible(self.table is None)
        self._setup.setVisible(self.table is not None)
        has_outcome = self.table is not None and bool(self.table.labelled)
        is_ready = has_outcome and bool(self.chosen_arms()) and self.model.is_usable
        self.start.setEnabled(is_ready and not self.is_running)
        self.other.setEnabled(not self.is_running)
