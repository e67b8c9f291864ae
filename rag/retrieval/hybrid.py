"""Retrieval by meaning and by words, fused."""

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from rag.retrieval.dense import DenseRetriever
from rag.retrieval.fusion import BOTH, MOSTLY_WORDS, fuse
from rag.retrieval.lexical import LexicalRetriever
from rag.retrieval.neighbours import find_neighbours
from rag.retrieval.repetition import without_repetitions
from rag.retrieval.reranking import Reranker
from rag.storage.catalogue import Catalogue
from rag.storage.segmentation import is_mostly_cjk
from rag.types import Chunk, ChunkId, DocumentId, SearchHit, SearchResult

_CANDIDATES = 100
"""Chunks that each retriever brings at least; more when more hits are wanted."""
_SCORED = 4
"""So many times as many have their BM25 known: chunks found by meaning have words in common, too."""
_RERANKED = 30
"""Chunks that a reranker reads: one takes about as long as embedding it."""


class HybridRetriever:
    """Fuses the rankings of two retrievers. May be used from any thread."""

    def __init__(
        self,
        *,
        dense: DenseRetriever,
        lexical: LexicalRetriever,
        catalogue: Catalogue,
        reranker: Reranker | None = None,
    ) -> None:
        """The first three belong to one library; a reranker orders the best of what they find anew."""
        self._reranker = reranker
        self._dense = dense
        self._lexical = lexical
        self._catalogue = catalogue

    def search(
        self,
        query: str,
        *,
        top_k: int,
        documents: Collection[DocumentId] | None = None,
        cancel: threading.Event,
    ) -> SearchResult:
        """Return at most ``top_k`` chunks that differ, best first, only of ``documents`` if given.

        Raises:
            Cancelled: ``cancel`` was set.
            LibraryError: the model, an index or the database fails; the sentence says what to do.
        """
        start = time.perf_counter()
        hits = self._find(query, top_k, documents, cancel) if query.strip() and top_k > 0 else ()
        return SearchResult(query=query, hits=hits, seconds=time.perf_counter() - start)

    def _find(
        self, query: str, top_k: int, scope: Collection[DocumentId] | None, cancel: threading.Event
    ) -> tuple[SearchHit, ...]:
        if self._catalogue.is_empty():
            return ()
        candidates = max(_CANDIDATES, 2 * top_k)
        bm25 = dict(self._lexical.search(query, top_k=_SCORED * candidates, documents=scope))
        vector = self._dense.embed(query, cancel)
        # The default embedding model reads English; nothing tells of another one what it reads.
        shares = MOSTLY_WORDS if is_mostly_cjk(query) else BOTH
        dense = self._dense.search(vector, top_k=candidates, documents=scope)
        similarities = self._dense.similarities(vector, list({*dense, *islice(bm25, candidates)}))
        fused = dict(fuse(similarities, bm25, dense=dense, shares=shares))
        different = without_repetitions(self._read(list(fused), 2 * top_k))
        ranked = self._rerank(query, different, fused, top_k, cancel)
        documents = self._catalogue.documents_by_id({chunk.document for chunk in ranked})
        pages = self._catalogue.first_pages(ranked)
        neighbours = find_neighbours(self._catalogue, ranked)
        return tuple(
            SearchHit(
                chunk=chunk,
                document=documents[chunk.document],
                page=pages[chunk.id],
                score=fused[chunk.id],
                similarity=similarities[chunk.id],
                bm25=bm25.get(chunk.id, 0.0),
                neighbours=neighbours[chunk.id],
            )
            for chunk in ranked
            if chunk.id in pages and chunk.document in documents  # else it was removed in this moment
        )

    def _rerank(
        self,
        query: str,
        chunks: Iterator[Chunk],
        scores: dict[ChunkId, float],
        top_k: int,
        cancel: threading.Event,
    ) -> list[Chunk]:
        """Take the first chunks; with a reranker the best of more of them, and ``scores`` become its own."""
        if self._reranker is None:
            return list(islice(chunks, top_k))
        taken = list(islice(chunks, max(_RERANKED, top_k)))
        new = self._reranker.score(query, [chunk.text for chunk in taken], cancel=cancel)
        scores.update(zip((chunk.id for chunk in taken), new, strict=True))
        return sorted(taken, key=lambda chunk: -scores[chunk.id])[:top_k]

    def _read(self, ids: Sequence[ChunkId], count: int) -> Iterator[Chunk]:
        """Yield chunks in the order of their ids, as far as they are there; ``count`` are read at a time."""
        for start in range(0, len(ids), count):
            part = ids[start : start + count]
            found = self._catalogue.chunks_by_id(part)
            yield from (found[chunk] for chunk in part if chunk in found)
