"""A vector store in memory that compares with every vector: exact, for tests and as the measure of others."""

import threading
from collections.abc import Sequence

import numpy as np

from rag.embedding.embedding_model import Vectors
from rag.types import ChunkId


class ExactVectorStore:
    """Keeps the protocol :class:`~rag.vector_store.vector_store.VectorStore`; starts empty every time."""

    def __init__(self) -> None:
        """Start empty."""
        self._vectors: dict[ChunkId, Vectors] = {}
        self._stacked: tuple[list[ChunkId], Vectors] | None = None
        self._lock = threading.Lock()

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """See the protocol."""
        with self._lock:
            self._vectors |= dict(zip(ids, vectors.copy(), strict=True))
            self._stacked = None

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """See the protocol."""
        with self._lock:
            for chunk in ids:
                self._vectors.pop(chunk, None)
            self._stacked = None

    def query(self, vector: Vectors, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """See the protocol."""
        with self._lock:
            if not self._vectors:
                return []
            self._stacked = self._stacked or (list(self._vectors), np.stack(list(self._vectors.values())))
            ids, vectors = self._stacked
        similarities = vectors @ vector
        best = np.argsort(-similarities, kind="stable")[:top_k]
        return [(ids[index], float(similarities[index])) for index in best]

    def ids(self) -> set[ChunkId]:
        """See the protocol."""
        with self._lock:
            return set(self._vectors)

    def count(self) -> int:
        """See the protocol."""
        return len(self._vectors)

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            self._vectors.clear()
            self._stacked = None
