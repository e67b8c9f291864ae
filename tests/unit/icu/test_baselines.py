"""Predictors that are fitted on the training patients alone."""

import numpy as np
import pytest

from agents.icu.baselines import predict_by_regression, predict_by_score


def test_a_regression_learns_from_values_and_from_what_is_missing() -> None:
    random = np.random.default_rng(0)
    train = random.normal(size=(400, 3))
    died = (random.random(400) < 1 / (1 + np.exp(-2 * train[:, 0]))).astype(float)
    train[:, 1] = np.where(died == 1, np.nan, train[:, 1])  # only survivors were measured
    train[:, 2] = np.nan  # never measured
    test = np.array([[2.0, np.nan, np.nan], [-2.0, 0.0, np.nan], [1e9, 0.0, 1.0]])
    dead, alive, mistyped = predict_by_regression(train, died, test)
    assert dead > 0.95
    assert alive < 0.05
    assert 0 < mistyped < 1


def test_a_score_keeps_its_order_and_means_what_it_says() -> None:
    train = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, np.nan])
    died = np.array([0.0, 0, 1, 0, 0, 1, 1, 1, 0])
    found = predict_by_score(train, died, np.array([8.0, 1, 5, np.nan]))
    assert list(np.argsort(found)) == [1, 3, 2, 0]
    # The mean of a maximum-likelihood fit with an intercept is the share of deaths.
    assert predict_by_score(train, died, train).mean() == pytest.approx(died.mean(), abs=1e-4)
