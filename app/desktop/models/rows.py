"""What the tables share: rows of one kind, and columns that write them."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
Columns = tuple[tuple[str, Callable[[Row], str]], ...]
"""The name of each column, and what it says of a row."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel, Generic[Row]):
    """A table of texts. A class of it sets ``_columns``, and says what is to be read beside the texts."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._columns: Columns[Row] = ()

    def row(self, index: Index) -> Row:
        """Return what a row shows."""
        return self._rows[index.row()]

    def find(self, is_wanted: Callable[[Row], bool]) -> int:
        """Return the first row of which this is so, -1 when there is none."""
        return next((number for number, row in enumerate(self._rows) if is_wanted(row)), -1)

    def explain(self, _row: Row, _column: int) -> str | None:
        """Return a cell's tooltip."""
        return None

    def align(self, _column: int) -> Qt.AlignmentFlag:
        """Return where a column's name stands."""
        return LEFT

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's name."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        return self.align(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, or its tooltip."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](row)
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.explain(row, index.column())
            return plain_tooltip(text) if text else None
        return None

    def _reset(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def _refresh(self) -> None:
        """Have all cells read again."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
