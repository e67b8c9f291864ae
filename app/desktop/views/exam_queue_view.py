"""The runs that wait: in which order, how long they will take, and what became of the others."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import exam_queue_operations
from app.desktop.exam_queue_operations import QueueRow, QueueState, RunProgress
from app.desktop.models.exam_queue import ExamQueueModel
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind, tooltip
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label
from app.desktop.views.table import make_table
from app.desktop.wording import describe_seconds, plural

if TYPE_CHECKING:
    from agents.exams.queue import ExamQueue


class ExamQueueView(QWidget):
    """Changes the queue's file; the runs themselves are made by the page."""

    start_wanted = Signal()
    setup_wanted = Signal()
    """There is nothing yet; runs are to be put together."""
    changed = Signal(object)
    """The queue was read: a :class:`~app.desktop.exam_queue_operations.QueueState`."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Read the queue."""
        super().__init__(parent)
        self._desk = desk
        self._is_running = False
        self._seconds_left: tuple[int, float] | None = None
        """Of the run that is made now, as it says itself."""
        self._state: QueueState | None = None
        self.rows = ExamQueueModel(self)
        self.table = make_table(self.rows, self.tr("Queue of runs"), on_selection=self._refresh)
        self.estimate = make_label("", "muted")
        self.start = make_button(self.tr("Start"), self.start_wanted.emit, "primary")
        self.earlier = self._make_change("exam_earlier", self.tr("Earlier"), lambda: self.move_by(-1))
        self.later = self._make_change("exam_later", self.tr("Later"), lambda: self.move_by(1))
        self.retry = make_button(self.tr("Try again"), self.try_again)
        self.remove = self._make_change("exam_remove", self.tr("Take out"), self.take_out)
        self._empty = EmptyState(
            icon="exams",
            title=self.tr("Nothing waits"),
            sentence=self.tr(
                "Put runs together under “New run”. They are made one after the other, also over night, "
                "and go on where they were when the program or the computer is started anew."
            ),
            theme=theme,
            buttons=(make_button(self.tr("New run"), self.setup_wanted.emit, "primary"),),
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Read the queue again."""
        exam_queue_operations.read_queue(self._desk, self, Callbacks(on_done=self._show))

    def show_running(self, *, is_running: bool) -> None:
        """Say whether runs are made now."""
        self._is_running = is_running
        if not is_running:
            self._seconds_left = None
            self.rows.show_running(None)
        self._refresh()

    def show_progress(self, progress: RunProgress) -> None:
        """Show how far the present run is."""
        done = 0 if progress.is_training else progress.done
        self._seconds_left = progress.number, progress.seconds_left
        self.rows.show_running(progress.number, done)
        self._refresh()

    def selected(self) -> QueueRow | None:
        """Return the selected run."""
        indexes = self.table.selectionModel().selectedRows()
        return self.rows.row(indexes[0]) if indexes else None

    def move_by(self, places: int) -> None:
        """Let the selected run be made earlier or later."""
        row = self.selected()
        if row is not None:
            number, place = row.entry.number, self.rows.row_of(row.entry.number) + 1 + places
            self._change(lambda queue: queue.move(number, place))

    def take_out(self) -> None:
        """Take the selected run out; what it has written stays."""
        row = self.selected()
        if row is not None and not self.rows.is_running(row):
            number = row.entry.number
            self._change(lambda queue: queue.remove(number))

    def try_again(self) -> None:
        """Let the selected run, which failed, wait again."""
        row = self.selected()
        if row is not None:
            number = row.entry.number
            self._change(lambda queue: queue.retry(number))

    def _change(self, change: "Callable[[ExamQueue], object]") -> None:
        exam_queue_operations.change_queue(
            self._desk, self, change, Callbacks(on_done=lambda _: self.refresh())
        )

    def _make_change(self, shortcut: str, text: str, slot: Callable[[], object]) -> QPushButton:
        button = make_button(text, slot)
        button.setToolTip(tooltip(shortcut))
        bind(self.table, shortcut, slot, Qt.ShortcutContext.WidgetShortcut)
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.earlier, self.later, self.retry, self.remove):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.start)
        filled = QWidget()
        inside = QVBoxLayout(filled)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addWidget(self.table, 1)
        inside.addWidget(self.estimate)
        inside.addLayout(buttons)
        self._stack.addWidget(filled)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _show(self, state: QueueState) -> None:
        chosen = self.selected()
        self._state = state
        self.rows.show(state.rows)
        self._stack.setCurrentIndex(0 if state.rows else 1)
        if state.rows:
            row = self.rows.row_of(chosen.entry.number) if chosen else 0
            self.table.selectRow(max(row, 0))
        self._refresh()
        self.changed.emit(state)

    def _refresh(self) -> None:
        row = self.selected()
        is_free = row is not None and not self.rows.is_running(row)
        place = -1 if row is None else self.rows.row_of(row.entry.number)
        self.earlier.setEnabled(is_free and place > 0)
        self.later.setEnabled(is_free and place < self.rows.rowCount() - 1)
        self.remove.setEnabled(is_free)
        self.retry.setVisible(row is not None and row.entry.state == "failed")
        waiting = self._state.waiting if self._state else 0
        self.start.setEnabled(bool(waiting) and not self._is_running)
        self.estimate.setText(self._describe_estimate())

    def _describe_estimate(self) -> str:
        """Say how long all that waits will take; of the present run it knows best itself."""
        row = self.selected()
        if row is not None and row.entry.reason:
            return row.entry.reason
        if self._state is None or not self._state.waiting:
            return self.tr("All runs are made.")
        estimate = self._state.estimate
        if self._seconds_left is not None:
            estimate = estimate.with_present(*self._seconds_left)
        runs = plural(estimate.waiting, self.tr("{n} run to be made"), self.tr("{n} runs to be made"))
        if not estimate.by_run:
            return self.tr("{runs}; how long they take is known when some items are done").format(runs=runs)
        time = describe_seconds(estimate.seconds)
        if estimate.unknown:
            return self.tr("{runs}; at least {time}, for of some no run like them was made").format(
                runs=runs, time=time
            )
        return self.tr("{runs}; about {time} left").format(runs=runs, time=time)
