"""The hits of a search in the library."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from app.desktop.snippets import Snippet
    from rag.types import SearchHit

Index = QModelIndex | QPersistentModelIndex
SNIPPET_ROLE = Qt.ItemDataRole.UserRole
"""The :class:`app.desktop.snippets.Snippet`."""
FIT_ROLE = SNIPPET_ROLE + 1
"""Its score beside that of the best hit, 0 to 1."""


class HitsModel(QAbstractListModel):
    """One row a hit, best first. The display text is what a screen reader says."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[Snippet, ...] = ()

    def show(self, rows: "tuple[Snippet, ...]") -> None:
        """Show these hits."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def hit(self, index: Index) -> "SearchHit":
        """Return the hit of a row."""
        return self._rows[index.row()].hit

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the hits."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the hit or its text."""
        if not index.isValid():
            return None
        snippet = self._rows[index.row()]
        hit = snippet.hit
        if role == SNIPPET_ROLE:
            return snippet
        if role == FIT_ROLE:
            best = self._rows[0].hit.score
            return hit.score / best if best > 0 else 0.0
        if role == Qt.ItemDataRole.DisplayRole:
            place = hit.document.title if hit.page is None else f"{hit.document.title}, {hit.page}"
            return f"{place}: {snippet.text[:200]}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr(
                "The bar shows how well this passage fits beside the best one. Similarity {similarity} of "
                "meaning, {bm25} by words."
            ).format(similarity=f"{hit.similarity:.2f}", bm25=f"{hit.bm25:.1f}")
        return None
