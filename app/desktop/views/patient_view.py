"""One patient by hand: values on the left, what the model says of them on the right."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop import icu_operations
from app.desktop.dialogs.choose import choose_file
from app.desktop.icu_operations import OpenBank
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label
from app.desktop.views.patient_form import PatientForm
from app.desktop.views.prediction_view import PredictionView
from app.desktop.views.progress_row import ProgressRow
from app.desktop.wording import plural

PATTERNS = "*.jsonl"
FORM_WIDTH = 460


class PatientView(QWidget):
    """Works with one open bank."""

    table_wanted = Signal()
    """A table is to be read, to build a bank with."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No bank yet."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self._task: Task | None = None
        self.opened: OpenBank | None = None
        self.form: PatientForm | None = None
        self.about = make_label("", "muted")
        self.other = make_button(self.tr("Open another bank…"), self.choose_bank)
        self.estimate = make_button(self.tr("Estimate"), self.predict, "primary")
        self.result = PredictionView(theme)
        self.progress = ProgressRow(self.tr("Progress of the estimate"), self.stop)
        self.choose_table = make_button(self.tr("Read a table…"), self.table_wanted.emit, "primary")
        self.empty = EmptyState(
            icon="icu",
            title=self.tr("No case bank yet"),
            sentence=self.tr(
                "A bank holds patients of a table of yours, and what a model got wrong about them. Read a "
                "table and build one, or open one that was built before."
            ),
            theme=theme,
            buttons=(self.choose_table, make_button(self.tr("Open a bank…"), self.choose_bank)),
        )
        self._lay_out()
        self._show_parts()

    @property
    def first(self) -> QWidget:
        """Where somebody who comes with the keyboard begins."""
        return self.choose_table if self.form is None else self.form.sex

    def open(self, file: Path | None = None) -> None:
        """Open a bank, by default the last one of the data folder."""
        icu_operations.open_bank(self._desk, self, file, Callbacks(on_done=self._show_bank))

    def choose_bank(self) -> None:
        """Let the user choose a bank."""
        filters = [self.tr("Banks ({patterns})").format(patterns=PATTERNS)]
        folder = self._desk.bedside.home.icu
        choose_file(self, self.tr("Open a bank"), self.open, filters=filters, folder=folder)

    def predict(self) -> None:
        """Ask the model about what is filled in; an estimate that is under way is stopped."""
        if self.opened is None or self.form is None or not self.form.is_usable:
            return
        self.stop()
        self.result.clear()
        self.progress.begin(self.tr("Asking the model…"))
        self.progress.bar.setMaximum(0)  # how long it takes is not known
        task: Task | None = None

        def end() -> None:
            if self._task is task:  # else another one has begun meanwhile
                self._task = None
                self.progress.hide()
                self._refresh()

        task = self._task = icu_operations.predict(
            self._desk,
            self,
            self.opened.bank,
            self.form.fields,
            Callbacks(
                on_done=lambda found: self.result.show_prediction(found) if self._task is task else None,
                on_error=lambda sentence: self.result.fail(sentence) if self._task is task else None,
                on_end=end,
            ),
        )
        self._refresh()

    def stop(self) -> None:
        """Stop an estimate."""
        if self._task is not None:
            self._task.stop()

    def _show_bank(self, opened: OpenBank | None) -> None:
        if opened is None:
            return
        self.stop()
        self.opened = opened
        bank = opened.bank
        self.about.setText(
            self.tr("{table}: {patients}, {errors} misjudged by {model}").format(
                table=bank.head.table,
                patients=plural(len(bank.cases), self.tr("{n} patient"), self.tr("{n} patients")),
                errors=len(bank.errors),
                model=bank.head.model,
            )
        )
        self.result.clear()
        self.form = PatientForm(bank.features, self._theme)
        self.form.changed.connect(self._refresh)
        self.form.submitted.connect(self.predict)
        self._form_place.setWidget(self.form)  # the one before is deleted
        self._show_parts()
        self._refresh()

    def _refresh(self) -> None:
        self.estimate.setEnabled(self.form is not None and self.form.is_usable and self._task is None)

    def _show_parts(self) -> None:
        self.empty.setVisible(self.opened is None)
        self._work.setVisible(self.opened is not None)

    def _lay_out(self) -> None:
        self._form_place = _make_scroll()
        result = _make_scroll()
        result.setWidget(self.result)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(10)
        left.addWidget(self._form_place, 1)
        left.addWidget(self.estimate, 0, Qt.AlignmentFlag.AlignLeft)
        side = QWidget()
        side.setLayout(left)
        side.setFixedWidth(FORM_WIDTH)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.progress)
        right.addWidget(result, 1)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addWidget(side)
        columns.addLayout(right, 1)
        head = QHBoxLayout()
        head.addWidget(self.about, 1)
        head.addWidget(self.other)
        self._work = QWidget()
        inside = QVBoxLayout(self._work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addLayout(head)
        inside.addLayout(columns, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self._work, 1)


def _make_scroll() -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
