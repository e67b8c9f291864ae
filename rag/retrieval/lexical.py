"""Retrieval by words: BM25 over the full-text index."""

from sqlalchemy import Engine

from rag.storage import full_text
from rag.types import ChunkId


class LexicalRetriever:
    """Ranks chunks by BM25 (Robertson and Zaragoza 2009) as FTS5 computes it. Any thread may use it."""

    def __init__(self, engine: Engine) -> None:
        """``engine`` of a library's database."""
        self._engine = engine

    def search(self, query: str, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """Return chunks in which any word of the query stands, with their BM25 (positive), best first.

        Raises:
            StorageError: the database is damaged.
        """
        return full_text.search(self._engine, query, top_k=top_k)
