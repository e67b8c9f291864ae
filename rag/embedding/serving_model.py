"""The embedding model in use, which can be exchanged while the library works."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rag.embedding.embedding_model import EmbeddingModel, Vectors
from rag.errors import Cancelled

_POLL_SECONDS = 0.1


class ServingModel:
    """Keeps the protocol :class:`~rag.embedding.embedding_model.EmbeddingModel` with the model of the moment.

    What is embedded has to be compared with, or written beside, vectors of the same model: whoever does both
    holds :attr:`searching` or :attr:`writing` meanwhile, and the model is exchanged between.
    """

    def __init__(self, model: EmbeddingModel) -> None:
        """Begin with ``model``."""
        self._model = model
        self.searching = Gate()
        """Passed by a search from its question's vector to its hits."""
        self.writing = Gate()
        """Passed by what embeds a document until its vectors are written; before the library's own lock."""

    @property
    def fingerprint(self) -> str:
        """See the protocol."""
        return self._model.fingerprint

    @property
    def dimension(self) -> int:
        """See the protocol."""
        return self._model.dimension

    def warm_up(self) -> None:
        """See the protocol."""
        self._model.warm_up()

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        """See the protocol."""
        return self._model.embed(texts, cancel=cancel, on_progress=on_progress)

    def exchange(self, new: EmbeddingModel) -> EmbeddingModel:
        """Serve with another model and return the one before; both gates are closed by the caller."""
        old, self._model = self._model, new
        return old

    def close(self) -> None:
        """See the protocol."""
        self._model.close()


class Gate:
    """Many pass at once, until one closes it: that one waits for those inside and holds up those who come."""

    def __init__(self) -> None:
        """Open."""
        self._changed = threading.Condition()
        self._inside = 0
        self._is_closed = False

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be inside; not twice in one thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self, cancel: threading.Event) -> Iterator[None]:
        """Be alone.

        Raises:
            Cancelled: ``cancel`` was set while others were inside.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._is_closed = True
        try:
            with self._changed:
                while not self._changed.wait_for(lambda: not self._inside, timeout=_POLL_SECONDS):
                    if cancel.is_set():
                        raise Cancelled("Changing the embedding model was stopped.")
            yield
        finally:
            with self._changed:
                self._is_closed = False
                self._changed.notify_all()
