"""Choosing sentences by number: which numbers can still be written, and how likely each of them is.

The model may write nothing but ``3, 7, 1`` and an end. All numbers that are still allowed form a tree of
tokens; one evaluation of its inner nodes gives the probability of every number, whatever the tokenizer makes
of digits.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

END = 0
"""Stands for ending among the alternatives; numbers begin at 1."""
SEPARATOR = ", "

TokenPath = tuple[int, ...]
"""Tokens to be written one after the other."""
LogProbabilities = NDArray[np.float64]
"""Log probability of each token of the vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The best of the alternatives, :data:`END` among them."""

    number: int
    log_probability: float
    """Among the alternatives, after the priors."""


class NumberTree:
    """The token paths of the allowed numbers, with a common begin shared.

    ``inner`` holds the paths after which the next token has to be known. The root (an empty path) is not
    among them: it has been evaluated before.
    """

    def __init__(self, paths: Mapping[int, TokenPath]) -> None:
        """``paths``: the tokens that write each number, separator included."""
        self._paths = dict(paths)
        self.inner = frozenset(path[:length] for path in paths.values() for length in range(1, len(path)))

    def score(self, rows: Mapping[TokenPath, LogProbabilities], closers: Sequence[int]) -> dict[int, float]:
        """Return the log probability of each number, given a row for the root and for each inner node.

        Where a number is also the begin of a longer one (1 and 12) it counts as far as one of ``closers``,
        the tokens that close a number, follows.
        """
        scores: dict[int, float] = {}
        for number, path in self._paths.items():
            score = sum(float(rows[path[:place]][token]) for place, token in enumerate(path))
            if path in rows:
                score += log_sum_exp(rows[path][list(closers)])
            scores[number] = score
        return scores


def choose(scores: Mapping[int, float], priors: Mapping[int, float]) -> Choice:
    """Add the priors, make the alternatives sum to one, and take the best; the first of equals."""
    totals = {number: score + priors.get(number, 0.0) for number, score in scores.items()}
    best = max(totals, key=lambda number: totals[number])
    total = log_sum_exp(list(totals.values()))
    share = totals[best] - total if math.isfinite(totals[best]) else 0.0
    return Choice(number=best, log_probability=min(share, 0.0))


def log_softmax(logits: NDArray[np.float32]) -> LogProbabilities:
    """Turn logits into log probabilities."""
    row = logits.astype(np.float64)
    row -= row.max()
    row -= np.log(np.exp(row).sum())
    return row


def log_sum_exp(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Logarithm of the sum of the exponentials; minus infinity for none."""
    highest = max(values, default=-math.inf)
    if not math.isfinite(highest):
        return float(highest)
    return float(highest) + math.log(sum(math.exp(value - highest) for value in values))
