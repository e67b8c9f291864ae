"""The hits of a search in the library."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from rag.types import SearchHit

Index = QModelIndex | QPersistentModelIndex
HIT_ROLE = Qt.ItemDataRole.UserRole
"""The whole :class:`rag.types.SearchHit`."""


class HitsModel(QAbstractListModel):
    """One row a hit, best first. The display text is what a screen reader says."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[SearchHit, ...] = ()

    def show(self, rows: "tuple[SearchHit, ...]") -> None:
        """Show these hits."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def hit(self, index: Index) -> "SearchHit":
        """Return the hit of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the hits."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the hit or its text."""
        if not index.isValid():
            return None
        hit = self._rows[index.row()]
        if role == HIT_ROLE:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            place = hit.document.title if hit.page is None else f"{hit.document.title}, {hit.page}"
            return f"{place}: {' '.join(hit.chunk.text.split())[:200]}"
        return None
