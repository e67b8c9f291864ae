"""Orders, grades and statistics, against values that are known from elsewhere."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.exams import statistics
from agents.exams.grading import set_f1, token_f1
from agents.exams.orders import shuffle_orders, unshuffle
from agents.exams.prompting import letter_grammar, parse_letters
from agents.exams.scoring import best, over_half, softmax


@given(st.integers(2, 6), st.integers(1, 12), st.integers(0, 99))
def test_orders_begin_with_the_file_and_put_every_option_everywhere(
    options: int, count: int, seed: int
) -> None:
    orders = shuffle_orders("item", options, count=count, seed=seed)
    assert orders[0] == tuple(range(options))
    assert len(set(orders)) == len(orders)
    assert all(sorted(order) == list(range(options)) for order in orders)
    balanced = orders[:options]
    for place in range(options):
        assert len({order[place] for order in balanced}) == len(balanced)
    assert orders == shuffle_orders("item", options, count=count, seed=seed)


def test_values_find_back_to_their_options() -> None:
    assert unshuffle((2, 0, 1), (0.5, 0.3, 0.2)) == (0.3, 0.2, 0.5)


def test_f1_of_words_and_of_options() -> None:
    assert token_f1("The BDCA2 protein", ["BDCA2", "blood dendritic cell antigen 2"]) == pytest.approx(2 / 3)
    assert token_f1("急性肾损伤", ["肾损伤"]) == pytest.approx(6 / 8)
    assert token_f1("", ["x"]) == 0.0
    assert set_f1((0, 1), (1, 2)) == pytest.approx(0.5)
    assert set_f1((), (1,)) == 0.0


@pytest.mark.parametrize(("options", "several"), [(4, False), (3, True)])
def test_a_grammar_allows_what_is_parsed(options: int, several: bool) -> None:
    assert letter_grammar(options, several=several).startswith("root ::= ")
    assert parse_letters("B", options) == (1,)
    assert (parse_letters("A, C", options) == (0, 2)) is True
    for text in ("", "E", "A,", "A, A", "AB", "A. Sodium"):
        assert parse_letters(text, options) is None


def test_choices_of_equal_values_are_the_first() -> None:
    assert best((0.2, 0.4, 0.4)) == 1
    assert over_half((0.6, 0.1, 0.7)) == (0, 2)
    assert over_half((0.1, 0.3, 0.2)) == (1,)
    assert softmax((-1.0, -1.0)) == (0.5, 0.5)


def test_wilson_is_that_of_the_literature() -> None:
    # Newcombe 1998, table I: 81 of 263 and 0 of 20.
    assert statistics.wilson(81, 263).pair() == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert statistics.wilson(0, 20).pair() == pytest.approx([0.0, 0.1611], abs=1e-4)
    assert statistics.wilson(0, 0).pair() == [0.0, 1.0]


def test_mcnemar_is_the_exact_binomial() -> None:
    assert statistics.mcnemar(1, 9) == pytest.approx(2 * (1 + 10) / 2**10)
    assert statistics.mcnemar(0, 0) == 1.0


def test_a_bootstrap_agrees_with_the_normal_interval() -> None:
    values = [1.0] * 60 + [0.0] * 40
    error = 1.96 * np.sqrt(0.6 * 0.4 / 100)
    assert statistics.bootstrap_mean(values).pair() == pytest.approx([0.6 - error, 0.6 + error], abs=0.02)
    assert statistics.bootstrap_mean(values).pair() == statistics.bootstrap_mean(values).pair()


def test_items_of_one_source_widen_the_interval() -> None:
    values = [float(source % 2) for source, _ in product(range(20), range(10))]
    sources = [f"source {source}" for source, _ in product(range(20), range(10))]
    alone, together = statistics.bootstrap_mean(values), statistics.bootstrap_mean(values, sources)
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert not statistics.has_clusters(["one", "two"] * 50)


def test_a_comparison_counts_what_only_one_has_right() -> None:
    first = [True] * 10 + [False] * 10 + [True] * 5
    second = [True] * 10 + [True] * 10 + [False] * 5
    found = statistics.compare(first, second)
    assert (found.first_only, found.second_only, found.difference) == (5, 10, pytest.approx(0.2))
    assert found.interval.low < 0.2 < found.interval.high
    assert found.p == pytest.approx(0.3018, abs=1e-4)


def test_risk_falls_with_coverage_when_confidence_tells() -> None:
    sure = [0.9, 0.8, 0.7, 0.6]
    found = statistics.risk_coverage(sure, [True, True, False, False])
    assert found.coverage == (0.25, 0.5, 0.75, 1.0)
    assert found.risk == pytest.approx((0.0, 0.0, 1 / 3, 0.5))
    assert found.area == pytest.approx((0 + 0 + 1 / 3 + 0.5) / 4)
    blind = statistics.risk_coverage([0.5] * 4, [True, True, False, False])
    assert (blind.coverage, blind.risk, blind.area) == ((1.0,), (0.5,), 0.5)


def test_what_a_set_can_tell_follows_connor() -> None:
    # n = (1.96 sqrt(0.3) + 0.84 sqrt(0.3 - d^2))^2 / d^2, solved by hand for d = 0.08.
    assert statistics.detectable_difference(364) == pytest.approx(0.08, abs=0.001)
    assert statistics.detectable_difference(10) == 1.0
