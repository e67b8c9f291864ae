"""Runs with their figures, the items of one of them, and what the model saw of an item."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import exam_operations
from app.desktop.exam_operations import CaseChoice, ExamRun
from app.desktop.models.exam_items import ABSTAINED, ALL, RIGHT, WRONG, ExamItemsModel
from app.desktop.models.exam_runs import ABSTENTIONS, INTERVAL, ITEMS, ExamRunsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.exam_item_view import ExamItemView
from app.desktop.views.labels import make_label
from app.desktop.views.table import fit_height, make_table
from app.desktop.wording import describe_points, plural

if TYPE_CHECKING:
    from agents.exams.records import ExamRow

Read = Callable[..., object]
"""An operation that takes a desk, an owner and callbacks."""
MAX_ROWS = 6
"""Runs that are shown without scrolling."""


class ExamResultsView(QWidget):
    """One run selected: its items. Two: how they compare."""

    setup_wanted = Signal()
    """There is no run yet; one is to be put together."""
    cases_kept = Signal()
    """What a run got wrong was kept as past cases."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is read yet."""
        super().__init__(parent)
        self._desk = desk
        self.runs = ExamRunsModel(self)
        self.items = ExamItemsModel(theme, self)
        self.table = make_table(
            self.runs,
            self.tr("Exam runs"),
            gives_way=(ABSTENTIONS, ITEMS, INTERVAL),
            is_for_many=True,
            on_selection=self._show_selection,
        )
        self.sentence = make_label("", "muted")
        self.report = make_button(self.tr("Open the report"), self.open_report)
        self.cases = make_button(self.tr("Keep as past cases"), self.keep_cases)
        self.cases.setToolTip(
            self.tr("What this run got wrong can then be shown with items of another exam (“More options”).")
        )
        self.filter = ChoiceButton(self.tr("Which items"), theme)
        self.filter.chosen.connect(self._filter)
        self.list = self._make_list()
        self.detail = ExamItemView(theme)
        self._empty = EmptyState(
            icon="exams",
            title=self.tr("No run yet"),
            sentence=self.tr(
                "When an exam has been asked, its figures stand here: accuracy with its interval, how runs "
                "compare, and for each item what was found and why the answer was wrong."
            ),
            theme=theme,
            buttons=(make_button(self.tr("New run"), self.setup_wanted.emit, "primary"),),
        )
        self._stack = QStackedWidget()
        self._shown: ExamRun | None = None
        self._readings: Counter[str] = Counter()
        """How often each thing was read; what an older reading brings is out of date."""
        self._lay_out()
        self._show_count()

    def refresh(self, select: str | None = None) -> None:
        """Read the runs again; ``select`` names the folder of the one that is to be selected."""
        chosen = self.selected()
        name = select or (chosen[0].folder.name if chosen else "")
        self._ask("runs", exam_operations.read_runs, lambda runs: self._show_runs(runs, name))

    def selected(self) -> list[ExamRun]:
        """Return the selected runs, from above."""
        rows = sorted(self.table.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self.runs.row(index) for index in rows]

    def open_report(self) -> None:
        """Write a report of the selected runs and show it in the browser."""
        runs = [run.folder for run in self.selected()]
        if runs:
            exam_operations.write_report(
                self._desk,
                self,
                runs,
                Callbacks(on_done=lambda file: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))),
            )

    def keep_cases(self) -> None:
        """Keep what the selected run got wrong as past cases."""
        runs = self.selected()
        if runs:
            exam_operations.keep_cases(self._desk, self, runs[0].folder, Callbacks(on_done=self._show_kept))

    def _show_kept(self, kept: CaseChoice) -> None:
        text = plural(kept.count, self.tr("{n} past case is kept."), self.tr("{n} past cases are kept."))
        self.sentence.setText(text)
        self.cases_kept.emit()

    def _ask(self, what: str, read: Read, show: Callable[[Any], object]) -> None:
        """Read something and show it, unless it was asked for again meanwhile."""
        self._readings[what] += 1
        reading = self._readings[what]

        def done(found: object) -> None:
            if self._readings[what] == reading:
                show(found)

        read(self._desk, self, callbacks=Callbacks(on_done=done, on_error=self.sentence.setText))

    def _show_runs(self, runs: list[ExamRun], select: str) -> None:
        self._stack.setCurrentIndex(0 if runs else 1)
        self.runs.show(tuple(runs))
        fit_height(self.table, min(len(runs), MAX_ROWS))
        if runs:
            self.table.selectRow(max(self.runs.row_of(select), 0))

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self.items)
        view.setAccessibleName(self.tr("Items of the run"))
        view.setUniformItemSizes(True)
        view.setIconSize(QSize(16, 16))
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.selectionModel().currentChanged.connect(lambda index, _: self._show_item(index))
        return view

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.sentence, 1)
        below.addWidget(self.filter)
        below.addWidget(self.cases)
        below.addWidget(self.report)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        splitter.setSizes([360, 560])
        splitter.setMinimumHeight(280)
        filled = QWidget()
        inside = QVBoxLayout(filled)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addWidget(self.table)
        inside.addLayout(below)
        inside.addWidget(splitter, 1)
        self._stack.addWidget(filled)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _show_selection(self) -> None:
        runs = self.selected()
        self.report.setEnabled(bool(runs))
        self.cases.setEnabled(len(runs) == 1)
        self._readings["comparison"] += 1  # what is on its way is of another choice
        if len(runs) == 2:
            second, first = runs  # the one that was begun first stands below
            self._ask(
                "comparison",
                partial(exam_operations.compare_runs, first=first.folder, second=second.folder),
                lambda found: self._show_comparison(first, second, found),
            )
        elif runs:
            self.sentence.setText(str(runs[0].figures.get("warning", "")))
        if runs and (self._shown is None or runs[0].folder != self._shown.folder or not self._shown.is_whole):
            self._shown = runs[0]
            self._ask("rows", partial(exam_operations.read_rows, run=runs[0].folder), self._show_rows)

    def _show_comparison(self, first: ExamRun, second: ExamRun, found: dict[str, Any]) -> None:
        low, high = found["interval"]
        self.sentence.setText(
            self.tr(
                "{second} against {first}, on {n} items: {difference} points (95 % interval {low} to {high}; "
                "only one right: {first_only} and {second_only}; McNemar p = {p})."
            ).format(
                second=second.folder.name,
                first=first.folder.name,
                n=found["n"],
                difference=describe_points(found["difference"]),
                low=describe_points(low),
                high=describe_points(high),
                first_only=found["first_only"],
                second_only=found["second_only"],
                p=f"{found['p']:.3g}",
            )
        )

    def _show_rows(self, rows: "list[ExamRow]") -> None:
        self.items.show(rows)
        self._show_count()
        self.detail.clear()
        if self.items.rowCount():
            self.list.setCurrentIndex(self.items.index(0))

    def _filter(self, state: object) -> None:
        self.items.filter(str(state))
        self.detail.clear()
        if self.items.rowCount():
            self.list.setCurrentIndex(self.items.index(0))

    def _show_count(self) -> None:
        names = {
            ALL: self.tr("All items"),
            WRONG: self.tr("Wrong"),
            RIGHT: self.tr("Right"),
            ABSTAINED: self.tr("Abstained"),
        }
        choices = [(state, f"{name} ({self.items.count(state)})") for state, name in names.items()]
        self.filter.show_choices(choices, self.filter.value or ALL)

    def _show_item(self, index: Any) -> None:
        if index.isValid():
            self.detail.show_row(self.items.row(index), self._shown.settings.arm if self._shown else "closed")
