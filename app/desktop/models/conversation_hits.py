"""What a search in the conversations found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.wording import plain_tooltip

if TYPE_CHECKING:
    from agents.conversation_search import ConversationHit

Index = QModelIndex | QPersistentModelIndex
HIT_ROLE = Qt.ItemDataRole.UserRole
"""The :class:`agents.conversation_search.ConversationHit`."""


class ConversationHitsModel(QAbstractListModel):
    """One row a hit, best first. The display text is what a screen reader says."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[ConversationHit, ...] = ()

    def show(self, rows: "Sequence[ConversationHit]") -> None:
        """Show these hits."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

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
            return f"{hit.conversation.title}: {hit.text}" if hit.text else hit.conversation.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(hit.question or hit.conversation.title)
        return None
