"""Joins rankings by meaning and by words, whose scores do not compare."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rag.types import ChunkId

RANK_CONSTANT = 20
"""Cormack, Clarke and Büttcher (reciprocal rank fusion, SIGIR 2009) take 60; see docs/methods.md."""

_SIMILARITY_SHARE = 0.85
_BM25_SHARE = 0.15
_RANKS_SHARE = 0.2
"""What cosine, BM25 as a part of the question's best, and fused ranks as a part of the possible count."""


def fuse(
    similarities: Mapping[ChunkId, float], bm25: Mapping[ChunkId, float], *, dense: Sequence[ChunkId]
) -> list[tuple[ChunkId, float]]:
    """Return the chunks of both rankings with one score, best first.

    Ranks alone lose by how much one chunk is better than the next; scores alone trust one odd value.

    Args:
        similarities: cosine of every chunk of either ranking; others are left out.
        bm25: positive, best first; a chunk that is not in it has 0.
        dense: the ranking by meaning, best first.

    Returns:
        Chunks and scores (0 to 1.2); equal ones in the order of the ids, so that nothing hangs on chance.
    """
    best_bm25 = max(bm25.values(), default=1.0)
    best_rank = 2 / (RANK_CONSTANT + 1)
    ranks = dict(fuse_reciprocal_ranks([dense, list(bm25)]))
    scores = {
        chunk: _SIMILARITY_SHARE * similarity
        + _BM25_SHARE * bm25.get(chunk, 0.0) / best_bm25
        + _RANKS_SHARE * ranks.get(chunk, 0.0) / best_rank
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
