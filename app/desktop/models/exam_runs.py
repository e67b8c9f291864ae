"""The table of exam runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import describe_arm, describe_share, plain_tooltip

if TYPE_CHECKING:
    from app.desktop.exam_operations import ExamRun

Index = QModelIndex | QPersistentModelIndex


class ExamRunsModel(QAbstractTableModel):
    """One row a run, the last begun first."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[ExamRun, ...] = ()
        self._columns: tuple[tuple[str, Callable[[ExamRun], str]], ...] = (
            (self.tr("Exam"), lambda run: run.exam),
            (self.tr("Model"), lambda run: run.model),
            (self.tr("Answered from"), lambda run: describe_arm(run.settings.arm)),
            (self.tr("Items"), self._describe_items),
            (self.tr("Accuracy"), lambda run: describe_share(run.figures["accuracy"])),
            (self.tr("95 % interval"), self._describe_interval),
            (self.tr("Abstained"), lambda run: str(run.figures["rejected"])),
        )

    def show(self, rows: "tuple[ExamRun, ...]") -> None:
        """Show these runs."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: Index) -> "ExamRun":
        """Return the run of a row."""
        return self._rows[index.row()]

    def row_of(self, name: str) -> int:
        """Return the row of the run with this folder's name, -1 when it is not there."""
        return next((number for number, run in enumerate(self._rows) if run.folder.name == name), -1)

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
        """Return a cell's text; the tooltip names the folder."""
        if not index.isValid():
            return None
        run = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](run)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(str(run.folder))
        return None

    def _describe_items(self, run: "ExamRun") -> str:
        if run.is_whole:
            return str(run.total)
        return self.tr("{done} of {total}").format(done=run.figures["n"], total=run.total)

    def _describe_interval(self, run: "ExamRun") -> str:
        low, high = run.figures["interval"]
        return self.tr("{low} to {high}").format(low=describe_share(low), high=describe_share(high))
