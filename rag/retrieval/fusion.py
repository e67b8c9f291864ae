"""Joins rankings whose scores do not compare."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.types import ChunkId

RANK_CONSTANT = 60
"""Of Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet", SIGIR 2009."""


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
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
