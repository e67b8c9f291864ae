"""AUROC, AUPRC, Brier and calibration, against values by hand, brute force and scikit-learn."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from agents.icu import discrimination
from agents.icu.intervals import Resampling, Statistic, Values

patients = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=25
).filter(lambda rows: {died for died, _, times in rows if times} == {0, 1})
"""Outcome, probability in eighths (so that there are ties) and how often a patient was drawn."""


def one(statistic: Statistic, weights: Values) -> float:
    return float(statistic(weights[None, :])[0])


def split(rows: list[tuple[int, int, int]]) -> tuple[Values, Values, Values]:
    died, scores, times = np.array(rows, dtype=float).T
    return died, scores / 8, times


@settings(deadline=None)
@given(patients)
def test_auroc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, int, int]]) -> None:
    died, scores, times = split(rows)
    right = total = 0.0
    for (a, p, n), (b, q, m) in product(zip(died, scores, times, strict=True), repeat=2):
        if a == 1 and b == 0:
            total += n * m
            right += n * m * (1.0 if p > q else 0.5 if p == q else 0.0)
    assert one(discrimination.auroc(died, scores), times) == pytest.approx(right / total)
    assert one(discrimination.auroc(died, -scores), times) == pytest.approx(1 - right / total)


@settings(deadline=None)
@given(patients)
def test_figures_are_those_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    died, scores, times = split(rows)
    for statistic, reference in (
        (discrimination.auroc, roc_auc_score),
        (discrimination.average_precision, average_precision_score),
        (discrimination.brier, brier_score_loss),
    ):
        assert one(statistic(died, scores), times) == pytest.approx(
            reference(died, scores, sample_weight=times)
        )


def test_figures_by_hand() -> None:
    died, scores = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.3, 0.1])
    every = np.ones(4)
    assert one(discrimination.auroc(died, scores), every) == 0.75
    assert one(discrimination.average_precision(died, scores), every) == pytest.approx((1 + 2 / 3) / 2)
    assert one(discrimination.brier(died, scores), every) == pytest.approx((0.01 + 0.64 + 0.49 + 0.01) / 4)


def test_without_a_death_there_is_no_figure() -> None:
    survived = np.zeros(3)
    scores = np.array([0.1, 0.2, 0.3])
    for make in (discrimination.auroc, discrimination.average_precision, discrimination.calibration_slope):
        assert np.isnan(one(make(survived, scores), np.ones(3)))


def test_slope_and_intercept_are_those_of_a_logistic_regression() -> None:
    random = np.random.default_rng(3)
    logits = random.normal(-1.5, 1.2, 400)
    died = (random.random(400) < 1 / (1 + np.exp(-(0.4 + 0.6 * logits)))).astype(float)
    probabilities = 1 / (1 + np.exp(-logits))
    weights = random.integers(0, 4, 400).astype(float)
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(logits[:, None], died, sample_weight=weights)
    slope = one(discrimination.calibration_slope(died, probabilities), weights)
    assert slope == pytest.approx(float(fitted.coef_[0, 0]), abs=1e-4)
    shift = one(discrimination.calibration_intercept(died, probabilities), weights)
    moved = 1 / (1 + np.exp(-(logits + shift)))
    assert weights @ moved == pytest.approx(weights @ died)


def test_perfect_calibration_has_slope_one_and_intercept_zero() -> None:
    # 2 of 10 die at 0.2, 5 of 10 at 0.5: the likelihood is at its maximum there.
    probabilities = np.repeat([0.2, 0.5], 10)
    died = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 5 + [0.0] * 5)
    every = np.ones(20)
    assert one(discrimination.calibration_slope(died, probabilities), every) == pytest.approx(1)
    assert one(discrimination.calibration_intercept(died, probabilities), every) == pytest.approx(0, abs=1e-9)
    constant = np.full(20, 0.35)
    assert np.isnan(one(discrimination.calibration_slope(died, constant), every))
    assert one(discrimination.calibration_intercept(died, constant), every) == pytest.approx(0, abs=1e-9)


def test_separated_outcomes_have_no_slope() -> None:
    died, probabilities = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])
    assert np.isnan(one(discrimination.calibration_slope(died, probabilities), np.ones(4)))


def test_bins_hold_everybody_once_and_part_no_ties() -> None:
    probabilities = np.array([0.1] * 7 + [0.2, 0.3, 0.9])
    died = np.array([1.0] + [0.0] * 8 + [1.0])
    bins = discrimination.calibration_bins(died, probabilities, bins=5)
    assert sum(each.n for each in bins) == 10
    assert (bins[0].n, bins[0].observed) == (7, pytest.approx(1 / 7))
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)
    (single,) = discrimination.calibration_bins(died, np.full(10, 0.4))
    assert (single.n, single.observed) == (10, 0.2)


@settings(deadline=None)
@given(patients, st.integers(0, 9))
def test_an_interval_holds_its_figure(rows: list[tuple[int, int, int]], seed: int) -> None:
    died, scores, _ = split(rows)
    resampling = Resampling([str(number) for number in range(len(died))], seed=seed, resamples=50)
    found = resampling.estimate(discrimination.auroc(died, scores))
    if found.low is not None and found.high is not None and found.value is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_bootstrap_agrees_with_the_known_spread_of_a_mean() -> None:
    died = np.array([1.0] * 60 + [0.0] * 40)
    resampling = Resampling([str(number) for number in range(100)], seed=1)
    found = resampling.estimate(discrimination.brier(died, np.zeros(100)))
    error = 1.96 * np.sqrt(0.6 * 0.4 / 100)
    assert found.interval() == pytest.approx([0.6 - error, 0.6 + error], abs=0.02)
    assert found == Resampling([str(n) for n in range(100)], seed=1).estimate(
        discrimination.brier(died, np.zeros(100))
    )


def test_rows_of_one_patient_are_drawn_together() -> None:
    resampling = Resampling(["a", "a", "b"], seed=0, resamples=100)
    assert (resampling.weights[:, 0] == resampling.weights[:, 1]).all()
    assert (resampling.weights[:, [0, 2]].sum(axis=1) == 2).all()


def test_a_difference_is_paired() -> None:
    died, scores = np.array([1.0, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.3, 0.1, 0.2])
    resampling = Resampling(list("abcde"), seed=0, resamples=50)
    same = discrimination.difference(
        discrimination.auroc(died, scores), discrimination.auroc(died, scores**3)
    )
    assert resampling.estimate(same).interval() == [0, 0]


def test_too_few_usable_draws_give_no_interval() -> None:
    died, scores = np.array([1.0] + [0.0] * 3), np.array([0.9, 0.1, 0.2, 0.3])
    weights = Resampling(list("abcd"), seed=0, resamples=20)
    weights.weights[:, 0] = 0
    found = weights.estimate(discrimination.auroc(died, scores))
    assert (found.value, found.low, found.high) == (1.0, None, None)
