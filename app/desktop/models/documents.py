"""The table of the library's documents."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import plain_tooltip

if TYPE_CHECKING:
    from rag.types import Document

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
"""What a column is sorted by."""


class DocumentsModel(QAbstractTableModel):
    """One row a document."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[Document, ...] = ()
        self._columns: tuple[tuple[str, Callable[[Document], object], Callable[[Document], str]], ...] = (
            (self.tr("Title"), lambda d: d.title.casefold(), lambda d: d.title),
            (self.tr("File"), lambda d: d.file.casefold(), lambda d: d.file),
            (self.tr("Pages"), lambda d: d.pages or 0, lambda d: str(d.pages or "–")),
            (self.tr("Passages"), lambda d: d.chunks - d.filtered, lambda d: str(d.chunks - d.filtered)),
            (self.tr("Status"), lambda d: d.status, self._describe_status),
            (self.tr("Added"), lambda d: d.added.timestamp(), self._describe_day),
        )

    def show(self, rows: "tuple[Document, ...]") -> None:
        """Show these documents; rows that stay keep their place, so that a selection lasts."""
        if [row.id for row in rows] == [row.id for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self._columns) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def document(self, index: Index) -> "Document":
        """Return the document of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the documents."""
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
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if not index.isValid():
            return None
        document = self._rows[index.row()]
        _, sort_key, describe = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return describe(document)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(describe(document))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        return sort_key(document) if role == SORT_ROLE else None

    def _describe_status(self, document: "Document") -> str:
        from rag.types import DocumentStatus

        return self.tr("Ready") if document.status is DocumentStatus.READY else self.tr("Not finished")

    def _describe_day(self, document: "Document") -> str:
        day = document.added.astimezone().date()
        return QLocale().toString(day, "d MMM yyyy")


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_number = column in (2, 3)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
