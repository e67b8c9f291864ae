"""Retrieval by meaning and by words, fused."""

import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from rag.retrieval.dense import DenseRetriever
from rag.retrieval.fusion import fuse_reciprocal_ranks
from rag.retrieval.lexical import LexicalRetriever
from rag.storage.catalogue import Catalogue
from rag.types import Chunk, SearchHit, SearchResult

_CANDIDATES = 50
"""Chunks that each retriever brings at least; more when more hits are wanted."""


class HybridRetriever:
    """Fuses the rankings of two retrievers. May be used from any thread."""

    def __init__(self, *, dense: DenseRetriever, lexical: LexicalRetriever, catalogue: Catalogue) -> None:
        """All three belong to one library."""
        self._dense = dense
        self._lexical = lexical
        self._catalogue = catalogue

    def search(self, query: str, *, top_k: int, cancel: threading.Event) -> SearchResult:
        """Return at most ``top_k`` chunks with different texts, best first.

        Raises:
            Cancelled: ``cancel`` was set.
            LibraryError: the model, an index or the database fails; the sentence says what to do.
        """
        start = time.perf_counter()
        hits = self._find(query, top_k, cancel) if query.strip() and top_k > 0 else ()
        return SearchResult(query=query, hits=hits, seconds=time.perf_counter() - start)

    def _find(self, query: str, top_k: int, cancel: threading.Event) -> tuple[SearchHit, ...]:
        if self._catalogue.is_empty():
            return ()
        candidates = max(_CANDIDATES, 2 * top_k)
        bm25 = dict(self._lexical.search(query, top_k=candidates))
        vector = self._dense.embed(query, cancel)
        fused = dict(fuse_reciprocal_ranks([self._dense.search(vector, top_k=candidates), list(bm25)]))
        found = self._catalogue.chunks_by_id(list(fused))
        ranked = list(islice(_without_repetitions(found[chunk] for chunk in fused if chunk in found), top_k))
        similarities = self._dense.similarities(vector, [chunk.id for chunk in ranked])
        documents = self._catalogue.documents_by_id({chunk.document for chunk in ranked})
        pages = self._catalogue.first_pages(ranked)
        return tuple(
            SearchHit(
                chunk=chunk,
                document=documents[chunk.document],
                page=pages[chunk.id],
                score=fused[chunk.id],
                similarity=similarities[chunk.id],
                bm25=bm25.get(chunk.id, 0.0),
            )
            for chunk in ranked
            if chunk.id in similarities and chunk.id in pages  # else it was removed in this moment
        )


def _without_repetitions(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Keep the first of chunks that read the same."""
    seen: set[str] = set()
    for chunk in chunks:
        text = " ".join(chunk.text.split()).casefold()
        if text not in seen:
            seen.add(text)
            yield chunk
