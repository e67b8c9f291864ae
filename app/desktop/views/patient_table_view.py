"""A table of patients: how its columns are understood, and the bank that is built of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desktop import icu_operations
from app.desktop.dialogs.choose import choose_files
from app.desktop.models.patient_columns import PatientColumnsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label
from app.desktop.views.model_choice import ModelChoice
from app.desktop.views.progress_row import ProgressRow
from app.desktop.views.table import make_table
from app.desktop.wording import describe_seconds, plural

if TYPE_CHECKING:
    from agents.icu.building import BuildProgress
    from rag.clinical.cases.types import PatientTable

NAME_WIDTH = 180
"""Pixels of a column's name."""
PATTERNS = "*.csv *.tsv *.psv *.txt *.xlsx *.zip *.gz *.tgz *.tar"


class PatientTableView(QWidget):
    """Reads a table, shows it, and builds a bank in the background."""

    table_read = Signal(object)
    """Another table is shown."""
    bank_built = Signal(object)
    """A bank is whole; its file."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No table yet."""
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self.table: PatientTable | None = None
        self.columns = PatientColumnsModel(self)
        self.list = self._make_list()
        self.about = make_label("", "strong")
        self.warnings = make_label("", "problem")
        self.note = make_label("", "muted")
        self.model = ModelChoice(desk, self.tr("Model that is asked"), theme)
        self.build = make_button(self.tr("Build a case bank"), self.start, "primary")
        self.other = make_button(self.tr("Another table…"), self.choose_files)
        self.progress = ProgressRow(self.tr("Progress of the bank"), self.pause)
        self.progress.cancel.setText(self.tr("Pause"))
        self.choose = make_button(self.tr("Choose files…"), self.choose_files, "primary")
        self.empty = EmptyState(
            icon="icu",
            title=self.tr("Read a table of patients"),
            sentence=self.tr(
                "A row a patient, a row a measurement, or a file a patient: CSV, XLSX, or an archive. Files "
                "chosen together are joined by the patients' ids. Nothing leaves this computer."
            ),
            theme=theme,
            buttons=(self.choose,),
        )
        self._lay_out()
        desk.state.models_changed.connect(self._refresh)
        self._refresh()

    @property
    def is_building(self) -> bool:
        """Whether patients are being asked."""
        return self._task is not None

    def choose_files(self) -> None:
        """Let the user choose tables."""
        filters = [self.tr("Tables ({patterns})").format(patterns=PATTERNS), self.tr("All files (*)")]
        choose_files(self, self.tr("Choose tables"), self.read, filters=filters)

    def read(self, files: Sequence[Path]) -> None:
        """Read tables and show how they are understood."""
        icu_operations.read_table(self._desk, self, files, Callbacks(on_done=self._show_table))

    def start(self) -> None:
        """Ask the model about the training patients; one that was paused goes on."""
        if self.table is None or self.is_building:
            return
        self.note.setText("")
        self.progress.begin(self.tr("Loading the model…"))
        task: Task | None = None
        task = self._task = icu_operations.build_bank(
            self._desk,
            self,
            self.table,
            model=self.model.model,
            callbacks=Callbacks(
                on_event=self._show_progress,
                on_done=lambda file: self._show_built(file, is_paused=bool(task and task.cancel.is_set())),
                on_end=self._end,
            ),
        )
        self._refresh()

    def pause(self) -> None:
        """Stop after the patient that is asked now; building again goes on."""
        if self._task is not None:
            self._task.stop()

    def _show_table(self, table: "PatientTable") -> None:
        self.table = table
        deaths = sum(bool(patient.died) for patient in table.patients)
        self.about.setText(
            self.tr("{name}: {patients}, {deaths} died; {features}").format(
                name=table.name,
                patients=plural(len(table.patients), self.tr("{n} patient"), self.tr("{n} patients")),
                deaths=deaths,
                features=plural(len(table.features), self.tr("{n} feature"), self.tr("{n} features")),
            )
        )
        self.warnings.setText("\n".join(table.warnings))
        self.warnings.setVisible(bool(table.warnings))
        self.note.setText(
            self.tr("Seven of ten persons are asked and become the bank; the others are kept for testing.")
        )
        self.columns.show(table.columns)
        self._refresh()
        self.table_read.emit(table)

    def _show_progress(self, event: "BuildProgress") -> None:
        self.progress.sentence.setText(
            self.tr("{done} of {total} patients, about {time} left").format(
                done=event.done, total=event.total, time=describe_seconds(event.seconds_left)
            )
        )
        self.progress.show_fraction(event.done / max(1, event.total))

    def _show_built(self, file: Path, *, is_paused: bool) -> None:
        if is_paused:
            self.note.setText(self.tr("Paused; “Build a case bank” goes on where it stopped."))
            return
        self.note.setText(self.tr("The bank is built: {file}").format(file=file))
        self.bank_built.emit(file)

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self._refresh()

    def _refresh(self) -> None:
        has_table = self.table is not None
        self.empty.setVisible(not has_table)
        self._work.setVisible(has_table)
        has_outcome = self.table is not None and bool(self.table.labelled)
        is_ready = has_outcome and self.model.is_usable
        self.build.setEnabled(is_ready and not self.is_building)
        self.other.setEnabled(not self.is_building)

    def _make_list(self) -> QTableView:
        table = make_table(self.columns, self.tr("Columns of the table"), stretched=1, is_for_many=True)
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)  # a name can be a whole path
        header.resizeSection(0, NAME_WIDTH)
        return table

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.about, 1)
        head.addWidget(self.other)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.model)
        foot.addWidget(self.build)
        foot.addWidget(self.note, 1)
        self._work = QWidget()
        inside = QVBoxLayout(self._work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addLayout(head)
        inside.addWidget(self.warnings)
        inside.addWidget(self.list, 1)
        inside.addLayout(foot)
        inside.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self._work, 1)
