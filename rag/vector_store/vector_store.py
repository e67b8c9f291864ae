"""The protocol every vector store keeps."""

from collections.abc import Sequence
from typing import Protocol

from rag.embedding.embedding_model import Vectors
from rag.types import ChunkId


class VectorStore(Protocol):
    """Finds the nearest vectors. It is only an index: what it holds can always be made again from SQL.

    ``query`` may be called from any thread while one other thread adds. All methods raise
    :class:`~rag.errors.VectorStoreError` when the index fails.
    """

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """Add or replace vectors of length 1; row ``i`` belongs to ``ids[i]``. Ids differ from each other."""
        ...

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """Let these not be found any more; unknown ids do nothing. Their bytes may stay on the disk."""
        ...

    def query(self, vector: Vectors, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """Return at most ``top_k`` nearest ids with their cosine similarity, -1 to 1, best first."""
        ...

    def ids(self) -> set[ChunkId]:
        """Return all ids."""
        ...

    def count(self) -> int:
        """Return how many there are; cheap."""
        ...

    def close(self) -> None:
        """Write everything to the disk and let go of the files."""
        ...
