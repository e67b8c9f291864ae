"""The table of the queue of exams."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import describe_arm, plain_tooltip

if TYPE_CHECKING:
    from app.desktop.exam_queue_operations import QueueRow

Index = QModelIndex | QPersistentModelIndex


class ExamQueueModel(QAbstractTableModel):
    """One row a run, in the order in which they are made."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[QueueRow, ...] = ()
        self._running: int | None = None
        self._columns: tuple[tuple[str, Callable[[QueueRow], str]], ...] = (
            (self.tr("Run"), lambda row: row.entry.folder.name),
            (self.tr("Model"), lambda row: row.entry.model or "–"),
            (self.tr("Answered from"), lambda row: describe_arm(row.entry.settings.arm)),
            (self.tr("Items"), self._describe_items),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "tuple[QueueRow, ...]") -> None:
        """Show these runs."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def show_running(self, number: int | None, done: int = 0) -> None:
        """Mark the run that is made now, with the items that it has done."""
        self._running = number
        for place, row in enumerate(self._rows):
            if row.entry.number == number:
                self._rows = (
                    *self._rows[:place],
                    type(row)(entry=row.entry, done=max(done, row.done)),
                    *self._rows[place + 1 :],
                )
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row(self, index: Index) -> "QueueRow":
        """Return the run of a row."""
        return self._rows[index.row()]

    def row_of(self, number: int) -> int:
        """Return the row of the entry with this number, -1 when it is not there."""
        return next((row for row, each in enumerate(self._rows) if each.entry.number == number), -1)

    def is_running(self, row: "QueueRow") -> bool:
        """Whether this run is made now."""
        return row.entry.number == self._running

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the runs."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text; the tooltip says why a run failed, or where it is kept."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(row.entry.reason or str(row.entry.folder))
        return None

    def _describe_items(self, row: "QueueRow") -> str:
        total = "–" if row.entry.total is None else str(row.entry.total)
        return total if not row.done else self.tr("{done} of {total}").format(done=row.done, total=total)

    def _describe_state(self, row: "QueueRow") -> str:
        if self.is_running(row):
            return self.tr("Running")
        if row.entry.state == "waiting" and row.done:
            return self.tr("Paused")
        names = {"waiting": self.tr("Waiting"), "done": self.tr("Done"), "failed": self.tr("Failed")}
        return names[row.entry.state]
