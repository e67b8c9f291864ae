"""Retrieval by meaning: the vectors nearest to the question's."""

import threading
from collections.abc import Collection
from heapq import nsmallest

import numpy as np

from rag.embedding.embedding_model import EmbeddingModel, Vectors
from rag.errors import VectorStoreError
from rag.storage.vector_archive import VectorArchive
from rag.types import ChunkId, DocumentId
from rag.vector_store.vector_index import VectorIndex


class DenseRetriever:
    """Ranks chunks by the cosine of their vector and the question's. May be used from any thread."""

    def __init__(self, *, embedding: EmbeddingModel, index: VectorIndex, archive: VectorArchive) -> None:
        """``index`` and ``archive`` hold vectors of ``embedding``."""
        self._embedding = embedding
        self._index = index
        self._archive = archive

    def embed(self, query: str, cancel: threading.Event) -> Vectors:
        """Return the question's vector.

        Raises:
            Cancelled: ``cancel`` was set.
            EmbeddingError: the model is missing or its process died.
            VectorStoreError: the library's vectors are of another model.
        """
        if self._archive.count_foreign(fingerprint=self._embedding.fingerprint):
            raise VectorStoreError(
                "The library was indexed with another embedding model; please rebuild it "
                "(bedside library rebuild)."
            )
        vectors: Vectors = self._embedding.embed([query], cancel=cancel, on_progress=lambda _: None)[0]
        return vectors

    def search(
        self, vector: Vectors, *, top_k: int, documents: Collection[DocumentId] | None = None
    ) -> list[ChunkId]:
        """Return the chunks nearest to a question's vector, best first; only of ``documents`` if given.

        A part of the library is compared exactly, vector by vector, out of SQL: an index that is asked for
        all would have to bring very many for a few of them to be in it.
        """
        if documents is None:
            return [chunk for chunk, _ in self._index.query(vector, top_k=top_k)]
        scored = [
            (float(score), chunk)
            for ids, vectors in self._archive.batches(
                fingerprint=self._embedding.fingerprint, documents=documents
            )
            for chunk, score in zip(ids, vectors @ vector, strict=True)
        ]
        return [chunk for _, chunk in nsmallest(top_k, scored, key=lambda item: (-item[0], item[1]))]

    def similarities(self, vector: Vectors, ids: list[ChunkId]) -> dict[ChunkId, float]:
        """Return the exact cosine of each chunk, however it was found."""
        stored = self._archive.get(ids, fingerprint=self._embedding.fingerprint)
        return {chunk: float(np.clip(own @ vector, -1, 1)) for chunk, own in stored.items()}
