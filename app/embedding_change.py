"""Which embedding model serves, and how the library goes over to another one."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.settings import Settings
    from rag.embedding.embedding_model import EmbeddingModel
    from rag.embedding.model_store import EmbeddingModelRow, EmbeddingModelStore
    from rag.library import Library


class ChangesSettings(Protocol):
    """Changes settings by name and saves them."""

    def __call__(self, **changes: object) -> None:
        """Raise :class:`app.errors.SettingsError` where the disk refuses."""
        ...


class EmbeddingChange:
    """Goes from one embedding model to another while the present one serves."""

    def __init__(
        self,
        *,
        library: "Library",
        models: "EmbeddingModelStore",
        settings: "Callable[[], Settings]",
        change_settings: ChangesSettings,
        open_model: "Callable[[Path], EmbeddingModel]",
    ) -> None:
        """Nothing is changed yet. ``open_model`` opens the model of a folder; loaded when it is used."""
        self._library = library
        self._models = models
        self._settings = settings
        self._change_settings = change_settings
        self._open_model = open_model

    def change(self, name: str, *, cancel: threading.Event, on_progress: Callable[[float], None]) -> None:
        """Embed the library with another model while the present one serves, then use the other one.

        Stopped or killed, the change stays under way, also after a restart: the next call goes on. One
        thread at a time may change it. See :meth:`rag.library.Library.change_model`.

        Args:
            name: of a model in the models folder.
            cancel: looked at several times a second.
            on_progress: called with the share of the library that is embedded.

        Raises:
            EmbeddingModelError: there is no such model, or it cannot be used.
            EmbeddingError: its process died.
            Cancelled: ``cancel`` was set.
        """
        row = self._usable(name)
        if row.name == self._settings().embedding_model:
            self.drop()
            return
        self._change_settings(next_embedding_model=row.name)
        new = self._open_model(row.folder)
        try:
            self._library.change_model(new, cancel=cancel, on_progress=on_progress)
        except BaseException:
            new.close()
            raise
        # Written before the old vectors go: killed in between, there are vectors of the model that serves.
        self._change_settings(embedding_model=row.name, next_embedding_model=None)
        self._library.drop_other_vectors()

    def drop(self) -> None:
        """Give up a change that is under way and was stopped; its vectors go."""
        self._change_settings(next_embedding_model=None)
        self._library.drop_other_vectors()

    def remove(self, name: str) -> None:
        """Remove an embedding model from the models folder.

        Raises:
            EmbeddingModelError: there is no such model, or it is in use or about to be, or the disk refuses.
        """
        from rag.errors import EmbeddingModelError

        row, settings = self._models.find(name), self._settings()
        if row.name in (settings.embedding_model, settings.next_embedding_model):
            raise EmbeddingModelError(
                f"The embedding model {row.name!r} is in use; please change to another one first."
            )
        self._models.remove(row.name)

    def _usable(self, name: str) -> "EmbeddingModelRow":
        from rag.errors import EmbeddingModelError

        row = self._models.find(name)
        if row.problem is not None:
            raise EmbeddingModelError(row.problem)
        return row
