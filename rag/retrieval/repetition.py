"""Leaves out hits that say the same as a better one, such as two editions of one leaflet."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rag.storage.segmentation import tokenize
from rag.types import Chunk

_SAME = 0.97
"""Jaccard index of two chunks' words from which on they say the same: one word in thirty on each side.

In a sentence of twenty words one other word is another statement; in a page it is the next edition's comma.
"""
_NEGATIONS = frozenset(
    (*"no not nor neither never none without cannot don doesn isn aren shouldn".split(), *"不无無未非没勿禁")  # noqa: SIM905
)
"""With figures, what turns a statement round; of "isn't" the first word."""


def without_repetitions(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the first of chunks that read nearly the same.

    Chunks that differ in a figure or a negation never do: 5 mg is not 50 mg.
    """
    kept: list[tuple[Counter[str], Counter[str]]] = []
    for chunk in chunks:
        words = Counter(token.lower() for token in tokenize(chunk.text))
        decisive = Counter({word: count for word, count in words.items() if _is_decisive(word)})
        if not any(decisive == others and _overlap(words, other) >= _SAME for other, others in kept):
            kept.append((words, decisive))
            yield chunk


def _is_decisive(word: str) -> bool:
    return word in _NEGATIONS or any(map(str.isdigit, word))


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    """Return the Jaccard index of two bags of words; 1 for two empty ones."""
    union = (one | other).total()
    return (one & other).total() / union if union else 1.0
