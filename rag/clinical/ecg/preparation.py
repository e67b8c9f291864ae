"""Makes a recording ready to be measured: one rate, no wander, no mains hum. Runs in the child process.

All filters are run forwards and backwards, so that no wave is moved. 0.5 Hz is within the 0.67 Hz that the
AHA/ACC/HRS allow for filters without phase shift (Kligfield 2007, doi:10.1161/CIRCULATIONAHA.106.180200).
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy import signal

from rag.clinical.ecg.types import Lead, Recording, Signal

SAMPLING_RATE = 500
"""Hz; every recording is measured at this rate."""
BASELINE_HZ = 0.5
DIAGNOSTIC_HZ = 100.0
_MAINS = (50.0, 60.0)
_MAINS_SHARE = 0.25
"""Of what lies between 40 and 70 Hz, from which on a line is taken for mains hum."""


def cut(recording: Recording, *, start: float, seconds: float) -> Recording:
    """Return the part that is measured, with a note where something is left out."""
    total = recording.seconds
    first = round(min(max(start, 0.0), max(total - seconds, 0.0)) * recording.sampling_rate)
    last = first + round(seconds * recording.sampling_rate)
    if first == 0 and last >= round(total * recording.sampling_rate):
        return recording
    begin = first / recording.sampling_rate
    note = f"Measured from {begin:.1f} to {min(begin + seconds, total):.1f} s of {total:.1f} s."
    leads = tuple(replace(lead, millivolts=lead.millivolts[first:last]) for lead in recording.leads)
    return replace(recording, leads=leads, notes=(*recording.notes, note))


def resample(recording: Recording) -> Recording:
    """Return the recording at :data:`SAMPLING_RATE`; gaps stay not a number."""
    if recording.sampling_rate == SAMPLING_RATE:
        return recording
    ratio = Fraction(SAMPLING_RATE / recording.sampling_rate).limit_denominator(1000)
    leads = tuple(replace(lead, millivolts=_resample(lead.millivolts, ratio)) for lead in recording.leads)
    return replace(recording, leads=leads, sampling_rate=float(SAMPLING_RATE))


def _resample(values: Signal, ratio: Fraction) -> Signal:
    filled = fill_gaps(values)
    level = float(np.median(filled))
    new = signal.resample_poly(filled - level, ratio.numerator, ratio.denominator) + level
    gaps = np.isnan(values)
    if gaps.any():
        index = np.minimum((np.arange(len(new)) / float(ratio)).astype(int), len(values) - 1)
        new[gaps[index]] = np.nan
    return np.asarray(new, dtype=np.float64)


def fill_gaps(values: Signal) -> Signal:
    """Return the signal with its gaps bridged by straight lines; all zeros where there is no sample."""
    good = np.isfinite(values)
    if good.all():
        return values
    if not good.any():
        return np.zeros_like(values)
    where = np.arange(len(values))
    return np.interp(where, where[good], values[good])


def remove_disturbances(recording: Recording) -> Recording:
    """Return the recording without baseline wander and, in leads that have it, without mains hum."""
    leads = tuple(Lead(name=lead.name, millivolts=_clean(lead.millivolts)) for lead in recording.leads)
    return replace(recording, leads=leads)


def _clean(values: Signal) -> Signal:
    cleaned = band_pass(fill_gaps(values), BASELINE_HZ, DIAGNOSTIC_HZ)
    for mains in find_mains(cleaned):
        b, a = signal.iirnotch(mains, 30.0, fs=SAMPLING_RATE)
        cleaned = signal.filtfilt(b, a, cleaned)
    return np.asarray(cleaned, dtype=np.float64)


def find_mains(values: Signal) -> list[float]:
    """Return the mains frequencies (50, 60 Hz) that stand out in a signal."""
    frequencies, power = signal.periodogram(values, fs=SAMPLING_RATE)
    around = power[(frequencies > 40) & (frequencies < 70)].sum()
    return [
        mains
        for mains in _MAINS
        if around > 0 and power[np.abs(frequencies - mains) <= 0.5].sum() > _MAINS_SHARE * around
    ]


def band_pass(values: Signal, low: float, high: float) -> Signal:
    """Filter along the first axis without moving anything (Butterworth of second order, both ways)."""
    sos = signal.butter(2, (low, high), "bandpass", fs=SAMPLING_RATE, output="sos")
    return np.asarray(signal.sosfiltfilt(sos, values, axis=0), dtype=np.float64)


def low_pass(values: Signal, high: float) -> Signal:
    """Filter along the first axis without moving anything (Butterworth of second order, both ways)."""
    sos = signal.butter(2, high, "lowpass", fs=SAMPLING_RATE, output="sos")
    return np.asarray(signal.sosfiltfilt(sos, values, axis=0), dtype=np.float64)
