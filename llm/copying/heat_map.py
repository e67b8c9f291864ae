"""Which words of an answer are copied, and in how long runs: what the window colours."""

from dataclasses import dataclass
from enum import StrEnum

from llm.copying.copying_degree import copied_runs as find_runs
from llm.copying.copying_degree import locate_tokens, split_tokens


class Heat(StrEnum):
    """How long a copied run is."""

    SHORT = "short"
    """1 or 2 tokens: common words are copied by chance."""
    MEDIUM = "medium"
    """3 to 7 tokens."""
    LONG = "long"
    """8 tokens and more: a phrase or a sentence of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """``answer[start:end]`` stands in the context in the same order."""

    start: int
    end: int
    tokens: int
    """Words, numbers, punctuation marks and CJK characters of it."""

    @property
    def heat(self) -> Heat:
        """The class of its length."""
        if self.tokens >= 8:
            return Heat.LONG
        return Heat.MEDIUM if self.tokens >= 3 else Heat.SHORT


def copied_runs(answer: str, context: str) -> tuple[Run, ...]:
    """Return the runs of ``answer`` that are copied from ``context``, in order, without overlap.

    They are the fragments that the copying degree counts: greedy, the longest at each place.
    """
    places = locate_tokens(answer)
    runs = find_runs([text for text, _, _ in places], split_tokens(context))
    return tuple(
        Run(start=places[first][1], end=places[first + length - 1][2], tokens=length)
        for first, length in runs
    )
