"""Lines beats up, tells which look alike, and averages those. Runs in the child process."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.clinical.ecg.preparation import SAMPLING_RATE
from rag.clinical.ecg.types import Signal

BEFORE_MS = 400.0
AFTER_MS = (450.0, 750.0)
"""The least and the most that is looked at after a QRS complex."""
LIKENESS = 0.9
"""Correlation with the median QRS over all leads, from which on a beat is averaged with the others."""
RIVAL_SHARE = 0.6
"""Of the largest family's beats, from which on another shape counts as its equal."""
_SHIFT_MS = 40.0
_QRS_MS = (-120.0, 160.0)


def to_samples(milliseconds: float) -> int:
    """Return the nearest number of samples."""
    return round(milliseconds * SAMPLING_RATE / 1000)


def to_milliseconds(samples: float) -> float:
    """Return how long so many samples last."""
    return float(samples) * 1000 / SAMPLING_RATE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beats:
    """The beats of a recording."""

    centres: NDArray[np.int64]
    """Of all beats, in samples, lined up with each other."""
    is_whole: NDArray[np.bool_]
    """Whether the recording holds all of the beat."""
    is_alike: NDArray[np.bool_]
    """Whether it is whole and has the common shape."""
    likeness: Signal
    """Correlation of its QRS complex with the common one; not a number for beats that are not whole."""
    before: int
    after: int
    """Samples of a beat before and after its centre."""

    @property
    def rr(self) -> Signal:
        """Distances between successive beats, in ms."""
        return np.diff(self.centres) * 1000 / SAMPLING_RATE

    def slices(self, signals: Signal) -> Signal:
        """Return the beats that look alike, shape (beats, samples, leads)."""
        chosen = self.centres[self.is_alike]
        return np.stack([signals[c - self.before : c + self.after] for c in chosen])

    def average(self, signals: Signal) -> Signal:
        """Return the median of the beats that look alike, shape (samples, leads)."""
        return np.asarray(np.median(self.slices(signals), axis=0), dtype=np.float64)


def line_up(signals: Signal, centres: NDArray[np.int64]) -> Beats:
    """Line beats up by their slopes over all leads.

    Args:
        signals: shape (samples, leads), without baseline wander.
        centres: at least one, ascending, in samples.
    """
    before, after = to_samples(BEFORE_MS), to_samples(_choose_after(centres))
    slopes = _smooth(np.sqrt((np.gradient(signals, axis=0) ** 2).sum(axis=1)))
    moved = _align(slopes, centres)
    is_whole = (moved >= before) & (moved + after <= len(signals))
    likeness = np.full(len(moved), np.nan)
    if is_whole.any():
        likeness[is_whole] = _compare(signals, moved[is_whole])
    is_alike = is_whole & (np.nan_to_num(likeness, nan=-1.0) >= LIKENESS)
    return Beats(
        centres=moved, is_whole=is_whole, is_alike=is_alike, likeness=likeness, before=before, after=after
    )


def _choose_after(centres: NDArray[np.int64]) -> float:
    """Look as far as the next P wave could begin."""
    if len(centres) < 2:
        return AFTER_MS[0]
    rr = to_milliseconds(float(np.median(np.diff(centres))))
    return float(np.clip(rr - 200.0, *AFTER_MS))


def _smooth(values: Signal) -> Signal:
    width = 9  # 18 ms
    return np.convolve(values, np.ones(width) / width, "same")


def _align(slopes: Signal, centres: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move each centre to where its slopes fit the median of all best."""
    half, reach = to_samples(120.0), to_samples(_SHIFT_MS)
    margin = half + reach
    inside = [c for c in centres if margin <= c < len(slopes) - margin]
    if not inside:
        return centres
    template = np.median([slopes[c - half : c + half] for c in inside], axis=0)
    moved = centres.copy()
    for index, centre in enumerate(centres):
        if margin <= centre < len(slopes) - margin:
            fits = [
                correlate(template, slopes[centre - half + shift : centre + half + shift])
                for shift in range(-reach, reach + 1)
            ]
            moved[index] = centre + int(np.argmax(fits)) - reach
    return moved


def _compare(signals: Signal, centres: NDArray[np.int64]) -> Signal:
    first, last = (to_samples(ms) for ms in _QRS_MS)
    complexes = np.stack([signals[c + first : c + last] for c in centres])
    common = complexes[_find_largest_family(complexes)].mean(axis=0).ravel()
    return np.array([correlate(common, each.ravel()) for each in complexes])


def _find_largest_family(complexes: Signal) -> NDArray[np.bool_]:
    """Return which complexes look like the one that most others look like.

    Where paced and own beats mix and neither prevails, the narrower ones are taken: the heart's own.
    """
    flat = complexes.reshape(len(complexes), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = flat / np.where(sizes > 0, sizes, 1.0)
    is_like = flat @ flat.T >= LIKENESS
    family = is_like[int(np.argmax(is_like.sum(axis=1)))]
    others = is_like & ~family
    other = others[int(np.argmax(others.sum(axis=1)))]
    is_rival = other.sum() >= max(3, RIVAL_SHARE * family.sum())
    return np.asarray(min((family, other), key=lambda each: _width(complexes[each])) if is_rival else family)


def _width(complexes: Signal) -> float:
    """Return how far the slopes of complexes are spread in time, in samples."""
    slopes = (np.gradient(complexes.mean(axis=0), axis=0) ** 2).sum(axis=1)
    weights = slopes / slopes.sum()
    time = np.arange(len(weights))
    return float(np.sqrt(weights @ (time - weights @ time) ** 2))


def correlate(first: Signal, second: Signal) -> float:
    """Return the correlation coefficient of two signals; 0 where one of them is constant."""
    a, b = first - first.mean(), second - second.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
