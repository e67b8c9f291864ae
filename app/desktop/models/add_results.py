"""How adding each file ended."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.desktop.icons import make_icon
from app.desktop.theme import Theme
from app.desktop.wording import plain_tooltip

if TYPE_CHECKING:
    from rag.types import AddResult

Index = QModelIndex | QPersistentModelIndex
ICONS = {"indexed": ("check", "success"), "duplicate": ("copy", "muted"), "failed": ("error", "danger")}


class AddResultsModel(QAbstractListModel):
    """One row a file, in the order in which they ended."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """No file yet."""
        super().__init__(parent)
        self._theme = theme
        self._rows: list[AddResult] = []

    def clear(self) -> None:
        """Forget all results."""
        self.beginResetModel()
        self._rows = []
        self.endResetModel()

    def append(self, result: "AddResult") -> None:
        """Add a row at the end."""
        row = len(self._rows)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.append(result)
        self.endInsertRows()

    def count(self, status: str) -> int:
        """Count the files that ended like this."""
        return sum(1 for row in self._rows if row.status == status)

    def first(self, status: str) -> int:
        """Return the first row that ended like this, -1 when there is none."""
        return next((number for number, row in enumerate(self._rows) if row.status == status), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the files."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the file's name and how it ended."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        text = f"{row.file.name}: {self._describe(row)}"
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(text)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(row.status)
        return None

    def _describe(self, row: "AddResult") -> str:
        from rag.types import AddStatus

        match row.status:
            case AddStatus.INDEXED:
                return self.tr("added, {n} passages").format(n=row.chunks - row.filtered)
            case AddStatus.DUPLICATE:
                return self.tr("is already in the library")
            case _:
                return row.reason or self.tr("failed")

    def _icon(self, status: str) -> QIcon:
        name, color = ICONS[status]
        return make_icon(name, self._theme.tokens[color], self._theme.tokens["disabled"], 16)
