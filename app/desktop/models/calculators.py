"""The list of calculators, narrowed by words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from rag.clinical.calculators.calculator import Calculator

Index = QModelIndex | QPersistentModelIndex


class CalculatorsModel(QAbstractListModel):
    """One row a calculator, in the order of the catalogue."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[Calculator, ...] = ()

    def show(self, rows: "Sequence[Calculator]") -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def calculator(self, index: Index) -> "Calculator":
        """Return the calculator of a row."""
        return self._rows[index.row()]

    def row_of(self, name: str) -> int:
        """Return the row of a calculator, -1 when it is not shown."""
        return next((number for number, row in enumerate(self._rows) if row.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title, and what it tells as tooltip."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        return row.about if role == Qt.ItemDataRole.ToolTipRole else None
