"""An embedding model for benchmarks that embeds no text twice, in one run or over several."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rag.embedding.embedding_model import EmbeddingModel, Vectors

_EMBEDDED_AT_ONCE = 128
"""Texts whose vectors are kept together: what an end in the middle loses."""


class RememberingModel:
    """Keeps the protocol of an embedding model and embeds no text twice, in this run or a later one."""

    def __init__(self, model: "EmbeddingModel", file: Path) -> None:
        """``file``: where the vectors are kept, of this model and no other."""
        self._model = model
        # The library embeds on threads of its own, one call after the other.
        self._known = sqlite3.connect(file, check_same_thread=False)
        self._known.execute(
            "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )

    @property
    def fingerprint(self) -> str:
        """That of the model."""
        return self._model.fingerprint

    @property
    def dimension(self) -> int:
        """That of the model."""
        return self._model.dimension

    def warm_up(self) -> None:
        """Begin to load the model."""
        self._model.warm_up()

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> "Vectors":
        """Return one vector for each text; those that are new come from the model."""
        new = sorted({text for text in texts if self._vector(text) is None}, key=len)
        for start in range(0, len(new), _EMBEDDED_AT_ONCE):
            part = new[start : start + _EMBEDDED_AT_ONCE]
            vectors = self._model.embed(part, cancel=cancel, on_progress=lambda _: None)
            rows = [(_key(text), vector.tobytes()) for text, vector in zip(part, vectors, strict=True)]
            with self._known:
                self._known.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            on_progress((start + len(part)) / len(new))
        blob = b"".join(vector for text in texts if (vector := self._vector(text)) is not None)
        return np.frombuffer(blob, dtype=np.float32).reshape(len(texts), self.dimension)

    def _vector(self, text: str) -> bytes | None:
        row = self._known.execute("SELECT vector FROM vectors WHERE text = ?", (_key(text),)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Stay: a library closes its model, the next one needs it again."""

    def end(self) -> None:
        """Close the model and what is kept."""
        self._model.close()
        self._known.close()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
