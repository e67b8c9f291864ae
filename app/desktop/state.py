"""What the window shows, as last read; changed by operations only, watched by views."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from agents.history import Conversation, ConversationId
    from app.desktop.downloads import Download
    from app.desktop.scopes import Overview
    from llm.catalogue import Offer
    from llm.types import LoadedModel, ModelRow, ModelState
    from rag.types import Document, DocumentId


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about what was done, with what takes it back or what leads on."""

    sentence: str
    undo: Callable[[], object] | None = None
    link: str = ""
    """What :attr:`follow` does, on a button."""
    follow: Callable[[], object] | None = None


class State(QObject):
    """Values with a signal for each change. Lives on the GUI thread."""

    documents_changed = Signal()
    conversations_changed = Signal()
    conversation_changed = Signal()
    """Another conversation is shown."""
    models_changed = Signal()
    model_state_changed = Signal()
    downloads_changed = Signal()
    settings_changed = Signal()
    adding_changed = Signal()
    document_removed = Signal(str)
    noticed = Signal(object)
    """Something was done: a :class:`Notice`."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing is read yet."""
        super().__init__(parent)
        self.documents: tuple[Document, ...] = ()
        self.has_read_documents = False
        self.overview: Overview | None = None
        """Of the documents: collections, tags and states; ``None`` before they are read."""
        self.conversations: tuple[Conversation, ...] = ()
        self.conversation: ConversationId | None = None
        """The conversation that is shown; ``None`` is a new one that has no question yet."""
        self.models: tuple[ModelRow, ...] = ()
        self.has_read_models = False
        self.offers: tuple[Offer, ...] = ()
        """Models that can be downloaded."""
        self.downloads: dict[str, Download] = {}
        """Those on their way, by name."""
        self.memory_available = 0
        """Bytes, when the models were read."""
        self.model_state: ModelState | None = None
        """Of the chosen model; ``None`` while it was not asked for."""
        self.model_progress = 0.0
        self.loaded: LoadedModel | None = None
        """What is known of the model that is in memory."""
        self.choosing: str | None = None
        """The model that is brought into memory in order to be the chosen one."""
        self.is_adding = False

    def document(self, document: "DocumentId | str") -> "Document | None":
        """Return a document of the library, ``None`` when it was removed."""
        return next((row for row in self.documents if row.id == document), None)

    @property
    def is_library_empty(self) -> bool:
        """Whether the library was read and holds no document."""
        return self.has_read_documents and not self.documents

    def show_documents(self, documents: "tuple[Document, ...]", overview: "Overview | None" = None) -> None:
        """Take over the library's documents; without an overview that one stays."""
        self.documents = documents
        self.overview = overview or self.overview
        self.has_read_documents = True
        self.documents_changed.emit()

    def show_conversations(self, conversations: "tuple[Conversation, ...]") -> None:
        """Take over the list of conversations."""
        self.conversations = conversations
        self.conversations_changed.emit()

    def show_conversation(self, conversation: "ConversationId | None") -> None:
        """Show another conversation."""
        if conversation != self.conversation:
            self.conversation = conversation
            self.conversation_changed.emit()

    def begin_conversation(self, conversation: "ConversationId | None") -> None:
        """Give the new conversation that is shown its id, now that it has an answer."""
        self.conversation = conversation

    def model(self, name: str) -> "ModelRow | None":
        """Return a model of the models folder, ``None`` when it is not there."""
        return next((row for row in self.models if row.name == name), None)

    def show_models(
        self, models: "tuple[ModelRow, ...]", memory_available: int, offers: "tuple[Offer, ...]" = ()
    ) -> None:
        """Take over the models folder's rows, and what can be downloaded."""
        self.models = models
        self.offers = offers
        self.downloads = {name: each for name, each in self.downloads.items() if not each.is_ended}
        self.memory_available = memory_available
        self.has_read_models = True
        self.models_changed.emit()

    def show_model_state(self, state: "ModelState | None", progress: float = 0.0) -> None:
        """Show where the chosen model is on its way into memory."""
        if (state, progress) != (self.model_state, self.model_progress):
            self.model_state, self.model_progress = state, progress
            self.model_state_changed.emit()

    def show_loaded(self, loaded: "LoadedModel | None") -> None:
        """Take over what is known of the model in memory."""
        if loaded != self.loaded:
            self.loaded = loaded
            self.model_state_changed.emit()

    def show_download(self, name: str, download: "Download") -> None:
        """Show how far a download is."""
        self.downloads[name] = download
        self.downloads_changed.emit()

    def show_adding(self, is_adding: bool) -> None:
        """Show whether files are being added."""
        self.is_adding = is_adding
        self.adding_changed.emit()
