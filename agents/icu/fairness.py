"""Differences between groups of patients: how many are alerted, and how well.

Demographic parity, equal opportunity and equalised odds as gaps between the highest and the lowest group
(Hardt, Price and Srebro 2016), as fairlearn defines them, against which they are tested; it computes one
sample at a time, too slowly for intervals. An alert is a number from 0 to 1: patients who share one
probability share the alerts that are left, so that the rate is kept exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.icu.intervals import Estimate, Resampling, Statistic, Values

MIN_PATIENTS = 20
"""A smaller group is named and left out of the gaps: chance alone makes a gap of tens of points there."""
GAPS = ("demographic_parity", "equal_opportunity", "equalised_odds")
_RATES = ("alert_rate", "sensitivity", "false_alert_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates:
    """One group."""

    n: int
    deaths: int
    alert_rate: Estimate
    """Share of patients alerted."""
    sensitivity: Estimate
    """Share of deaths alerted."""
    false_alert_rate: Estimate
    """Share of survivals alerted."""
    left_out: str | None
    """Why it does not count for the gaps, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeGaps:
    """All groups of one attribute, and the gaps between those that count."""

    groups: Mapping[str, GroupRates]
    gaps: Mapping[str, Estimate]
    """By the names of :data:`GAPS`."""


def alerts_above(probabilities: Values, cut: float) -> Values:
    """Return an alert for every patient whose probability is at least ``cut``."""
    alerts: Values = (probabilities >= cut).astype(float)
    return alerts


def alerts_at_rate(probabilities: Values, rate: float) -> Values:
    """Alert the patients of the highest probabilities, exactly this share of all.

    Patients with equal probability share what is left for them, as if they were drawn by lot: a predictor
    that says the same of all alerts everybody a little, and has no gap.
    """
    left = rate * len(probabilities)
    alerts = np.zeros(len(probabilities))
    for value in np.unique(probabilities)[::-1]:
        tied = probabilities == value
        alerts[tied] = min(max(left / tied.sum(), 0.0), 1.0)
        left -= tied.sum()
    return alerts


def compare_groups(
    labels: Values, alerts: Values, groups: Sequence[str | None], resampling: Resampling
) -> AttributeGaps:
    """Return rates of each group, largest first, and the gaps between groups that are large enough.

    Args:
        labels: 1 for a death.
        alerts: 0 to 1.
        groups: of each patient; ``None`` where it is not known: in no group.
        resampling: of the same patients.
    """
    members = _members(groups)
    found: dict[str, GroupRates] = {}
    for name, member in sorted(members.items(), key=lambda pair: -pair[1].sum()):
        n, deaths = int(member.sum()), int((member * labels).sum())
        rates = {
            rate: resampling.estimate(_rate(alerts, member * base))
            for rate, base in zip(_RATES, _bases(labels), strict=True)
        }
        found[name] = GroupRates(n=n, deaths=deaths, left_out=_why_left_out(n, deaths), **rates)
    counted = [members[name] for name, group in found.items() if group.left_out is None]
    return AttributeGaps(groups=found, gaps=_gaps(labels, alerts, counted, resampling))


def gap_statistics(labels: Values, alerts: Values, members: Sequence[Values]) -> dict[str, Statistic]:
    """Return each gap between groups, given as 0 and 1 for each patient, by the names of :data:`GAPS`."""
    parity, opportunity, false_alerts = (
        _spread([_rate(alerts, member * base) for member in members]) for base in _bases(labels)
    )
    return {
        "demographic_parity": parity,
        "equal_opportunity": opportunity,
        "equalised_odds": lambda weights: np.maximum(opportunity(weights), false_alerts(weights)),
    }


def counted_members(labels: Values, groups: Sequence[str | None]) -> list[Values]:
    """Return the members of each group that counts for the gaps, as 0 and 1 for each patient."""
    return [
        member
        for member in _members(groups).values()
        if _why_left_out(int(member.sum()), int((member * labels).sum())) is None
    ]


def _members(groups: Sequence[str | None]) -> dict[str, Values]:
    names = sorted({name for name in groups if name is not None})
    return {name: np.array([name == group for group in groups], dtype=float) for name in names}


def _gaps(
    labels: Values, alerts: Values, members: Sequence[Values], resampling: Resampling
) -> dict[str, Estimate]:
    if len(members) < 2:
        return {name: Estimate(value=None) for name in GAPS}
    return {name: resampling.estimate(gap) for name, gap in gap_statistics(labels, alerts, members).items()}


def _bases(labels: Values) -> tuple[Values, Values, Values]:
    """Return among whom the rates of :data:`_RATES` are taken."""
    return np.ones_like(labels), labels, 1 - labels


def _why_left_out(n: int, deaths: int) -> str | None:
    if n < MIN_PATIENTS:
        return "only 1 patient" if n == 1 else f"only {n} patients"
    if deaths == 0:
        return "no death among them"
    return "no survival among them" if deaths == n else None


def _rate(alerts: Values, base: Values) -> Statistic:
    def compute(weights: Values) -> Values:
        total = weights @ base
        rate: Values = np.divide(
            weights @ (base * alerts), total, out=np.full(len(weights), np.nan), where=total > 0
        )
        return rate

    return compute


def _spread(rates: Sequence[Statistic]) -> Statistic:
    """Return the highest rate less the lowest; NaN where a group has none in a resampling."""

    def compute(weights: Values) -> Values:
        each = np.stack([rate(weights) for rate in rates])
        spread: Values = each.max(axis=0) - each.min(axis=0)
        return spread

    return compute
