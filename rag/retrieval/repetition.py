"""Leaves out hits that say the same as a better one, such as two editions of one leaflet."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rag.storage.segmentation import tokenize
from rag.types import Chunk

_SAME = 0.9
"""Jaccard index of two chunks' words from which on they say the same."""


def without_repetitions(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the first of chunks that read nearly the same.

    Chunks that differ in a figure never do: 5 mg is not 50 mg.
    """
    kept: list[tuple[Counter[str], Counter[str]]] = []
    for chunk in chunks:
        words = Counter(token.lower() for token in tokenize(chunk.text))
        figures = Counter({word: count for word, count in words.items() if any(map(str.isdigit, word))})
        if not any(figures == others and _overlap(words, other) >= _SAME for other, others in kept):
            kept.append((words, figures))
            yield chunk


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    """Return the Jaccard index of two bags of words; 1 for two empty ones."""
    union = (one | other).total()
    return (one & other).total() / union if union else 1.0
