"""Other names for what a question names: abbreviations, synonyms, English for Chinese and the other way."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rag.storage.segmentation import tokenize
from resources.terminology import Concept

_Tokens: TypeAlias = tuple[str, ...]
_SHORTEST_PLURAL = 4


class Expansion:
    """Finds the concepts that a question names. Immutable, so any thread may use it."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        """Every name of a concept stands for all its others."""
        self._named: defaultdict[_Tokens, list[int]] = defaultdict(list)
        self._names: list[list[_Tokens]] = []
        for number, concept in enumerate(concepts):
            tokens = [tuple(tokenize(name.text)) for name in concept.names]
            self._names.append(tokens)
            for name, written in zip(concept.names, tokens, strict=True):
                self._named[written if name.is_case_sensitive else _normalise(written)].append(number)
        self._longest = max(map(len, self._named), default=0)

    def expand(self, question: str) -> list[str]:
        """Return the other names of what is named in the question, each once; longest names win."""
        tokens = tokenize(question)
        other: dict[str, None] = {}
        for start, end, concepts in self._find(tokens):
            own = _normalise(tokens[start:end])
            for concept in concepts:
                names = (name for name in self._names[concept] if _normalise(name) != own)
                other.update(dict.fromkeys(map(" ".join, names)))
        return list(other)

    def _find(self, tokens: Sequence[str]) -> Iterator[tuple[int, int, list[int]]]:
        start = 0
        while start < len(tokens):
            for end in range(min(start + self._longest, len(tokens)), start, -1):
                if concepts := self._lookup(tuple(tokens[start:end])):
                    yield start, end, concepts
                    start = end - 1
                    break
            start += 1

    def _lookup(self, tokens: _Tokens) -> list[int]:
        found = [*self._named.get(tokens, ()), *self._named.get(_normalise(tokens), ())]
        return list(dict.fromkeys(found))


def _normalise(tokens: Sequence[str]) -> _Tokens:
    """Lower case, and the singular of what ends in one s."""
    return tuple(_singular(token.lower()) for token in tokens)


def _singular(word: str) -> str:
    is_plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if is_plural else word
