"""Voltages of the averaged beat of one lead, from the level of the PQ segment. Runs in the child process."""

import numpy as np

from rag.clinical.ecg.beats import to_samples
from rag.clinical.ecg.types import BeatMarks, Signal

_MIN_WAVE = 0.02
"""mV; smaller deflections are no Q, R or S wave."""


def measure_amplitudes(beat: Signal, centre: int, marks: BeatMarks) -> dict[str, float | None]:
    """Return voltages in mV and the QRS area in mV·ms.

    ``q`` and ``s`` are negative or 0. ``st_j`` is taken where the QRS complex ends, ``st_j60`` and ``st_j80``
    that much later. ``p_height`` and ``t_height`` have the sign of the wave.
    """
    onset, offset = centre + to_samples(marks.qrs_onset), centre + to_samples(marks.qrs_offset)
    onset, offset = max(onset, 1), min(offset, len(beat) - 1)
    level = float(np.median(beat[max(0, onset - to_samples(16)) : onset + 1]))
    qrs = beat[onset : offset + 1] - level
    top = int(np.argmax(qrs))
    r = float(max(qrs[top], 0.0))
    has_r = r >= _MIN_WAVE
    before, after = (qrs[: top + 1], qrs[top:]) if has_r else (qrs, qrs[:0])
    return {
        "q": _depth(before),
        "r": r if has_r else 0.0,
        "s": _depth(after),
        "qrs_height": float(np.ptp(qrs)),
        "qrs_area": float(qrs.sum() * 2.0),
        "st_j": _at(beat, offset, level),
        "st_j60": _at(beat, offset + to_samples(60), level),
        "st_j80": _at(beat, offset + to_samples(80), level),
        "p_height": _p_height(beat, centre, marks),
        "t_height": None if marks.t_peak is None else _at(beat, centre + to_samples(marks.t_peak), level),
    }


def _depth(part: Signal) -> float:
    lowest = float(part.min(initial=0.0))
    return lowest if lowest <= -_MIN_WAVE else 0.0


def _at(beat: Signal, sample: int, level: float) -> float | None:
    """Return the mean over 8 ms around a sample."""
    if sample + 2 >= len(beat):
        return None
    return float(beat[sample - 2 : sample + 3].mean() - level)


def _p_height(beat: Signal, centre: int, marks: BeatMarks) -> float | None:
    if marks.p_onset is None or marks.p_offset is None:
        return None
    first, last = centre + to_samples(marks.p_onset), centre + to_samples(marks.p_offset)
    wave = beat[max(first, 0) : max(last, first + 1) + 1]
    if not len(wave):
        return None
    off_line = wave - np.linspace(wave[0], wave[-1], len(wave))
    return float(off_line[int(np.argmax(np.abs(off_line)))])
