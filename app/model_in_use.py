"""The one chat model that is kept in memory, for all who ask."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llm.queue import QueuedModel, SharedModel


class ModelInUse:
    """Exchanges the model where another one is wanted; may be used from any thread."""

    def __init__(self, make_model: "Callable[[str], SharedModel]") -> None:
        """``make_model`` makes the model of a name; it is loaded when it is first asked."""
        self._make_model = make_model
        self._model: SharedModel | None = None
        self._choosing = threading.Lock()

    def take(self, name: str) -> "SharedModel":
        """Return the model of this name; another one that was in memory is closed.

        Raises:
            ModelNotFound: it is not in the models folder.
        """
        with self._choosing:
            if self._model is None or self._model.name != name:
                model = self._make_model(name)
                if self._model is not None:
                    self._model.close()
                self._model = model
            return self._model

    def take_any(self, default: str) -> "QueuedModel":
        """Return the model that is in use, whichever it is, for documents: adding them must not change it."""
        from llm.queue import Priority

        with self._choosing:
            if self._model is None:
                self._model = self._make_model(default)
            return self._model.with_priority(Priority.DOCUMENTS)

    def drop(self) -> None:
        """Free the memory; the next question loads a model anew."""
        with self._choosing:
            model, self._model = self._model, None
        if model is not None:
            model.close()
