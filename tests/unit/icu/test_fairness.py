"""Gaps between groups, against values by hand and against fairlearn."""

import numpy as np
import pytest
from fairlearn.metrics import (
    demographic_parity_difference,
    equal_opportunity_difference,
    equalized_odds_difference,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.icu.discrimination import as_values
from agents.icu.fairness import GAPS, alerts_above, alerts_at_rate, compare_groups, counted_members
from agents.icu.intervals import Resampling

SEXES = ("female", "male", "unknown to the form")


def resample(n: int, resamples: int = 40) -> Resampling:
    return Resampling([str(number) for number in range(n)], seed=0, resamples=resamples)


@st.composite
def cohorts(draw: st.DrawFn) -> tuple[list[int], list[int], list[str]]:
    """Outcomes, alerts and groups; every group counts, and has deaths and survivals."""
    died, alerts, groups = [], [], []
    for name in SEXES[: draw(st.integers(2, 3))]:
        for outcome in (0, 1):
            n = draw(st.integers(10, 16))
            died += [outcome] * n
            groups += [name] * n
            alerts += draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return died, alerts, groups


@settings(max_examples=20, deadline=None)  # fairlearn takes a tenth of a second for each
@given(cohorts())
def test_gaps_are_those_of_fairlearn(cohort: tuple[list[int], list[int], list[str]]) -> None:
    died, alerts, groups = cohort
    found = compare_groups(as_values(died), as_values(alerts), groups, resample(len(died), 5))
    for name, reference in zip(
        GAPS,
        (demographic_parity_difference, equal_opportunity_difference, equalized_odds_difference),
        strict=True,
    ):
        expected = reference(died, alerts, sensitive_features=groups)
        assert found.gaps[name].value == pytest.approx(float(expected)), name


def test_gaps_by_hand() -> None:
    # 20 women, 4 dead: 3 of them and 4 of the living alerted; 20 men, 10 dead: 5 and 1.
    died = [1] * 4 + [0] * 16 + [1] * 10 + [0] * 10
    alerts = [1, 1, 1, 0] + [1] * 4 + [0] * 12 + [1] * 5 + [0] * 5 + [1] + [0] * 9
    found = compare_groups(as_values(died), as_values(alerts), ["f"] * 20 + ["m"] * 20, resample(40))
    women, men = found.groups["f"], found.groups["m"]
    assert (women.n, women.deaths, women.alert_rate.value) == (20, 4, pytest.approx(7 / 20))
    assert (women.sensitivity.value, women.false_alert_rate.value) == (0.75, 0.25)
    assert (men.sensitivity.value, men.false_alert_rate.value) == (0.5, 0.1)
    assert found.gaps["demographic_parity"].value == pytest.approx(7 / 20 - 6 / 20)
    assert found.gaps["equal_opportunity"].value == pytest.approx(0.25)
    assert found.gaps["equalised_odds"].value == pytest.approx(0.25)
    for gap in found.gaps.values():
        assert gap.value is not None
        assert gap.low is not None
        assert gap.high is not None
        assert 0 <= gap.low <= gap.value <= gap.high <= 1


@settings(deadline=None)
@given(cohorts(), st.floats(0, 1), st.floats(0, 1))
def test_a_constant_predictor_has_no_gap(
    cohort: tuple[list[int], list[int], list[str]], probability: float, rate: float
) -> None:
    died, _, groups = cohort
    constant = np.full(len(died), probability)
    for alerts in (alerts_at_rate(constant, rate), alerts_above(constant, rate)):
        found = compare_groups(as_values(died), alerts, groups, resample(len(died), 20))
        for gap in found.gaps.values():
            assert gap.value == pytest.approx(0)
            assert gap.high is None or gap.high == pytest.approx(0)


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_the_alert_rate_is_kept_exactly(probabilities: list[float], rate: float) -> None:
    alerts = alerts_at_rate(as_values(probabilities), rate)
    assert alerts.sum() == pytest.approx(rate * len(probabilities))
    assert ((alerts >= 0) & (alerts <= 1)).all()
    order = np.argsort(-as_values(probabilities), kind="stable")
    assert (np.diff(alerts[order]) <= 1e-12).all()


def test_alerts_are_shared_among_equals() -> None:
    assert alerts_at_rate(as_values([0.9, 0.4, 0.4, 0.1]), 0.5).tolist() == [1, 0.5, 0.5, 0]
    assert alerts_above(as_values([0.9, 0.4, 0.1]), 0.4).tolist() == [1, 1, 0]


def test_small_groups_are_named_and_left_out() -> None:
    died = [1, 0] * 10 + [0] * 25 + [1, 0] * 10 + [1] * 22 + [0]
    groups: list[str | None] = ["a"] * 20 + ["b"] * 25 + ["c"] * 19 + ["d"] + ["e"] * 22 + [None]
    alerts = as_values([1] * len(died))
    found = compare_groups(as_values(died), alerts, groups, resample(len(died)))
    assert {name: group.left_out for name, group in found.groups.items()} == {
        "b": "no death among them",
        "e": "no survival among them",
        "a": None,
        "c": "only 19 patients",
        "d": "only 1 patient",
    }
    assert all(gap.value is None for gap in found.gaps.values())  # one group alone has no gap
    assert len(counted_members(as_values(died), groups)) == 1
