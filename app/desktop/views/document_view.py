"""One document: its parts, those that are left out with the reason, and the page on which each stands."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.desktop import parts
from app.desktop.models.chunks import Choice
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.chunk_list import ChunkList
from app.desktop.views.document_head import DocumentHead
from app.desktop.views.page_note import PageNote
from app.desktop.views.page_view import PageView
from app.desktop.views.take_back_view import TakeBackView
from rag.types import Chunk, Document

PARTS_WIDTH, PAGE_WIDTH = 480, 520


class DocumentView(QWidget):
    """Joins head, parts and page; the page follows the chosen part."""

    closed = Signal()
    """The way back was chosen, or the document is gone."""
    document_opened = Signal(str)
    """Another document is wanted: its id."""
    seen = Signal()
    """The view came into sight; it has a page of its own, so no other is needed beside it."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No document is open."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._document: Document | None = None
        self.head = DocumentHead(theme)
        self.head.closed.connect(self.closed)
        self.note = PageNote(desk, theme)
        self.note.document_opened.connect(self.document_opened)
        self.parts = ChunkList(theme)
        self.parts.chosen.connect(self._show_chosen)
        self.take_back = TakeBackView(desk, theme)
        self.page = PageView(desk, theme)
        self._lay_out()
        bind(self, "take_back", self.take_back.toggle, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        desk.state.documents_changed.connect(self._refresh)
        desk.state.document_removed.connect(self._note_removal)

    @property
    def document(self) -> Document | None:
        """The document that is open."""
        return self._document

    def open(self, document: str) -> None:
        """Show a document of the library from its beginning; its parts are read in the background."""
        self._document = self._desk.state.document(document)
        if self._document is not None:
            self.page.close_document()
            self.parts.clear()
            self.take_back.show_chunk(None, 0)
            self._show_document(self._document)
            self._read_parts(ordinal=0)
            self.parts.list.setFocus()

    def close_document(self) -> None:
        """Let go of the file."""
        self._document = None
        self.page.close_document()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that the view is in sight."""
        super().showEvent(event)
        self.seen.emit()

    def _refresh(self) -> None:
        if self._document is None:
            return
        document = self._desk.state.document(self._document.id)
        if document is None:
            self.closed.emit()
        elif document != self._document:
            current = self.parts.current()
            self._document = document
            self._show_document(document)
            self._read_parts(current.ordinal if current else 0)

    def _show_document(self, document: Document) -> None:
        self.head.show_document(document)
        self.note.show_document(document)

    def _read_parts(self, ordinal: int) -> None:
        document = self._document
        if document is None:
            return

        def show(found: tuple[tuple[Chunk, int | None], ...]) -> None:
            if self._document is document:
                self.parts.show(found, ordinal)

        callbacks = Callbacks(on_done=show, on_error=self.page.show_sentence)
        parts.read_parts(self._desk, self, document.id, callbacks)

    def _show_chosen(self) -> None:
        chunk = self.parts.current()
        filtered = chunk.filtered if chunk else None
        alike = self.parts.rows.count_left_out(filtered) if filtered else 0
        self.take_back.show_chunk(chunk, alike)
        if self._document is not None and chunk is not None:
            self.page.open(self._document, chunk.spans)
        elif self.parts.rows.count(Choice.ALL):
            self.page.show_sentence(self.tr("Choose a part to see it on its page."))

    def _note_removal(self, document: str) -> None:
        if self._document is not None and self._document.id == document:
            self.closed.emit()

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.parts, 1)
        column.addWidget(self.take_back)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(left)
        splitter.addWidget(self.page)
        splitter.setSizes([PARTS_WIDTH, PAGE_WIDTH])
        for part, width in enumerate((PARTS_WIDTH, PAGE_WIDTH)):
            splitter.setStretchFactor(part, width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.note)
        layout.addWidget(splitter, 1)
