"""Choosing numbers: the tree gives each number its probability, the priors and the end included."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.selection import (
    END,
    NumberTree,
    choose,
    log_softmax,
    log_sum_exp,
)

DIGITS = 10
COMMA = 10
STOP = 11
N_VOCAB = 12

rows = st.lists(st.floats(-20, 20), min_size=N_VOCAB, max_size=N_VOCAB).map(
    lambda values: log_softmax(np.array(values, dtype=np.float32))
)
path_sets = st.sets(st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple), max_size=25)


def digits(number: int) -> tuple[int, ...]:
    return tuple(int(digit) for digit in str(number))


def test_inner_nodes_are_the_begins_of_longer_numbers() -> None:
    tree = NumberTree({number: digits(number) for number in (1, 7, 12, 13, 205)})
    assert tree.inner == {(1,), (2,), (2, 0)}


@given(st.integers(1, 130), st.randoms(use_true_random=False))
def test_numbers_and_what_is_not_allowed_share_all_probability(count: int, random: object) -> None:
    """Written out digit by digit and closed, the strings of a tree are disjoint events."""
    seed = np.random.default_rng(count)
    tree = NumberTree({number: digits(number) for number in range(1, count + 1)})
    known = {path: log_softmax(seed.normal(size=N_VOCAB).astype(np.float32)) for path in [(), *tree.inner]}
    scores = tree.score(known, closers=[COMMA, STOP])
    assert set(scores) == set(range(1, count + 1))
    assert log_sum_exp(list(scores.values())) <= 1e-9
    for number, path in ((number, digits(number)) for number in scores):
        begins = [path[:place] for place in range(len(path))]
        expected = math.prod(math.exp(known[begin][token]) for begin, token in zip(begins, path, strict=True))
        if path in known:
            expected *= math.exp(known[path][COMMA]) + math.exp(known[path][STOP])
        assert math.exp(scores[number]) == pytest.approx(expected, rel=1e-6)


@given(rows, st.lists(st.floats(-30, 30), min_size=9, max_size=9), st.floats(-30, 30))
def test_the_choice_is_the_best_sum_of_score_and_prior(
    row: np.ndarray, prior: list[float], prior_end: float
) -> None:
    scores = {number: float(row[number]) for number in range(1, 10)} | {END: float(row[STOP])}
    priors = {END: prior_end, **dict(enumerate(prior, 1))}
    choice = choose(scores, priors)
    totals = {number: scores[number] + priors[number] for number in scores}
    assert totals[choice.number] == max(totals.values())
    share = 1 / sum(math.exp(total - totals[choice.number]) for total in totals.values())
    assert math.exp(choice.log_probability) == pytest.approx(share)


@pytest.mark.parametrize("prior", [math.inf, 1e300])
def test_an_infinite_prior_decides(prior: float) -> None:
    choice = choose({1: -1.0, 2: -50.0, END: -3.0}, {2: prior})
    assert (choice.number, choice.log_probability) == (2, 0.0)


def test_minus_infinity_forbids() -> None:
    assert choose({1: -1.0, 2: -50.0}, {1: -math.inf}).number == 2


def test_log_sum_exp_of_extremes() -> None:
    assert log_sum_exp([]) == -math.inf
    assert log_sum_exp([-math.inf, 0.0]) == 0.0
    assert log_sum_exp([-math.inf, -math.inf]) == -math.inf
    assert log_sum_exp([1000.0, 1000.0]) == pytest.approx(1000 + math.log(2))
