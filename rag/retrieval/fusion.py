"""Joins rankings by meaning and by words, whose scores do not compare."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.types import ChunkId

RANK_CONSTANT = 20
"""Cormack, Clarke and Büttcher (reciprocal rank fusion, SIGIR 2009) take 60; see docs/methods.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What cosine, BM25 as a part of the question's best, and fused ranks as a part of the possible count."""

    similarity: float
    bm25: float
    ranks: float


BOTH = Shares(similarity=0.85, bm25=0.15, ranks=0.2)
"""For questions in a language that the embedding model was trained on."""
MOSTLY_WORDS = Shares(similarity=0.1, bm25=0.9, ranks=0.0)
"""For others: their cosines are little more than noise."""


def fuse(
    similarities: Mapping[ChunkId, float],
    bm25: Mapping[ChunkId, float],
    *,
    dense: Sequence[ChunkId],
    shares: Shares = BOTH,
) -> list[tuple[ChunkId, float]]:
    """Return the chunks of both rankings with one score, best first.

    Ranks alone lose by how much one chunk is better than the next; scores alone trust one odd value.

    Args:
        similarities: cosine of every chunk of either ranking; others are left out.
        bm25: positive, best first; a chunk that is not in it has 0.
        dense: the ranking by meaning, best first.
        shares: what counts how much.

    Returns:
        Chunks and scores, at most the sum of the shares; equal ones in the order of the ids.
    """
    best_bm25 = max(bm25.values(), default=1.0)
    best_rank = 2 / (RANK_CONSTANT + 1)
    ranks = dict(fuse_reciprocal_ranks([dense, list(bm25)]))
    scores = {
        chunk: shares.similarity * similarity
        + shares.bm25 * bm25.get(chunk, 0.0) / best_bm25
        + shares.ranks * ranks.get(chunk, 0.0) / best_rank
        for chunk, similarity in similarities.items()
    }
    return _sort(scores)


def fuse_reciprocal_ranks(
    rankings: Iterable[Sequence[ChunkId]], *, rank_constant: int = RANK_CONSTANT
) -> list[tuple[ChunkId, float]]:
    """Return every id with the sum of ``1 / (rank_constant + rank)`` over the rankings, best first.

    Args:
        rankings: each best first and without repetitions; ranks count from 1.
        rank_constant: the larger it is, the less the first places stand out.

    Returns:
        Ids and scores; equal scores in the order of the ids, so that the result does not hang on chance.
    """
    scores: defaultdict[ChunkId, float] = defaultdict(float)
    for ranking in rankings:
        for rank, chunk in enumerate(ranking, 1):
            scores[chunk] += 1 / (rank_constant + rank)
    return _sort(scores)


def _sort(scores: Mapping[ChunkId, float]) -> list[tuple[ChunkId, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
