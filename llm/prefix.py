"""Many short tasks over one prefix: it is read once, each task is a fork of it, all forks go in one batch.

A fork costs the tokens that it does not share; keys and values of the prefix are not copied.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from llm.copying.selection import LogProbabilities, TokenPath, log_softmax


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """A prompt and what is asked about it, in tokens."""

    prompt: TokenPath
    answers: tuple[TokenPath, ...]
    """Each as the tokenizer writes it after this very prompt."""


class PrefixRuntime(Protocol):
    """What tasks over a prefix need of a token runtime."""

    def fork(
        self, tails: Sequence[Sequence[int]], wanted: Sequence[int], cancel: threading.Event
    ) -> Iterator[tuple[int, list[NDArray[np.float32]]]]:
        """Evaluate each tail after what was read, reading none.

        Yields the number of a tail and its last ``wanted`` rows of logits; ends early when cancelled.
        """
        ...


def common_length(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all prompts begin with; at least one is left of each."""
    if not prompts:
        return 0
    shortest = min(map(len, prompts))
    same = takewhile(lambda place: len({prompt[place] for prompt in prompts}) == 1, range(shortest - 1))
    return sum(1 for _ in same)


def split_answers(prompt: Sequence[int], answered: Sequence[Sequence[int]]) -> Scoring:
    """Say where a prompt ends and its answers begin, given the tokens of the prompt with each answer.

    A tokenizer may join the end of a prompt with the begin of an answer: the answers begin where the first
    of them differs from the prompt by itself. At least one token is left of the prompt.
    """
    end = min((common_begin(prompt, tokens) for tokens in answered), default=len(prompt))
    end = max(1, end)
    return Scoring(prompt=tuple(prompt[:end]), answers=tuple(tuple(tokens[end:]) for tokens in answered))


def common_begin(one: Sequence[int], other: Sequence[int]) -> int:
    """Return with how many equal tokens two sequences begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def score_answers(
    runtime: PrefixRuntime,
    tails: Sequence[Sequence[int]],
    answers: Sequence[Sequence[TokenPath]],
    cancel: threading.Event,
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Yield for each tail its number and the log probability of each of its answers after it.

    Answers of one token take one evaluation; of longer ones each begin is another fork.
    """
    begins = [_longest_begins(paths) for paths in answers]
    forks = [(number, begin) for number in range(len(tails)) for begin in begins[number]]
    rows: dict[int, dict[TokenPath, LogProbabilities]] = {}
    evaluated = runtime.fork(
        [[*tails[number], *begin] for number, begin in forks],
        [len(begin) + 1 for _, begin in forks],
        cancel,
    )
    for fork, logits in evaluated:
        number, begin = forks[fork]
        known = rows.setdefault(number, {})
        known |= {begin[:length]: log_softmax(row) for length, row in enumerate(logits)}
        if begin == begins[number][-1]:
            yield number, tuple(sum_path(answer, known) for answer in answers[number])
            del rows[number]


def sum_path(answer: TokenPath, rows: Mapping[TokenPath, LogProbabilities]) -> float:
    """Return the log probability of an answer, given a row for each of its begins."""
    return sum(float(rows[answer[:place]][token]) for place, token in enumerate(answer))


def cut_batches(wanted: Sequence[bool], *, tokens: int, rows: int) -> list[int]:
    """Return where batches begin, and the end of the last: none has more tokens or rows than it may have.

    Args:
        wanted: Whether each token's row of logits is wanted.
        tokens: Tokens of a batch.
        rows: Rows of a batch.
    """
    cuts, row = [0], 0
    for place, is_wanted in enumerate(wanted):
        row += is_wanted
        if row > rows or place - cuts[-1] == tokens:
            cuts.append(place)
            row = int(is_wanted)
    return [*cuts, len(wanted)]


def group_forks(
    lengths: Sequence[int], wanted: Sequence[int], *, most: int, tokens: int, rows: int
) -> list[list[int]]:
    """Divide forks into groups that go into one batch, in order; one that is too long stands alone.

    Args:
        lengths: Tokens of each fork.
        wanted: Rows of logits of each fork.
        most: Forks of a group.
        tokens: Tokens of a group.
        rows: Rows of a group.
    """
    groups: list[list[int]] = []
    length = row = 0
    for number, (more, count) in enumerate(zip(lengths, wanted, strict=True)):
        length, row = length + more, row + count
        if not groups or length > tokens or row > rows or len(groups[-1]) == most:
            groups.append([])
            length, row = more, count
        groups[-1].append(number)
    return groups


def _longest_begins(answers: Sequence[TokenPath]) -> list[TokenPath]:
    """Return what has to be evaluated so that every token of every answer has its row."""
    begins = sorted({answer[:-1] for answer in answers} or {()})
    return [
        begin
        for begin, following in zip(begins, [*begins[1:], None], strict=True)
        if following is None or following[: len(begin)] != begin
    ]
