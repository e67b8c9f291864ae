"""Where the words of a question stand in texts that were found."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rag.storage.segmentation import find_words, tokenize
from rag.storage.stemming import find_stems


class _Word(NamedTuple):
    stem: str
    start: int
    end: int


def find_matches(terms: Sequence[str], texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
    """Return where any of the terms stands in each text, in whatever form; spans do not overlap.

    Words of one term must follow each other. Spelling and endings count as little as in the index.

    Args:
        terms: words and runs of words.
        texts: as their reader sees them.
    """
    written = [[(match[0], *match.span()) for match in find_words(text)] for text in texts]
    tokens = {word: tokenize(word) for text in written for word, _, _ in text}
    wanted = [tokenize(term) for term in terms]
    stems = find_stems({token for group in (*tokens.values(), *wanted) for token in group})
    sought = {tuple(stems.get(token, token) for token in term) for term in wanted if term}
    found = []
    for text in written:
        words = [
            _Word(stems.get(token, token), start, end) for word, start, end in text for token in tokens[word]
        ]
        found.append(tuple(_join(_locate(words, sought))))
    return found


def _locate(words: Sequence[_Word], sought: Iterable[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Yield where each of the terms stands, in the order of the text."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for term in sought:
        by_first.setdefault(term[0], []).append(term)
    for number, word in enumerate(words):
        for term in by_first.get(word.stem, ()):
            run = words[number : number + len(term)]
            if tuple(each.stem for each in run) == term:
                yield word.start, run[-1].end


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
