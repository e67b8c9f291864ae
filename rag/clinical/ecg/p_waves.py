"""Tells whether there are P waves that belong to the QRS complexes. Runs in the child process."""

from dataclasses import dataclass

import numpy as np

from rag.clinical.ecg.beats import Beats, correlate, to_samples
from rag.clinical.ecg.preparation import SAMPLING_RATE
from rag.clinical.ecg.types import Signal

LIKENESS = 0.75
"""Least median correlation of a beat's P part with that of all other beats, over all leads."""
SPREAD_MS = 100.0
"""Largest interquartile range of the distances between P and QRS that the delineator found."""
HEIGHT_SHARE = 0.02
"""Least height of the P part relative to the QRS complex, in a quarter of the leads."""
_BEFORE_QRS_MS = (-350.0, -75.0)
_QRS_ONSET_MS = -55.0
"""Later than this it may be the QRS complex that is alike in all beats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PWaves:
    """What was found before the QRS complexes."""

    expected: float | None
    """Where the P peak is, in ms from the QRS centre; ``None`` where there is nothing like one."""
    likeness: float
    """How much the P parts of the beats are alike, a correlation."""
    spread: float
    """Interquartile range of the places of the P peaks, in ms."""
    height: float = 0.0
    """Of the averaged P part, relative to the QRS complex; that of a quarter of the leads is larger."""

    @property
    def are_constant(self) -> bool:
        """Whether P waves of one shape keep one distance to the QRS complexes."""
        is_there = self.expected is not None and self.height >= HEIGHT_SHARE
        return is_there and self.likeness >= LIKENESS and self.spread < SPREAD_MS


def find_p_waves(p_band: Signal, p_peaks: Signal, beats: Beats) -> PWaves:
    """Judge the P waves.

    Args:
        p_band: shape (samples, leads).
        p_peaks: of the delineator, shape (leads, beats), in samples.
        beats: those of the recording.
    """
    places = (p_peaks - beats.centres[np.newaxis, :]) * 1000 / SAMPLING_RATE
    found = places[:, beats.is_alike]
    found = found[np.isfinite(found) & (found > _BEFORE_QRS_MS[0]) & (found < _BEFORE_QRS_MS[1])]
    if len(found) < 2:
        return PWaves(expected=None, likeness=0.0, spread=float("inf"))
    expected = float(np.median(found))
    spread = float(np.subtract(*np.percentile(found, (75, 25))))
    middle, half = beats.before + to_samples(expected), to_samples(60)
    end = min(middle + half, beats.before + to_samples(_QRS_ONSET_MS))
    each = beats.slices(p_band)
    parts = _without_trend(each[:, max(0, middle - half) : end, :])
    return PWaves(
        expected=expected,
        likeness=_compare(parts),
        spread=spread,
        height=_measure_height(parts, each[:, beats.before - half : beats.before + half, :]),
    )


def _compare(parts: Signal) -> float:
    count = len(parts)
    if count < 3:
        return 0.0
    flat = parts.reshape(count, -1)
    total = flat.sum(axis=0)
    return float(np.median([correlate((total - each) / (count - 1), each) for each in flat]))


def _measure_height(parts: Signal, complexes: Signal) -> float:
    heights = np.ptp(parts.mean(axis=0), axis=0)
    references = np.ptp(complexes.mean(axis=0), axis=0)
    return float(np.percentile(heights / np.maximum(references, 1e-9), 75))


def _without_trend(parts: Signal) -> Signal:
    """Take mean and slope out of each beat of each lead, shape (beats, samples, leads)."""
    centred = parts - parts.mean(axis=1, keepdims=True)
    time = np.linspace(-1.0, 1.0, parts.shape[1])[np.newaxis, :, np.newaxis]
    slope = (centred * time).sum(axis=1, keepdims=True) / (time**2).sum()
    return np.asarray(centred - slope * time, dtype=np.float64)
