"""The library: what is in it, what it is narrowed to, what is being added, and a search through its text."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations, organising
from app.desktop.dialogs.changes_dialog import ChangesDialog
from app.desktop.dialogs.choose import choose_files, choose_folder
from app.desktop.dialogs.folders_dialog import FoldersDialog
from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.samples import open_sample_library
from app.desktop.scopes import Scope
from app.desktop.shortcuts import bind, tooltip
from app.desktop.theme import Theme
from app.desktop.views.adding_view import AddingView
from app.desktop.views.buttons import make_button
from app.desktop.views.documents_view import DocumentsView
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label
from app.desktop.views.passage_search_view import PassageSearchView
from app.desktop.views.scope_chip import ScopeChip
from app.desktop.views.scope_list import ScopeList
from rag.types import DocumentId, FolderChanges

FILE_FILTER = (
    "*.pdf *.docx *.epub *.html *.htm *.xhtml *.md *.markdown *.txt *.text *.rst "
    "*.png *.jpg *.jpeg *.tif *.tiff *.bmp *.gif"
)
PANE_WIDTH = 200
WIDE = 640
"""Pixels of the page from which there is room for the pane."""


class LibraryPage(QWidget):
    """Two tabs, documents and search, beside a pane that narrows both; over them the buttons to add."""

    place_opened = Signal(object)
    document_opened = Signal(str)
    """A whole document is wanted: its id."""

    def __init__(
        self, desk: Desk, theme: Theme, documents: DocumentsView, parent: QWidget | None = None
    ) -> None:
        """Show the documents."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._is_searching = False
        self.adding = AddingView(desk, theme)
        self.adding.synchronised.connect(self._show_changes)
        self.documents = documents
        self.documents.document_actions.document_opened.connect(self.document_opened)
        self.documents.document_actions.reindex_wanted.connect(self.adding.reindex)
        self.documents.scope_left.connect(self.show_everything)
        self.scopes = ScopeList(desk)
        self.scopes.scope_chosen.connect(self._narrow)
        self._pane = self._make_pane()
        self.chip = ScopeChip(theme, self.show_everything)
        self._empty = self._make_empty()
        self._stack = QStackedWidget()
        for page in (self.documents, self._empty):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 24, 32, 16)
        layout.setSpacing(12)
        layout.addLayout(self._make_head())
        layout.addLayout(self._make_tabs())
        layout.addWidget(self.adding)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(self._pane)
        below.addWidget(self._stack, 1)
        layout.addLayout(below, 1)
        bind(self, "new_collection", self._create_collection)
        desk.state.documents_changed.connect(self._choose_page)
        self._choose_page()

    @cached_property
    def search(self) -> PassageSearchView:
        """The search in the text, built when it is asked for."""
        view = PassageSearchView(self._desk, self._theme)
        view.place_opened.connect(self.place_opened)
        self._stack.addWidget(view)
        return view

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders, to the collection that is chosen."""
        self.adding.add(paths, collection=self._collection())

    def add_samples(self) -> None:
        """Add the sample library."""
        with open_sample_library() as folder:
            self.adding.add([folder])

    def choose_files(self) -> None:
        """Let the user choose files to add."""
        filters = [self.tr("Documents ({patterns})").format(patterns=FILE_FILTER)]
        choose_files(self, self.tr("Add files to the library"), self.add, filters=filters)

    def choose_folder(self) -> None:
        """Let the user choose a folder to add."""
        choose_folder(self, self.tr("Add a folder to the library"), lambda folder: self.add([folder]))

    def show_folders(self) -> None:
        """Show the watched folders."""
        dialog = FoldersDialog(self.window(), self._desk, self._theme, collection=self._collection())
        dialog.synchronise_wanted.connect(self.adding.synchronise)
        dialog.open()

    def show_search(self) -> None:
        """Show the search, ready to type."""
        self._is_searching = True
        self._choose_page()
        self.search.query.setFocus()

    def show_documents(self) -> None:
        """Show the table of documents."""
        self._is_searching = False
        self._choose_page()

    def show_everything(self) -> None:
        """Narrow the library to nothing any more."""
        self.scopes.show_scope(Scope())

    def resume(self) -> None:
        """Go on with documents that were not finished."""
        operations.count_unfinished(
            self._desk,
            self,
            lambda count: self.adding.resume() if count and not self.adding.is_running else None,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside an open page there is no room for the pane."""
        super().resizeEvent(event)
        self._choose_page()

    def _narrow(self, scope: Scope) -> None:
        self.documents.narrow(scope)
        self.search.narrow(scope)
        self._choose_page()

    def _collection(self) -> str | None:
        return next(iter(self.scopes.scope.collections), None)

    def _create_collection(self) -> None:
        if self._pane.isVisible():
            self.scopes.create_collection()
        else:
            self.documents.document_actions.create_collection([])

    def _show_changes(self, changes: list[FolderChanges]) -> None:
        dialog = ChangesDialog(self.window(), changes)
        dialog.disable_wanted.connect(
            lambda documents: organising.enable(self._desk, documents, is_enabled=False)
        )
        dialog.remove_wanted.connect(self._remove)
        dialog.open()

    def _remove(self, documents: Sequence[DocumentId]) -> None:
        found = [self._desk.state.document(each) for each in documents]
        self.documents.document_actions.remove([each for each in found if each is not None])

    def _make_head(self) -> QHBoxLayout:
        files = make_button(self.tr("Add files…"), self.choose_files, "primary")
        files.setToolTip(tooltip("add_files"))
        set_icon(files, "plus", self._theme, color="on_accent", size=16)
        folder = make_button(self.tr("Add folder…"), self.choose_folder)
        set_icon(folder, "folder", self._theme, color="muted", size=16)
        watched = make_button(self.tr("Watched folders…"), self.show_folders, "quiet")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(make_label(self.tr("Library"), "title", wraps=False), 1)
        head.addWidget(watched)
        head.addWidget(folder)
        head.addWidget(files)
        return head

    def _make_pane(self) -> QWidget:
        create = make_button(self.tr("New collection"), self._create_collection, "quiet")
        create.setToolTip(tooltip("new_collection"))
        set_icon(create, "plus", self._theme, color="muted", size=16)
        pane = QWidget()
        pane.setFixedWidth(PANE_WIDTH)
        layout = QVBoxLayout(pane)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.scopes, 1)
        layout.addWidget(create, 0, Qt.AlignmentFlag.AlignLeft)
        return pane

    def _make_tabs(self) -> QHBoxLayout:
        self._documents_tab = self._make_tab(self.tr("Documents"), self.show_documents)
        self._search_tab = self._make_tab(self.tr("Search in the text"), self.show_search)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self._documents_tab)
        row.addWidget(self._search_tab)
        row.addStretch()
        row.addWidget(self.chip)
        return row

    def _make_tab(self, text: str, slot: Callable[[], None]) -> QPushButton:
        tab = make_button(text, slot, "tab")
        tab.setCheckable(True)
        return tab

    def _make_empty(self) -> EmptyState:
        return EmptyState(
            icon="library",
            title=self.tr("Nothing in your library yet"),
            sentence=self.tr(
                "Drop PDF, Word, EPUB, web page, text or picture files here, or whole folders of them."
            ),
            theme=self._theme,
            buttons=(
                make_button(self.tr("Add files…"), self.choose_files, "primary"),
                make_button(self.tr("Add the sample library"), self.add_samples),
            ),
        )

    def _choose_page(self) -> None:
        is_empty = self._desk.state.is_library_empty
        is_searching = self._is_searching and not is_empty
        has_room = self.width() >= WIDE
        self._pane.setVisible(not is_empty and has_room)
        is_narrowed = self.scopes.scope != Scope()
        self.chip.show_scope(self.scopes.title if is_narrowed and not has_room and not is_empty else "")
        for tab, is_shown in ((self._documents_tab, not is_searching), (self._search_tab, is_searching)):
            tab.setEnabled(not is_empty)
            tab.setChecked(is_shown)
        if is_empty:
            self._stack.setCurrentWidget(self._empty)
        else:
            self._stack.setCurrentWidget(self.search if is_searching else self.documents)
