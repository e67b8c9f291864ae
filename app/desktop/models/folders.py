"""The table of watched folders."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import plain_tooltip

if TYPE_CHECKING:
    from rag.types import WatchedFolder

Index = QModelIndex | QPersistentModelIndex


class FoldersModel(QAbstractTableModel):
    """One row a folder, by path."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[WatchedFolder, ...] = ()
        self._heads = (self.tr("Folder"), self.tr("Collection"), self.tr("Last synchronised"))

    def show(self, rows: "Sequence[WatchedFolder]") -> None:
        """Show these folders."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def folder(self, index: Index) -> "WatchedFolder":
        """Return the folder of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the folders."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the columns."""
        return 0 if parent.isValid() else len(self._heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's name."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._heads):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        cells = (str(row.path), row.collection or "–", self._describe_time(row))
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(cells[index.column()])
        return None

    def _describe_time(self, row: "WatchedFolder") -> str:
        if row.synchronised is None:
            return self.tr("Not yet")
        return QLocale().toString(row.synchronised.astimezone().replace(tzinfo=None), "d MMM yyyy, hh:mm")
