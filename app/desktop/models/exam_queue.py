"""The table of the queue of exams."""

from typing import TYPE_CHECKING

from app.desktop.models.rows import RowsModel
from app.desktop.wording import describe_arm

if TYPE_CHECKING:
    from app.desktop.exam_queue_operations import QueueRow


class ExamQueueModel(RowsModel["QueueRow"]):
    """One row a run, in the order in which they are made."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._running: int | None = None
        self._columns = (
            (self.tr("Run"), lambda row: row.entry.folder.name),
            (self.tr("Model"), lambda row: row.entry.model or "–"),
            (self.tr("Answered from"), lambda row: describe_arm(row.entry.settings.arm)),
            (self.tr("Items"), self._describe_items),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "tuple[QueueRow, ...]") -> None:
        """Show these runs."""
        self._reset(rows)

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
        self._refresh()

    def row_of(self, number: int) -> int:
        """Return the row of the entry with this number, -1 when it is not there."""
        return self.find(lambda row: row.entry.number == number)

    def is_running(self, row: "QueueRow") -> bool:
        """Whether this run is made now."""
        return row.entry.number == self._running

    def explain(self, row: "QueueRow", _column: int) -> str:
        """Say why a run failed, or where it is kept."""
        return row.entry.reason or str(row.entry.folder)

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
