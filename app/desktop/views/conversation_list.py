"""The conversations: open, rename, export, delete."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from app.desktop import operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.dialogs.export_dialog import choose_export
from app.desktop.models.conversations import ConversationsModel
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind, describe


class ConversationList(QListView):
    """Last used first; F2 renames, Del deletes after a question."""

    opened = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self._rows = ConversationsModel(self)
        self._rows.renamed.connect(lambda id_, title: operations.rename_conversation(desk, id_, title))
        self.setModel(self._rows)
        self.setAccessibleName(self.tr("Conversations"))
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        bind(self, "rename", self.rename_current, Qt.ShortcutContext.WidgetShortcut)
        bind(self, "delete", self.delete_current, Qt.ShortcutContext.WidgetShortcut)
        desk.state.conversations_changed.connect(self._refresh)
        desk.state.conversation_changed.connect(self._mark_shown)
        self._refresh()

    def rename_current(self) -> None:
        """Edit the title in place."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def delete_current(self) -> None:
        """Delete after asking."""
        if not self.currentIndex().isValid():
            return
        conversation = self._rows.conversation(self.currentIndex())
        confirm(
            self.window(),
            title=self.tr("Delete this conversation?"),
            text=self.tr("“{title}” and its answers are deleted for good.").format(title=conversation.title),
            action=self.tr("Delete"),
            on_confirmed=lambda: operations.delete_conversation(self._desk, conversation.id),
        )

    def export_current(self) -> None:
        """Let the user choose a file, and write the conversation to it."""
        if self.currentIndex().isValid():
            choose_export(self.window(), self._desk, self._rows.conversation(self.currentIndex()))

    def _open(self, index: QModelIndex) -> None:
        self._desk.state.show_conversation(self._rows.conversation(index).id)
        self.opened.emit()

    def _refresh(self) -> None:
        self._rows.show(self._desk.state.conversations)
        self._mark_shown()

    def _mark_shown(self) -> None:
        row = self._rows.row_of(self._desk.state.conversation)
        if row < 0:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
        else:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(self._rows.index(row), flag)

    def _show_menu(self, position: QPoint) -> None:
        if not self.indexAt(position).isValid():
            return
        self.setCurrentIndex(self.indexAt(position))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, slot in (
            ("rename", self.rename_current),
            ("export", self.export_current),
            ("delete", self.delete_current),
        ):
            text, key = describe(name)
            text += "…" if name == "export" else ""
            menu.addAction(f"{text}\t{key}").triggered.connect(lambda _checked, slot=slot: slot())
        menu.popup(self.viewport().mapToGlobal(position))
