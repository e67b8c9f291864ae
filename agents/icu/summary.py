"""The figures of an evaluation from its rows: every arm on the same patients, and arms beside each other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.icu import discrimination, fairness
from agents.icu.discrimination import CalibrationBin, as_values
from agents.icu.fairness import AttributeGaps
from agents.icu.intervals import RESAMPLES, Estimate, Resampling, Statistic, Values
from agents.icu.records import ATTRIBUTES, IcuArm, Manifest, PatientRow

COMPARED = tuple(
    (IcuArm.CAP, other)
    for other in (IcuArm.PLAIN, IcuArm.DEBIAS, IcuArm.RANDOM, IcuArm.VOTE, IcuArm.REGRESSION)
)
"""Pairs of arms; the difference is that of the first less the second."""
_FIGURES = {
    "auroc": discrimination.auroc,
    "auprc": discrimination.average_precision,
    "brier": discrimination.brier,
}
_CALIBRATION = {
    "slope": discrimination.calibration_slope,
    "intercept": discrimination.calibration_intercept,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipFigures:
    """What changes when one attribute is exchanged in the prompt and nothing else."""

    n: int
    rate: Estimate
    """Share of patients whose alert changes, alerts given to the share of patients that die."""
    rate_at_cut: Estimate
    """The same with alerts from the training prevalence on."""
    change: Estimate
    """Mean absolute change of the probability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """One arm."""

    name: str
    figures: Mapping[str, Estimate]
    """``auroc``, ``auprc``, ``brier``."""
    calibration: Mapping[str, Estimate]
    """``slope``, ``intercept``."""
    bins: tuple[CalibrationBin, ...]
    gaps: Mapping[str, AttributeGaps]
    """By attribute, at equal alert rate."""
    gaps_at_cut: Mapping[str, AttributeGaps]
    """By attribute, with the decision cut at the training prevalence."""
    alert_rate_at_cut: float
    """Share of patients alerted there."""
    flips: Mapping[str, FlipFigures]
    failed: int
    """Patients without a probability; they count with the training prevalence."""
    without_case: int
    """Patients to whom no past case is comparable."""
    seconds: float
    prompt_tokens: int
    probabilities: Values
    """Of each patient, in the order of :attr:`Evaluation.patients`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two arms on the same patients, paired: the first less the second."""

    first: str
    second: str
    figures: Mapping[str, Estimate]
    gaps: Mapping[str, Mapping[str, Estimate]]
    """By attribute and name, at equal alert rate; below zero the first arm's gap is smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that is said of an evaluation."""

    manifest: Manifest
    rows: tuple[PatientRow, ...]
    """Of the patients that every arm has."""
    patients: tuple[str, ...]
    labels: Values
    arms: Mapping[str, ArmFigures]
    comparisons: tuple[Comparison, ...]

    @property
    def deaths(self) -> int:
        """Of the patients."""
        return int(self.labels.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cohort:
    """The patients of an evaluation, and how they are drawn."""

    patients: tuple[str, ...]
    labels: Values
    groups: Mapping[str, tuple[str | None, ...]]
    resampling: Resampling
    prevalence: float


def summarise(manifest: Manifest, rows: Sequence[PatientRow], *, resamples: int = RESAMPLES) -> Evaluation:
    """Compute all figures on the patients that every arm has a row for.

    Args:
        manifest: of the evaluation.
        rows: so far; the evaluation need not be at its end.
        resamples: for the intervals.
    """
    by_arm: dict[str, dict[str, PatientRow]] = {}
    for row in rows:
        by_arm.setdefault(row.arm, {})[row.patient] = row
    known = [set(found) for found in by_arm.values()]
    patients = tuple(each for each in manifest.sample if known and all(each in found for found in known))
    chosen = {arm: [found[patient] for patient in patients] for arm, found in by_arm.items()}
    cohort = _make_cohort(manifest, patients, next(iter(chosen.values()), []), resamples)
    arms = {arm: _describe_arm(arm, found, cohort) for arm, found in chosen.items()} if patients else {}
    return Evaluation(
        manifest=manifest,
        rows=tuple(row for patient in patients for row in (found[patient] for found in by_arm.values())),
        patients=patients,
        labels=cohort.labels,
        arms=arms,
        comparisons=tuple(
            _compare(arms[first], arms[second], cohort)
            for first, second in COMPARED
            if first in arms and second in arms
        ),
    )


def _make_cohort(
    manifest: Manifest, patients: tuple[str, ...], rows: Sequence[PatientRow], resamples: int
) -> _Cohort:
    return _Cohort(
        patients=patients,
        labels=as_values([row.died for row in rows]),
        groups={name: tuple(row.groups.get(name) for row in rows) for name in ATTRIBUTES},
        resampling=Resampling(patients, seed=manifest.settings.seed, resamples=resamples),
        prevalence=manifest.split.prevalence,
    )


def _describe_arm(name: str, rows: Sequence[PatientRow], cohort: _Cohort) -> ArmFigures:
    labels, estimate = cohort.labels, cohort.resampling.estimate
    probabilities = as_values(
        [cohort.prevalence if row.probability is None else row.probability for row in rows]
    )
    at_cut = fairness.alerts_above(probabilities, cohort.prevalence)
    return ArmFigures(
        name=name,
        figures={figure: estimate(make(labels, probabilities)) for figure, make in _FIGURES.items()},
        calibration={figure: estimate(make(labels, probabilities)) for figure, make in _CALIBRATION.items()},
        bins=discrimination.calibration_bins(labels, probabilities),
        gaps=_compare_groups(fairness.alerts_at_rate(probabilities, cohort.prevalence), cohort),
        gaps_at_cut=_compare_groups(at_cut, cohort),
        alert_rate_at_cut=float(at_cut.mean()),
        flips=_describe_flips(rows, probabilities, cohort),
        failed=sum(row.probability is None for row in rows),
        without_case=sum(name in (IcuArm.CAP, IcuArm.RANDOM) and not row.cases for row in rows),
        seconds=sum(row.seconds for row in rows),
        prompt_tokens=sum(row.tokens.prompt for row in rows),
        probabilities=probabilities,
    )


def _compare_groups(alerts: Values, cohort: _Cohort) -> dict[str, AttributeGaps]:
    found = {
        name: fairness.compare_groups(cohort.labels, alerts, groups, cohort.resampling)
        for name, groups in cohort.groups.items()
    }
    return {name: gaps for name, gaps in found.items() if gaps.groups}


def _describe_flips(
    rows: Sequence[PatientRow], probabilities: Values, cohort: _Cohort
) -> dict[str, FlipFigures]:
    names = list(dict.fromkeys(name for row in rows for name in row.swapped))
    rank = min(max(math.ceil(cohort.prevalence * len(rows)), 1), len(rows))
    cut_of_rate = float(np.sort(probabilities)[-rank])
    found = {}
    for name in names:
        asked = np.array([name in row.swapped for row in rows], dtype=float)
        swapped = as_values([row.swapped.get(name, p) for row, p in zip(rows, probabilities, strict=True)])
        flips = [
            ((probabilities >= cut) != (swapped >= cut)).astype(float)
            for cut in (cut_of_rate, cohort.prevalence)
        ]
        rate, at_cut, change = (
            cohort.resampling.estimate(_mean_among(values, asked))
            for values in (*flips, np.abs(swapped - probabilities))
        )
        found[name] = FlipFigures(n=int(asked.sum()), rate=rate, rate_at_cut=at_cut, change=change)
    return found


def _mean_among(values: Values, asked: Values) -> Statistic:
    def compute(weights: Values) -> Values:
        total = weights @ asked
        mean: Values = np.divide(
            weights @ (values * asked), total, out=np.full(len(weights), np.nan), where=total > 0
        )
        return mean

    return compute


def _compare(first: ArmFigures, second: ArmFigures, cohort: _Cohort) -> Comparison:
    labels, estimate = cohort.labels, cohort.resampling.estimate
    gaps: dict[str, dict[str, Estimate]] = {}
    for attribute, groups in cohort.groups.items():
        members = fairness.counted_members(labels, groups)
        if len(members) < 2:
            continue
        one, other = (
            fairness.gap_statistics(
                labels, fairness.alerts_at_rate(arm.probabilities, cohort.prevalence), members
            )
            for arm in (first, second)
        )
        gaps[attribute] = {
            name: estimate(discrimination.difference(one[name], other[name])) for name in fairness.GAPS
        }
    return Comparison(
        first=first.name,
        second=second.name,
        figures={
            figure: estimate(
                discrimination.difference(
                    make(labels, first.probabilities), make(labels, second.probabilities)
                )
            )
            for figure, make in _FIGURES.items()
        },
        gaps=gaps,
    )
