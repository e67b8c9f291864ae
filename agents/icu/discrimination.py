"""How well probabilities tell deaths from survivals, and whether they mean what they say.

Every figure takes weights of shape (resamplings, rows), so that thousands of resamplings cost one
pass; scikit-learn, against which they are tested, takes milliseconds for each. ``labels`` are 0
or 1, ``scores`` are higher for the likelier death.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.exams.statistics import Interval, wilson
from agents.icu.intervals import Statistic, Values

CLIP = 1e-6
"""Probabilities are kept so far from 0 and 1 where their logit is taken."""
BINS = 5
"""Of the calibration chart, equally filled: a sample of 300 has some 60 patients in each."""
_STEPS = 30
_LARGEST_STEP = 5.0
_SETTLED = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Patients with similar probabilities."""

    n: int
    predicted: float
    """Mean probability."""
    observed: float
    """Share of deaths."""
    interval: Interval
    """Of ``observed``, Wilson."""


def auroc(labels: Values, scores: Values) -> Statistic:
    """Return the share of pairs of a death and a survival that are in the right order; ties count half."""
    order = np.argsort(scores, kind="stable")
    starts = _group_starts(scores[order])
    died = labels[order]

    def compute(weights: Values) -> Values:
        drawn = weights[:, order]
        deaths = np.add.reduceat(drawn * died, starts, axis=1)
        survivals = np.add.reduceat(drawn * (1 - died), starts, axis=1)
        below = np.cumsum(survivals, axis=1) - survivals
        pairs = deaths.sum(axis=1) * survivals.sum(axis=1)
        return _divide((deaths * (below + 0.5 * survivals)).sum(axis=1), pairs)

    return compute


def average_precision(labels: Values, scores: Values) -> Statistic:
    """Return the mean precision over the steps of recall (AUPRC without interpolation)."""
    order = np.argsort(-scores, kind="stable")
    starts = _group_starts(scores[order])
    died = labels[order]

    def compute(weights: Values) -> Values:
        drawn = weights[:, order]
        deaths = np.add.reduceat(drawn * died, starts, axis=1)
        alerts = np.cumsum(np.add.reduceat(drawn, starts, axis=1), axis=1)
        precision = np.cumsum(deaths, axis=1) / np.maximum(alerts, 1e-12)
        return _divide((deaths * precision).sum(axis=1), deaths.sum(axis=1))

    return compute


def brier(labels: Values, probabilities: Values) -> Statistic:
    """Return the mean squared distance of probability and outcome; lower is better."""
    errors = (probabilities - labels) ** 2
    return lambda weights: _divide(weights @ errors, weights.sum(axis=1))


def calibration_slope(labels: Values, probabilities: Values) -> Statistic:
    """Return the slope of a logistic regression of the outcome on the logit of the probability (Cox 1958).

    1 is ideal; below 1 the probabilities are too extreme. NaN where all are equal or outcomes are separated.
    """
    logits = _logits(probabilities)
    return lambda weights: _fit_recalibration(labels, logits, weights)[:, 1]


def calibration_intercept(labels: Values, probabilities: Values) -> Statistic:
    """Return calibration in the large: what is to be added to every logit so that the mean is right.

    0 is ideal; below 0 the probabilities are too high. (Van Calster et al. 2019.)
    """
    logits = _logits(probabilities)

    def compute(weights: Values) -> Values:
        shift = np.zeros(len(weights))
        total, deaths = weights.sum(axis=1), weights @ labels
        for _ in range(_STEPS):
            fitted = _sigmoid(logits[None, :] + shift[:, None])
            slope = (weights * fitted * (1 - fitted)).sum(axis=1)
            step = _divide(deaths - (weights * fitted).sum(axis=1), slope)
            shift = shift + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
            if not (np.abs(step) > _SETTLED).any():
                break
        return np.where((deaths > 0) & (deaths < total), shift, np.nan)

    return compute


def calibration_bins(
    labels: Values, probabilities: Values, *, bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """Return equally filled bins in the order of the probability; equal probabilities are never parted."""
    order = np.argsort(probabilities, kind="stable")
    starts = _group_starts(probabilities[order])
    wanted = np.linspace(0, len(order), bins + 1)[1:-1]
    cuts = sorted({int(starts[np.argmin(np.abs(starts - place))]) for place in wanted} - {0})
    found = []
    for part in np.split(order, cuts):
        if len(part):
            deaths = int(labels[part].sum())
            found.append(
                CalibrationBin(
                    n=len(part),
                    predicted=float(probabilities[part].mean()),
                    observed=deaths / len(part),
                    interval=wilson(deaths, len(part)),
                )
            )
    return tuple(found)


def roc_points(labels: Values, scores: Values) -> tuple[Values, Values]:
    """Return false alerts and sensitivity over all cuts, both as shares."""
    from sklearn.metrics import roc_curve

    false_alerts, sensitivity, _ = roc_curve(labels, scores)
    return false_alerts, sensitivity


def precision_points(labels: Values, scores: Values) -> tuple[Values, Values]:
    """Return recall and precision over all cuts."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(labels, scores)
    return recall, precision


def difference(first: Statistic, second: Statistic) -> Statistic:
    """Return first less second on the same draws."""
    return lambda weights: first(weights) - second(weights)


def as_values(values: Sequence[float]) -> Values:
    """Return a flat array of floats."""
    return np.array(values, dtype=float)


def _group_starts(ordered: Values) -> NDArray[np.intp]:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], np.diff(ordered) != 0])[: len(ordered)])


def _divide(above: Values, below: Values) -> Values:
    result: Values = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
    return result


def _logits(probabilities: Values) -> Values:
    kept = np.clip(probabilities, CLIP, 1 - CLIP)
    logits: Values = np.log(kept / (1 - kept))
    return logits


def _sigmoid(values: Values) -> Values:
    result: Values = 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    return result


def _fit_recalibration(labels: Values, logits: Values, weights: Values) -> Values:
    """Fit ``outcome ~ a + b * logit`` to each resampling by Newton's method; shape (resamplings, 2)."""
    if np.ptp(logits) < CLIP:
        return np.full((len(weights), 2), np.nan)
    # Centred and scaled, so that the two are nearly independent and steps are of one size.
    middle, scale = logits.mean(), logits.std()
    x = (logits - middle) / scale
    a, b = np.zeros(len(weights)), np.zeros(len(weights))
    step_a = step_b = a
    for _ in range(_STEPS):
        fitted = _sigmoid(a[:, None] + b[:, None] * x[None, :])
        rest, spread = weights * (labels - fitted), weights * fitted * (1 - fitted)
        s0, s1, s2 = spread.sum(axis=1), spread @ x, spread @ x**2
        g0, g1 = rest.sum(axis=1), rest @ x
        determinant = s0 * s2 - s1**2
        step_a, step_b = _divide(s2 * g0 - s1 * g1, determinant), _divide(s0 * g1 - s1 * g0, determinant)
        a = a + np.clip(step_a, -_LARGEST_STEP, _LARGEST_STEP)
        b = b + np.clip(step_b, -_LARGEST_STEP, _LARGEST_STEP)
        if not ((np.abs(step_a) > _SETTLED) | (np.abs(step_b) > _SETTLED)).any():
            break
    settled = (np.abs(step_a) <= _SETTLED) & (np.abs(step_b) <= _SETTLED)
    slope = b / scale
    found: Values = np.where(settled[:, None], np.stack([a - slope * middle, slope], axis=1), np.nan)
    return found
