"""The conversations in the sidebar: all of them, or what a search in them found."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from agents.conversation_search import ConversationHit
from app.desktop import conversing
from app.desktop.models.conversation_hits import HIT_ROLE, ConversationHitsModel
from app.desktop.operations import Desk
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.conversation_hit_delegate import ConversationHitDelegate
from app.desktop.views.conversation_list import ConversationList
from app.desktop.views.labels import make_label

TYPING_MILLISECONDS = 200
"""After the last key, before it is searched."""


class ConversationsPane(QWidget):
    """A field; while words stand in it, the turns in which they were found."""

    opened = Signal()
    """A conversation is shown."""
    turn_opened = Signal(str, int)
    """A conversation and the turn in it that is wanted."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Show all conversations."""
        super().__init__(parent)
        self._desk = desk
        self.query = QLineEdit(placeholderText=self.tr("Search conversations…"), clearButtonEnabled=True)
        self.query.setAccessibleName(self.tr("Search the conversations"))
        self.query.setToolTip(tooltip("find_conversation"))
        self.query.installEventFilter(self)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MILLISECONDS)
        self._typing.timeout.connect(self._search)
        self.query.textChanged.connect(self._note_typing)
        self.list = ConversationList(desk)
        self.list.opened.connect(self.opened)
        self._hits = ConversationHitsModel(self)
        self.hits = self._make_hits(theme)
        self.nothing = make_label(self.tr("Nothing was found. Try fewer or other words."), "small")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(10, 6, 10, 0)
        self._stack = QStackedWidget()
        for widget in (self.list, self.hits, self.nothing):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.query)
        layout.addWidget(self._stack, 1)
        desk.state.conversations_changed.connect(self._search_again)
        desk.state.document_removed.connect(lambda _: self._search_again())

    def start_search(self) -> None:
        """Be ready to type."""
        self.query.setFocus()
        self.query.selectAll()

    def end_search(self) -> bool:
        """Show all conversations again; tell whether a search was shown and the focus was in it."""
        has_focus = self.query.hasFocus() or self.hits.hasFocus()
        if not self.query.text() or not has_focus:
            return False
        self.query.clear()
        self.query.setFocus()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys go from the field to what was found."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if (
                event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
                and self._stack.currentWidget() is self.hits
            ):
                self._open(self.hits.currentIndex())
                return True
            if event.key() == Qt.Key.Key_Down:
                self._stack.currentWidget().setFocus()
                return True
        return super().eventFilter(watched, event)

    def _make_hits(self, theme: Theme) -> QListView:
        hits = QListView()
        hits.setModel(self._hits)
        hits.setAccessibleName(self.tr("Found in conversations"))
        hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        hits.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        hits.setResizeMode(QListView.ResizeMode.Adjust)
        hits.setLayoutMode(QListView.LayoutMode.Batched)  # laying a row out takes a millisecond
        hits.setBatchSize(10)
        hits.setItemDelegate(ConversationHitDelegate(theme, hits))
        hits.clicked.connect(self._open)
        hits.activated.connect(self._open)
        return hits

    def _note_typing(self, text: str) -> None:
        if text.strip():
            self._typing.start()
        else:
            self._typing.stop()
            self._show_all()

    def _search_again(self) -> None:
        """What was found may have gone, or there may be more."""
        if self.query.text().strip():
            self._search()

    def _search(self) -> None:
        query = self.query.text()
        conversing.search_conversations(
            self._desk, self, query, lambda hits: self._show(hits) if query == self.query.text() else None
        )

    def _show(self, hits: list[ConversationHit]) -> None:
        self._hits.show(hits)
        self._stack.setCurrentWidget(self.hits if hits else self.nothing)
        if hits:
            self.hits.setCurrentIndex(self._hits.index(0))

    def _show_all(self) -> None:
        self._hits.show(())
        self._stack.setCurrentWidget(self.list)

    def _open(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        hit: ConversationHit = index.data(HIT_ROLE)
        if hit.turn is None:
            self._desk.state.show_conversation(hit.conversation.id)
        else:
            self.turn_opened.emit(hit.conversation.id, hit.turn)
        self.opened.emit()
