"""The only place that builds real objects and joins them; both front ends start here."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import HomeInUse, HomeUnusable
from app.paths import Home
from app.settings import Settings, read_settings, write_settings

if TYPE_CHECKING:
    from filelock import FileLock

    from agents.answer import Arm, Method
    from agents.events import AnswerEvent
    from agents.history import ConversationId, History
    from llm.chat_model import ChatModel
    from llm.model_store import ModelStore
    from rag.library import Library
    from rag.types import DocumentId

EMBEDDING_MODEL = "all-MiniLM-L6-v2"
"""Folder of the default embedding model inside the models folder."""


class Bedside:
    """One open data folder with everything that works on it.

    The library and the history may be used from any thread; the chat model from one thread at a time.
    """

    def __init__(
        self, *, home: Home, lock: "FileLock", library: "Library", history: "History", models: "ModelStore"
    ) -> None:
        """Take over parts that :func:`open_bedside` built."""
        self.home = home
        self.library = library
        self.history = history
        self.models = models
        self._lock = lock
        self._settings = read_settings(home.settings)
        self._changing_settings = threading.Lock()
        self._model: ChatModel | None = None

    @property
    def settings(self) -> Settings:
        """The settings as they are saved."""
        return self._settings

    def change_settings(self, **changes: object) -> None:
        """Change settings by name and save them.

        Raises:
            SettingsError: the disk refuses; then nothing is changed.
        """
        with self._changing_settings:
            settings = Settings.model_validate(self._settings.model_dump() | changes)
            write_settings(settings, self.home.settings)
            self._settings = settings

    def chat_model(self, name: str | None = None) -> "ChatModel":
        """Return the model of this name, by default the one in the settings; only one is kept in memory.

        Raises:
            ModelNotFound: it is not in the models folder.
        """
        from llm.worker import ModelProcess

        wanted = name or self._settings.model
        if self._model is None or self._model.name != wanted:
            row = self.models.find(wanted)
            if self._model is not None:
                self._model.close()
            self._model = ModelProcess(row.path, name=row.name, n_ctx=self._settings.n_ctx)
        return self._model

    def ask(
        self,
        question: str,
        *,
        cancel: threading.Event,
        conversation: "ConversationId | None" = None,
        save: bool = True,
        arm: "Arm | None" = None,
        method: "Method | None" = None,
        model: str | None = None,
    ) -> "Iterator[AnswerEvent]":
        """Answer a question; see :func:`agents.service.answer_question`.

        It is saved in ``conversation``, else in a new one, unless ``save`` is false.
        """
        from agents.answer import Arm, Method
        from agents.context import AnswerContext
        from agents.service import answer_question
        from llm.prompts import PromptLibrary

        arm = arm or Arm.RAG
        context = AnswerContext(
            arm=arm,
            method=method or (Method.BASE if arm is Arm.CLOSED else Method.CP_ORDER),
            library=self.library,
            model=self.chat_model(model),
            prompts=PromptLibrary(),
            history=self.history,
            conversation=conversation,
            save=save,
            cancel=cancel,
        )
        return answer_question(question, context=context)

    def remove_document(self, document: "DocumentId") -> int:
        """Remove a document for good; its quotes in saved answers become marks.

        Returns:
            How many saved answers changed.
        """
        changed = self.history.redact(document)  # first: killed after this, no quote is left over
        try:
            self.library.remove(document)
        finally:
            changed += self.history.redact(document)  # of answers that were saved meanwhile
        return changed

    def close(self) -> None:
        """Close everything and let go of the data folder."""
        if self._model is not None:
            self._model.close()
        self.library.close()
        self.history.close()
        self._lock.release()


def open_bedside(home: Path, models: Path) -> Bedside:
    """Open a data folder; it is made when it is not there. Loads neither the chat nor the embedding model.

    Raises:
        HomeInUse: another Bedside uses it.
        HomeUnusable: it cannot be made or written.
        LibraryError: a database in it is damaged.
    """
    from agents.history import History
    from llm.model_store import ModelStore

    layout = Home(home)
    lock = _lock(layout)
    try:
        library = open_library(layout, models)
        history = History(layout.history)
        return Bedside(home=layout, lock=lock, library=library, history=history, models=ModelStore(models))
    except BaseException:
        lock.release()
        raise


def open_library(layout: Home, models: Path) -> "Library":
    """Build the library of a data folder; the caller holds its lock."""
    from rag.embedding.embedding_process import ProcessEmbeddingModel
    from rag.library import Library
    from rag.vector_store.chroma import open_chroma

    return Library(
        folder=layout.library,
        embedding=ProcessEmbeddingModel(models / EMBEDDING_MODEL),
        open_vector_store=open_chroma,
    )


def _lock(layout: Home) -> "FileLock":
    from filelock import FileLock, Timeout

    try:
        layout.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(layout.lock, thread_local=False)  # the window opens and closes in different threads
        lock.acquire(timeout=0)
    except Timeout as e:
        raise HomeInUse(
            "Another Bedside uses this data folder; please close it or choose another folder with --home."
        ) from e
    except OSError as e:
        raise HomeUnusable(
            f"The data folder {layout.folder} cannot be written; please choose another one with --home."
        ) from e
    return lock
