"""The list of conversations, last used first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.desktop.wording import plain_tooltip

if TYPE_CHECKING:
    from agents.history import Conversation

Index = QModelIndex | QPersistentModelIndex


class ConversationsModel(QAbstractListModel):
    """One row a conversation; its title can be edited."""

    renamed = Signal(str, str)
    """Id and new title."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._rows: tuple[Conversation, ...] = ()

    def show(self, rows: "tuple[Conversation, ...]") -> None:
        """Show these conversations."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def conversation(self, index: Index) -> "Conversation":
        """Return the conversation of a row."""
        return self._rows[index.row()]

    def row_of(self, conversation: str | None) -> int:
        """Return the row of a conversation, -1 when it is not there."""
        return next((number for number, row in enumerate(self._rows) if row.id == conversation), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the conversations."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title."""
        if not index.isValid():
            return None
        title = self._rows[index.row()].title
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(title)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Titles can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; the row changes when it is saved."""
        title = str(value).strip()
        if not index.isValid() or role != Qt.ItemDataRole.EditRole or not title:
            return False
        row = self._rows[index.row()]
        if title != row.title:
            self.renamed.emit(row.id, title)
        return True
