"""Finds where the waves of one beat begin and end. Runs in the child process.

QRS: where the slope falls below a share of its largest and stays there. T end and P onset: the point that
gives the largest trapezium with the steepest point of the flank (Vazquez-Seisdedos 2011,
doi:10.1186/1475-925X-10-43), for P mirrored in time.

The corrections at the end are what these borders lay away from cardiologists' marks on one half of the LUDB
records of the development data (every second one, in order of their ids); docs/ecg.md has what is left on the
other half. All times are in ms from the QRS centre.
"""

from dataclasses import dataclass

import numpy as np

from rag.clinical.ecg.beats import to_milliseconds, to_samples
from rag.clinical.ecg.preparation import low_pass
from rag.clinical.ecg.types import BeatMarks, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Shares without unit; frequencies in Hz; the rest in ms. A correction is added to what was found."""

    slope_share: float = 0.10
    slope_half_width: float = 8.0
    quiet: float = 10.0
    t_hz: float = 12.0
    t_reach: float = 100.0
    p_hz: float = 35.0
    p_reach: float = 60.0
    qrs_onset: float = -13.0
    qrs_offset: float = 9.0
    t_offset: float = -9.0
    p_onset: float = 0.0
    p_offset: float = -7.0


TUNING = Tuning()
T_REACH_MS = 70.0
"""How far a lead's T peak may lie from the common one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bands:
    """The same signals in the bands that the waves are looked for in, shape (samples, leads) each."""

    qrs: Signal
    p: Signal
    t: Signal


def make_bands(signals: Signal, tuning: Tuning = TUNING) -> Bands:
    """Filter for the P and the T waves."""
    return Bands(qrs=signals, p=low_pass(signals, tuning.p_hz), t=low_pass(signals, tuning.t_hz))


def find_qrs(beat: Signal, centre: int, tuning: Tuning = TUNING) -> tuple[float, float] | None:
    """Return onset and offset of the QRS complex of one lead; ``None`` where the lead is flat."""
    half, quiet = to_samples(tuning.slope_half_width), to_samples(tuning.quiet)
    slope = np.zeros_like(beat)
    slope[half:-half] = np.abs(beat[2 * half :] - beat[: -2 * half])
    first, last = max(centre - to_samples(100), 0), centre + to_samples(120)
    steepest = float(slope[first:last].max(initial=0.0))
    if steepest <= 0:
        return None
    steep = np.flatnonzero(slope[first:last] > 0.35 * steepest) + first
    limit = tuning.slope_share * steepest
    onset, offset = int(steep[0]), int(steep[-1])
    while onset > max(centre - to_samples(160), quiet) and slope[onset - quiet : onset].max() >= limit:
        onset -= 1
    end = min(centre + to_samples(220), len(beat) - quiet - 1)
    while offset < end and slope[offset + 1 : offset + 1 + quiet].max() >= limit:
        offset += 1
    return (
        to_milliseconds(onset - centre) + tuning.qrs_onset,
        to_milliseconds(offset - centre) + tuning.qrs_offset,
    )


def choose_t_window(
    beats: Signal, centre: int, *, qrs_offset: float, rr: float, p_expected: float | None
) -> tuple[int, int] | None:
    """Return the samples between which the T waves of all leads are looked for.

    The leads agree on one T wave, each with the weight of its voltage; a lead's own largest bump may be a U
    wave or the next P wave.

    Args:
        beats: one beat in the T band, shape (samples, leads).
        centre: sample of the QRS centre.
        qrs_offset: in ms, of all leads.
        rr: a short distance of the beats in ms (their tenth percentile).
        p_expected: where the P wave is, ms before the centre (negative), if there is one.
    """
    next_p = float("inf") if p_expected is None else rr + p_expected - 40
    first = centre + to_samples(qrs_offset + 60)
    last = min(len(beats) - 1, centre + to_samples(min(0.62 * rr + 60, 620, next_p)))
    if last - first < to_samples(60):
        return None
    bumps = np.abs(_off_line(beats[first:last]))
    peaks, sizes = bumps.argmax(axis=0), bumps.max(axis=0)
    order = np.argsort(peaks)
    weights = np.cumsum(sizes[order])
    common = first + int(peaks[order][np.searchsorted(weights, weights[-1] / 2)])
    reach = to_samples(T_REACH_MS)
    return max(first, common - reach), min(last, common + reach)


def find_t(
    beat: Signal, centre: int, window: tuple[int, int], tuning: Tuning = TUNING
) -> tuple[float, float] | None:
    """Return peak and end of the T wave of one lead, its peak within a window of samples."""
    first, last = window
    bump = _off_line(beat[first:last])
    peak = first + int(np.argmax(np.abs(bump)))
    sign = float(np.sign(bump[peak - first]))
    slope = np.gradient(beat) * sign
    flank_end = min(len(beat) - 2, peak + to_samples(140))
    if sign == 0 or flank_end - peak < 3:
        return None
    steepest = peak + int(np.argmin(slope[peak:flank_end]))
    end = _largest_trapezium(beat * sign, steepest, min(len(beat) - 1, steepest + to_samples(tuning.t_reach)))
    if end is None:
        return None
    return to_milliseconds(peak - centre), to_milliseconds(end - centre) + tuning.t_offset


def find_p(
    beat: Signal, centre: int, *, expected: float, qrs_onset: float, tuning: Tuning = TUNING
) -> tuple[float, float] | None:
    """Return onset and end of the P wave of one lead.

    Args:
        beat: in the P band.
        centre: sample of the QRS centre.
        expected: where its peak should be, ms before the centre (negative).
        qrs_onset: in ms; it ends before.
        tuning: what the borders are found with.
    """
    first = max(0, centre + to_samples(expected - 110))
    last = centre + to_samples(min(expected + 80, qrs_onset - 5))
    if last - first < to_samples(50):
        return None
    peak = first + _find_bump(beat[first:last])
    sign = _sign_of_bump(beat[first:last])
    if sign == 0:
        return None
    wave, slope = beat * sign, np.gradient(beat) * sign
    flank = max(0, peak - to_samples(80))
    rising = flank + int(np.argmax(slope[flank : peak + 1]))
    mirrored = wave[::-1]
    size = len(beat) - 1
    reach = min(size, size - rising + to_samples(tuning.p_reach))
    onset = _largest_trapezium(mirrored, size - rising, reach)
    falling = peak + int(np.argmin(slope[peak : max(peak + 1, last)]))
    offset = _largest_trapezium(wave, falling, max(falling + 1, min(last, falling + to_samples(60))))
    if onset is None:
        return None
    end = peak if offset is None else offset
    return (
        to_milliseconds(size - onset - centre) + tuning.p_onset,
        to_milliseconds(end - centre) + tuning.p_offset,
    )


def _off_line(part: Signal) -> Signal:
    """Return how far each point is from the line between both ends, along the first axis."""
    return np.asarray(part - np.linspace(part[0], part[-1], len(part)), dtype=np.float64)


def _find_bump(part: Signal) -> int:
    return int(np.argmax(np.abs(_off_line(part))))


def _sign_of_bump(part: Signal) -> float:
    return float(np.sign(_off_line(part)[_find_bump(part)]))


def _largest_trapezium(wave: Signal, flank: int, reach: int) -> int | None:
    """Return the point between a falling flank and ``reach`` that spans the largest trapezium with them."""
    points = np.arange(flank, reach)
    if not len(points):
        return None
    areas = (wave[flank] - wave[points]) * (2 * reach - flank - points)
    return int(points[np.argmax(areas)])


def find_marks(
    beat: Bands, centre: int, *, rr: float, p_expected: float | None, tuning: Tuning = TUNING
) -> list[BeatMarks | None]:
    """Find all borders of one beat in every lead; ``None`` for a lead without a QRS complex.

    Args:
        beat: one beat, single or averaged, in its three bands.
        centre: sample of the QRS centre.
        rr: as for :func:`choose_t_window`.
        p_expected: where the P wave is; ``None`` where none is looked for.
        tuning: what the borders are found with.
    """
    qrs = [find_qrs(beat.qrs[:, lead], centre, tuning) for lead in range(beat.qrs.shape[1])]
    offsets = [each[1] for each in qrs if each is not None]
    if not offsets:
        return [None] * len(qrs)
    window = choose_t_window(
        beat.t, centre, qrs_offset=float(np.median(offsets)), rr=rr, p_expected=p_expected
    )
    marks: list[BeatMarks | None] = []
    for lead, borders in enumerate(qrs):
        if borders is None:
            marks.append(None)
            continue
        t = None if window is None else find_t(beat.t[:, lead], centre, window, tuning)
        p = None
        if p_expected is not None:
            p = find_p(beat.p[:, lead], centre, expected=p_expected, qrs_onset=borders[0], tuning=tuning)
        marks.append(_join(borders, p, t))
    return marks


def _join(
    qrs: tuple[float, float], p: tuple[float, float] | None, t: tuple[float, float] | None
) -> BeatMarks:
    return BeatMarks(
        qrs_onset=qrs[0],
        qrs_offset=qrs[1],
        p_onset=None if p is None else p[0],
        p_offset=None if p is None else p[1],
        t_peak=None if t is None else t[0],
        t_offset=None if t is None else t[1],
    )
