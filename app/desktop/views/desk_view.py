"""Everything in the window once the data folder is open; joins the views, holds no logic of its own."""

from collections.abc import Callable, Iterator
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import models_operations, operations
from app.desktop.dialogs.shortcuts_dialog import ShortcutsDialog
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.shortcuts import bind
from app.desktop.theme import Theme
from app.desktop.views.chat_page import ChatPage
from app.desktop.views.clinical_page import ClinicalPage
from app.desktop.views.composer import Composer
from app.desktop.views.conversations_pane import ConversationsPane
from app.desktop.views.document_view import DocumentView
from app.desktop.views.documents_view import DocumentsView
from app.desktop.views.evidence_panel import EvidencePanel
from app.desktop.views.exam_page import ExamPage
from app.desktop.views.library_page import LibraryPage
from app.desktop.views.models_page import ModelsPage
from app.desktop.views.notice_bar import NoticeBar
from app.desktop.views.patients_page import PatientsPage
from app.desktop.views.recording_view import RecordingView
from app.desktop.views.sidebar import Sidebar

PARTS = (
    "_documents",
    "library",
    "library.search",
    "models",
    "models.installed",
    "models.catalogue",
    "models.embedding",
    "exams",
    "exams.setup",
    "exams.queue",
    "exams.results",
    "evidence",
    "evidence.pdf",
    "document",
    "document.page.pdf",
    "recording",
    "patients",
    "patients.table",
    "patients.evaluation",
    "patients.evaluation.results",
)
"""What is built behind the first view, one after the other."""


class DeskView(QWidget):
    """Sidebar, pages, evidence. What is not seen at first is built by :func:`open_desk` or when asked for."""

    def __init__(self, desk: Desk, theme: Theme, *, sidebar: Sidebar, chat: ChatPage) -> None:
        """Show the chat; nothing is read yet."""
        super().__init__()
        self._desk = desk
        self._theme = theme
        self.sidebar = sidebar
        self.chat = chat
        self.notice = NoticeBar(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(chat)
        self._lay_out()
        self._connect()
        self._bind()
        self.show_page("chat")

    @cached_property
    def _documents(self) -> DocumentsView:
        return DocumentsView(self._desk, self._theme)

    @cached_property
    def library(self) -> LibraryPage:
        """The library, built when it is asked for."""
        page = LibraryPage(self._desk, self._theme, self._documents)
        page.place_opened.connect(self.open_place)
        page.document_opened.connect(self.open_document)
        self._stack.addWidget(page)
        return page

    @cached_property
    def models(self) -> ModelsPage:
        """The models, built when they are asked for."""
        page = ModelsPage(self._desk, self._theme)
        self._stack.addWidget(page)
        return page

    @cached_property
    def clinical(self) -> ClinicalPage:
        """The calculators, built when they are asked for."""
        page = ClinicalPage(self._desk, self._theme)
        page.conversation_wanted.connect(self._write_evidence)
        self._stack.addWidget(page)
        return page

    @cached_property
    def recording(self) -> RecordingView:
        """The ECG recording, built when it is asked for."""
        page = RecordingView(self._desk, self._theme)
        self._stack.addWidget(page)
        return page

    @cached_property
    def patients(self) -> PatientsPage:
        """The intensive-care patients, built when they are asked for."""
        page = PatientsPage(self._desk, self._theme)
        page.conversation_wanted.connect(self._write_evidence)
        self._stack.addWidget(page)
        return page

    @cached_property
    def exams(self) -> ExamPage:
        """The exams, built when they are asked for."""
        page = ExamPage(self._desk, self._theme)
        self._stack.addWidget(page)
        return page

    @cached_property
    def evidence(self) -> EvidencePanel:
        """The evidence, built when it is asked for; closed."""
        panel = EvidencePanel(self._desk, self._theme)
        panel.document_opened.connect(self.open_document)
        self._splitter.addWidget(panel)
        return panel

    @cached_property
    def document(self) -> DocumentView:
        """One document with its parts, built when it is asked for."""
        view = DocumentView(self._desk, self._theme)
        view.closed.connect(self._close_document)
        view.document_opened.connect(self.open_document)
        view.seen.connect(lambda: self.evidence.close_panel())
        self._stack.addWidget(view)
        return view

    def begin(self) -> None:
        """Read what is shown from the start, and wait for a question."""
        self.chat.composer.edit.setFocus()
        operations.refresh_documents(self._desk)
        operations.refresh_conversations(self._desk)

    def show_page(self, name: str) -> None:
        """Show ``chat``, ``library``, ``clinical``, ``ecg``, ``icu``, ``models`` or ``exams``."""
        pages = {
            "chat": lambda: self.chat,
            "library": lambda: self.library,
            "clinical": lambda: self.clinical,
            "models": lambda: self.models,
            "ecg": lambda: self.recording,
            "icu": lambda: self.patients,
            "exams": lambda: self.exams,
        }
        self._stack.setCurrentWidget(pages[name]())
        self.sidebar.show_page(name)

    def add_files(self, paths: list[Path]) -> None:
        """Take what was dropped: recordings, patients, models and folders on their pages; else documents."""
        if isinstance(self._stack.currentWidget(), RecordingView):
            self.recording.open(paths[0])
            return
        if isinstance(self._stack.currentWidget(), PatientsPage):
            self.patients.read(paths)
            return
        is_models = isinstance(self._stack.currentWidget(), ModelsPage)
        models = [path for path in paths if path.suffix.lower() == ".gguf" or (is_models and path.is_dir())]
        documents = [path for path in paths if path not in models]
        if models:
            self.show_page("models")
            self.models.add(models)
        if documents:
            if not self._desk.bedside.settings.is_first_run:
                self.show_page("library")
            self.library.add(documents)

    def open_place(self, place: Place) -> None:
        """Show a place in the evidence panel."""
        is_opening = self.evidence.isHidden()
        self.evidence.open(place)
        if is_opening:
            half = self._splitter.width() // 2
            self._splitter.setSizes([half, half])

    def open_document(self, document: str) -> None:
        """Show a document with its parts, in the library's place."""
        self._stack.setCurrentWidget(self.document)
        self.sidebar.show_page("library")
        self.document.open(document)

    def _lay_out(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(self._stack)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.notice)
        right.addWidget(self._splitter, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        self.sidebar.page_chosen.connect(self.show_page)
        self.sidebar.new_conversation_wanted.connect(self._start_conversation)
        self.sidebar.shortcuts_wanted.connect(self._show_shortcuts)
        self.sidebar.history.turn_opened.connect(self.chat.open_turn)
        self.chat.place_opened.connect(self.open_place)
        self.chat.models_wanted.connect(lambda: self.show_page("models"))
        self.chat.add_files_wanted.connect(lambda: self.library.choose_files())
        self.chat.add_samples_wanted.connect(lambda: self.library.add_samples())
        self._desk.tasks.failed.connect(self.notice.show_sentence)
        self._desk.state.noticed.connect(self.notice.show_notice)

    def _bind(self) -> None:
        starts = {
            "chat": lambda: self.chat.composer.edit,
            "library": lambda: self.library.documents.filter,
            "clinical": lambda: self.clinical.filter,
            "models": lambda: self.models.installed.table,
            "ecg": lambda: self.recording.open_button,
            "icu": lambda: self.patients.patient.first,
            "exams": lambda: self.exams.first,
        }
        for name, start in starts.items():
            bind(self, f"show_{name}", lambda name=name, start=start: self._go_to(name, start()))
        bind(self, "show_shortcuts", self._show_shortcuts)
        bind(self, "new_conversation", self._start_conversation)
        bind(self, "focus_question", self._focus_question)
        bind(self, "edit_question", self._edit_question)
        bind(self, "find_conversation", self.sidebar.history.start_search)
        bind(self, "export", self.sidebar.conversations.export_current)
        bind(self, "escape", self._escape)
        bind(self, "copy_answer", self.chat.copy_last)
        bind(self, "add_files", self._add_files)
        bind(self, "find", self._find)
        bind(self, "undo", self.notice.undo)

    def _go_to(self, page: str, start: QWidget) -> None:
        self.show_page(page)
        start.setFocus()

    def _write_evidence(self, line: str) -> None:
        """Put a calculation before the question that is being written."""
        self.show_page("chat")
        self.chat.composer.write_before(line)

    def _start_conversation(self) -> None:
        self.show_page("chat")
        self.chat.start_new()

    def _focus_question(self) -> None:
        self.show_page("chat")
        self.chat.composer.edit.setFocus()

    def _edit_question(self) -> None:
        self.show_page("chat")
        self.chat.edit_last()

    def _escape(self) -> None:
        if self.sidebar.history.end_search():
            return
        if self.chat.is_running:
            self.chat.stop()
        elif self.chat.end_edit():
            return
        elif not self.evidence.isHidden():
            self.evidence.close_panel()
        elif self._stack.currentWidget() is self.document:
            self._close_document()

    def _close_document(self) -> None:
        self.document.close_document()
        if self._stack.currentWidget() is self.document:
            self.show_page("library")
            self.library.documents.table.setFocus()

    def _add_files(self) -> None:
        self.show_page("library")
        self.library.choose_files()

    def _find(self) -> None:
        self.show_page("library")
        self.library.show_search()

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.window()).open()


def open_desk(
    desk: Desk, theme: Theme, show: Callable[[DeskView], None], on_loaded: Callable[[], None]
) -> Iterator[None]:
    """Build, show and begin, one part a step, so that the window can breathe in between.

    ``show`` gets the view as soon as there is a chat to be seen; the other parts are built behind it.
    ``on_loaded`` is called when what the first question needs is in memory, or cannot be had.
    """
    yield
    history = ConversationsPane(desk, theme)
    yield
    sidebar = Sidebar(desk, theme, history)
    yield
    composer = Composer(theme)
    yield
    chat = ChatPage(desk, theme, composer)
    yield
    view = DeskView(desk, theme, sidebar=sidebar, chat=chat)
    yield
    show(view)
    view.begin()
    with desk.tasks.held_back():
        for part in PARTS:
            yield
            attrgetter(part)(view)
        yield
    view.library.resume()
    models_operations.refresh_models(desk)
    operations.warm_up(desk, on_loaded)
