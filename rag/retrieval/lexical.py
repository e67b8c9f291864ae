"""Retrieval by words: BM25 over the full-text index."""

import math
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import accumulate

from sqlalchemy import Engine

from rag.retrieval.expansion import Expansion
from rag.retrieval.matches import find_matches, score_matches
from rag.storage import full_text
from rag.storage.segmentation import find_terms, match_all, match_any
from rag.types import ChunkId, DocumentId
from resources.terminology import read_concepts, read_stop_words

_EXPANSION_WEIGHT = 0.2
"""What another name of a thing counts beside the question's own words."""
_MOST_ROWS = 8_000
"""Chunks that are scored for a question: above it, a search of 125,000 chunks takes too long."""


class LexicalRetriever:
    """Ranks chunks by BM25 (Robertson and Zaragoza 2009) as FTS5 computes it. Any thread may use it."""

    def __init__(self, engine: Engine) -> None:
        """``engine`` of a library's database."""
        self._engine = engine

    @cached_property
    def _expansion(self) -> Expansion:
        return Expansion(read_concepts())

    @cached_property
    def _stop_words(self) -> frozenset[str]:
        return read_stop_words()

    def search(
        self, query: str, *, top_k: int, documents: Collection[DocumentId] | None = None
    ) -> list[tuple[ChunkId, float]]:
        """Return chunks in which any word of the query stands, or another name of what it names, best first.

        Args:
            query: in any language; how it is spelt matters little.
            top_k: how many at most.
            documents: where to search; everywhere where it is ``None``.

        Returns:
            Chunks with their BM25 (positive), in which other names count less.

        Raises:
            StorageError: the database is damaged.
        """
        own = self._choose(self._own_terms(query), _MOST_ROWS)
        other = self._choose(self._expansion.expand(query), _MOST_ROWS // 2)
        weighed = [(own, 1.0), (other, _EXPANSION_WEIGHT)]
        expressions = [(expression, weight) for expression, weight in weighed if expression]
        return full_text.search(self._engine, expressions, top_k=top_k, documents=documents)

    def matches(self, query: str, texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
        """Return where in each text words of the query stand, or other names of what it names."""
        return find_matches([*self._own_terms(query), *self._expansion.expand(query)], texts)

    def score_texts(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the BM25 of each text, as if it were a chunk: how rare a word is the library says.

        Raises:
            StorageError: the database is damaged.
        """
        size = full_text.size(self._engine)
        other = {name: _EXPANSION_WEIGHT * self._rarity(name, size) for name in self._expansion.expand(query)}
        own = {term: self._rarity(term, size) for term in self._own_terms(query)}
        return score_matches(other | own, texts)

    def _rarity(self, term: str, size: int) -> float:
        """Return the inverse document frequency (Robertson and Spärck Jones), never below 0.

        Chunks beyond the most that are counted are taken not to have the term.
        """
        count = self._count(match_any([term]), _MOST_ROWS)
        return math.log1p((max(size - count, 0) + 0.5) / (count + 0.5))

    def _own_terms(self, query: str) -> list[str]:
        return find_terms(query, stop_words=self._stop_words)

    def _choose(self, terms: Sequence[str], most_rows: int) -> str | None:
        """Return an expression that few enough chunks satisfy to be scored.

        The rarest terms are taken first: they decide, and each chunk costs time. Where all are frequent, the
        chunks that hold all of them; where even these are many, words do not tell which chunk is meant.
        """
        counted = sorted((self._count(match_any([term]), most_rows), term) for term in terms)
        sums = accumulate(rows for rows, _ in counted)
        chosen = [term for (_, term), total in zip(counted, sums, strict=True) if total < most_rows]
        if chosen or not terms:
            return match_any(chosen)
        return together if self._count(together := match_all(terms), most_rows) < most_rows else None

    def _count(self, expression: str | None, at_most: int) -> int:
        return full_text.count(self._engine, expression, at_most=at_most) if expression else 0
