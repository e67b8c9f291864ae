"""Where, and how often, the words of a question stand in texts that were found."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag.storage.segmentation import find_words, tokenize
from rag.storage.stemming import find_stems

_K1, _B = 1.2, 0.75
"""Of BM25, as FTS5 has them."""

_Stems = tuple[str, ...]


class _Word(NamedTuple):
    stem: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stemmed:
    texts: list[list[_Word]]
    terms: list[_Stems]
    """Empty where a term has no word."""


def find_matches(terms: Sequence[str], texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
    """Return where any of the terms stands in each text, in whatever form; spans do not overlap.

    Words of one term must follow each other. Spelling and endings count as little as in the index.

    Args:
        terms: words and runs of words.
        texts: as their reader sees them.
    """
    stemmed = _stem(terms, texts)
    sought = {term for term in stemmed.terms if term}
    return [tuple(_join((start, end) for _, start, end in _locate(words, sought))) for words in stemmed.texts]


def score_matches(weights: Mapping[str, float], texts: Sequence[str]) -> list[float]:
    """Return the BM25 of each text, whose lengths are compared with each other's only.

    Args:
        weights: what each term counts: its inverse document frequency, or a share of it. Of terms with the
            same stem the heaviest counts.
        texts: few, such as the sentences of the chunks that were found.
    """
    stemmed = _stem(list(weights), texts)
    counts: dict[_Stems, float] = {}
    for term, weight in zip(stemmed.terms, weights.values(), strict=True):
        if term:
            counts[term] = max(weight, counts.get(term, 0.0))
    mean = sum(map(len, stemmed.texts)) / max(len(texts), 1)
    return [_bm25(words, counts, mean) for words in stemmed.texts]


def _bm25(words: Sequence[_Word], weights: Mapping[_Stems, float], mean_length: float) -> float:
    found: dict[_Stems, int] = {}
    for term, _, _ in _locate(words, weights):
        found[term] = found.get(term, 0) + 1
    penalty = _K1 * (1 - _B + _B * len(words) / mean_length) if words else 1.0
    return math.fsum(weights[term] * count * (_K1 + 1) / (count + penalty) for term, count in found.items())


def _stem(terms: Sequence[str], texts: Sequence[str]) -> _Stemmed:
    written = [[(match[0], *match.span()) for match in find_words(text)] for text in texts]
    tokens = {word: tokenize(word) for text in written for word, _, _ in text}
    wanted = [tokenize(term) for term in terms]
    stems = find_stems({token for group in (*tokens.values(), *wanted) for token in group})
    return _Stemmed(
        texts=[
            [
                _Word(stems.get(token, token), start, end)
                for word, start, end in text
                for token in tokens[word]
            ]
            for text in written
        ],
        terms=[tuple(stems.get(token, token) for token in term) for term in wanted],
    )


def _locate(words: Sequence[_Word], sought: Iterable[_Stems]) -> Iterator[tuple[_Stems, int, int]]:
    """Yield each of the terms and where it stands, in the order of the text."""
    by_first: dict[str, list[_Stems]] = {}
    for term in sought:
        by_first.setdefault(term[0], []).append(term)
    for number, word in enumerate(words):
        for term in by_first.get(word.stem, ()):
            run = words[number : number + len(term)]
            if tuple(each.stem for each in run) == term:
                yield term, word.start, run[-1].end


def _join(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that overlap or touch."""
    start, end = -1, -1
    for next_start, next_end in spans:
        if next_start > end:
            if end > 0:
                yield start, end
            start, end = next_start, next_end
        else:
            end = max(end, next_end)
    if end > 0:
        yield start, end
