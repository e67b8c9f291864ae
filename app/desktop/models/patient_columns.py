"""How the columns of a table of patients are understood."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import describe_share, plain_tooltip

if TYPE_CHECKING:
    from rag.clinical.cases.types import ColumnReport

Index = QModelIndex | QPersistentModelIndex


class PatientColumnsModel(QAbstractTableModel):
    """One row a column; what tells the outcome first, then what is not understood last."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[ColumnReport, ...] = ()
        self._columns: tuple[tuple[str, Callable[[ColumnReport], str]], ...] = (
            (self.tr("Column"), lambda report: report.column),
            (self.tr("Understood as"), self._describe_role),
            (self.tr("Unit"), lambda report: report.feature.unit if report.feature else ""),
            (self.tr("Missing"), lambda report: describe_share(report.missing)),
            (self.tr("Implausible"), lambda report: str(report.implausible) if report.implausible else ""),
        )

    def show(self, rows: "tuple[ColumnReport, ...]") -> None:
        """Show these columns."""
        order = {"leak": 0, "unknown": 2}
        self.beginResetModel()
        self._rows = tuple(sorted(rows, key=lambda report: order.get(report.role.value, 1)))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the rows."""
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
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text; the tooltip says why a column is left out."""
        if not index.isValid():
            return None
        report = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](report)
        if role == Qt.ItemDataRole.ToolTipRole and report.reason:
            return plain_tooltip(report.reason)
        return None

    def _describe_role(self, report: "ColumnReport") -> str:
        if report.feature is not None:
            return report.feature.label
        names = {
            "id": self.tr("the stay"),
            "person": self.tr("the person"),
            "sex": self.tr("sex"),
            "age": self.tr("age"),
            "race": self.tr("race"),
            "outcome": self.tr("died in hospital"),
            "severity": self.tr("severity score, not shown to the model"),
            "time": self.tr("time"),
            "leak": self.tr("left out: {reason}").format(reason=report.reason),
            "unknown": self.tr("not used"),
        }
        return names[report.role.value]
