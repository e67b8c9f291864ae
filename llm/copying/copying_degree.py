"""How much of an answer is copied from its context, after Grusky et al. 2018 (NEWSROOM)."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
# A decimal number is one word, apart from its unit: 5.8 and 5.2 share nothing, 5mg and 5 mg are the same.
_TOKEN = re.compile(rf"[{_CJK}]|\d+(?:[.,]\d+)*|[^\W\d{_CJK}][^\W{_CJK}]*|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyingDegree:
    """Copying degree of an answer against a context; all zero for an empty answer."""

    coverage: float
    """Share of the answer's tokens that stand in copied fragments, 0 to 1."""
    density: float
    """Mean over the answer's tokens of the length of the fragment they stand in, in tokens, 0 upwards."""
    score: float
    """0.6 * coverage + min(density ** 0.25 / 4, 0.4), 0 to 1."""


def measure_copying(answer: str, context: str) -> CopyingDegree:
    """Measure how much of ``answer`` is copied from ``context``."""
    answer_tokens = split_tokens(answer)
    if not answer_tokens:
        return CopyingDegree(coverage=0.0, density=0.0, score=0.0)
    lengths = copied_fragments(answer_tokens, split_tokens(context))
    coverage = sum(lengths) / len(answer_tokens)
    density = sum(length * length for length in lengths) / len(answer_tokens)
    score = 0.6 * coverage + min(density**0.25 / 4, 0.4)
    return CopyingDegree(coverage=coverage, density=density, score=score)


def split_tokens(text: str) -> list[str]:
    """Split into case-folded words, numbers, punctuation marks and single CJK characters."""
    return [token for token, _, _ in locate_tokens(text)]


def locate_tokens(text: str) -> list[tuple[str, int, int]]:
    """Return each token, case-folded, with its offsets in ``text``.

    Folding can lengthen a character (ß), so words are folded one by one.
    """
    return [(found[0].casefold(), *found.span()) for found in _TOKEN.finditer(text)]


def copied_fragments(answer: Sequence[str], context: Sequence[str]) -> list[int]:
    """Return the lengths of the fragments of ``answer`` found in ``context``, in the answer's order.

    A list, not a set: a repeated fragment counts each time.
    """
    return [length for _, length in copied_runs(answer, context)]


def copied_runs(answer: Sequence[str], context: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first token and the length of each fragment of ``answer`` found in ``context``, in order.

    Greedy: at each token the longest run that stands anywhere in the context is taken whole. At most
    ``2 * len(answer) * len(context)`` comparisons.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, token in enumerate(context):
        places[token].append(place)
    runs: list[tuple[int, int]] = []
    position = 0
    while position < len(answer):
        found = places.get(answer[position], ())
        longest = max((_common_run(answer, position, context, place) for place in found), default=0)
        if longest:
            runs.append((position, longest))
        position += max(longest, 1)
    return runs


def _common_run(answer: Sequence[str], start: int, context: Sequence[str], place: int) -> int:
    room = min(len(answer) - start, len(context) - place)
    length = 0
    while length < room and answer[start + length] == context[place + length]:
        length += 1
    return length
