"""Everything in the window once the data folder is open; joins the views, holds no logic of its own."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import operations
from app.desktop.dialogs.shortcuts_dialog import ShortcutsDialog
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.shortcuts import bind
from app.desktop.theme import Theme
from app.desktop.views.chat_page import ChatPage
from app.desktop.views.evidence_panel import EvidencePanel
from app.desktop.views.library_page import LibraryPage
from app.desktop.views.models_page import ModelsPage
from app.desktop.views.notice_bar import NoticeBar
from app.desktop.views.sidebar import Sidebar


class DeskView(QWidget):
    """Sidebar, pages, evidence."""

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        *,
        sidebar: Sidebar,
        chat: ChatPage,
        library: LibraryPage,
        models: ModelsPage,
        evidence: EvidencePanel,
    ) -> None:
        """Show the chat; nothing is read yet."""
        super().__init__()
        self._desk = desk
        self.sidebar = sidebar
        self.chat = chat
        self.library = library
        self.models = models
        self.evidence = evidence
        self.notice = NoticeBar(theme)
        self._pages = {"chat": self.chat, "library": self.library, "models": self.models}
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._lay_out()
        self._connect()
        self._bind()
        self.show_page("chat")

    def begin(self) -> None:
        """Read what is shown from the start, and wait for a question."""
        self.chat.composer.edit.setFocus()
        for refresh in (
            operations.refresh_documents,
            operations.refresh_conversations,
            operations.refresh_models,
        ):
            refresh(self._desk)
        self.library.resume()
        operations.warm_up(self._desk)

    def show_page(self, name: str) -> None:
        """Show ``chat``, ``library`` or ``models``."""
        self._stack.setCurrentWidget(self._pages[name])
        self.sidebar.show_page(name)

    def add_files(self, paths: list[Path]) -> None:
        """Add what was dropped: models to the models, everything else to the library."""
        models = [path for path in paths if path.suffix.lower() == ".gguf"]
        documents = [path for path in paths if path not in models]
        if models:
            self.show_page("models")
            self.models.add(models[0])
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

    def _lay_out(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(self._stack)
        self._splitter.addWidget(self.evidence)
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
        self.chat.place_opened.connect(self.open_place)
        self.chat.add_files_wanted.connect(self.library.choose_files)
        self.chat.add_samples_wanted.connect(self.library.add_samples)
        self.library.place_opened.connect(self.open_place)
        self._desk.tasks.failed.connect(self.notice.show_sentence)

    def _bind(self) -> None:
        starts = {
            "chat": self.chat.composer.edit,
            "library": self.library.documents.filter,
            "models": self.models.table,
        }
        for name, start in starts.items():
            bind(
                self, f"show_{name}", lambda name=name, start=start: (self.show_page(name), start.setFocus())
            )
        bind(self, "show_shortcuts", self._show_shortcuts)
        bind(self, "new_conversation", self._start_conversation)
        bind(self, "focus_question", self._focus_question)
        bind(self, "escape", self._escape)
        bind(self, "copy_answer", self.chat.copy_last)
        bind(self, "add_files", self._add_files)
        bind(self, "find", self._find)

    def _start_conversation(self) -> None:
        self.show_page("chat")
        self.chat.start_new()

    def _focus_question(self) -> None:
        self.show_page("chat")
        self.chat.composer.edit.setFocus()

    def _escape(self) -> None:
        if self.chat.is_running:
            self.chat.stop()
        elif not self.evidence.isHidden():
            self.evidence.close_panel()

    def _add_files(self) -> None:
        self.show_page("library")
        self.library.choose_files()

    def _find(self) -> None:
        self.show_page("library")
        self.library.show_search()

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self.window()).open()


def build_in_steps(desk: Desk, theme: Theme) -> Iterator[DeskView | None]:
    """Build one part a step, so that the window can breathe in between; the last step gives the whole."""
    sidebar = Sidebar(desk, theme)
    yield None
    chat = ChatPage(desk, theme)
    yield None
    library = LibraryPage(desk, theme)
    yield None
    models = ModelsPage(desk, theme)
    yield None
    evidence = EvidencePanel(desk, theme)
    yield None
    yield DeskView(desk, theme, sidebar=sidebar, chat=chat, library=library, models=models, evidence=evidence)
