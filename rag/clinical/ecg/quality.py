"""Says which leads and recordings can be measured, and why others cannot. Runs in the child process.

Limits are engineering limits chosen on damaged copies of recordings (benchmarks/ecg.py), not clinical ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import signal

from rag.clinical.ecg.beats import Beats, to_samples
from rag.clinical.ecg.preparation import SAMPLING_RATE, fill_gaps
from rag.clinical.ecg.types import LeadQuality, Recording, Signal

MIN_SECONDS = 5.0
MIN_BEATS = 3
"""That look alike; fewer give no average and no spread."""
ALIKE_SHARE = 0.25
"""Of the beats that have to look alike, else what was found are no beats."""
FLAT_MILLIVOLTS = 0.03
HUM_MILLIVOLTS = 0.08
NOISE_SHARE = 0.35
"""What differs from beat to beat, relative to the height of the QRS complex."""
GAIN_MILLIVOLTS = (0.25, 6.0)
"""Between these lies the tallest QRS complex, and under the upper one that of every lead."""
EINTHOVEN_SHARE = 0.15
"""What II may differ from I + III, relative to the largest; recorders compute III from the others."""
RR_MS = (240.0, 3000.0)


def judge_lead(name: str, values: Signal) -> LeadQuality:
    """Judge one lead by its samples alone, in mV at 500 Hz, unfiltered."""
    reasons = []
    missing = float(np.mean(~np.isfinite(values)))
    if missing > 0.1:
        reasons.append(f"{missing:.0%} of its samples are missing")
    filled = fill_gaps(values)
    if _share_flat(filled) > 0.2:
        reasons.append("flat for a part: the electrode may be off")
    elif _is_saturated(filled):
        reasons.append("saturated: it stays at its largest or smallest value")
    elif _hum(filled) > HUM_MILLIVOLTS:
        reasons.append("covered by noise of high frequency")
    return LeadQuality(lead=name, is_usable=not reasons, reasons=tuple(reasons))


def _share_flat(values: Signal) -> float:
    width = SAMPLING_RATE  # one second: with less, a slow heart is flat between two beats
    count = len(values) // width
    if count == 0:
        return 1.0
    parts = values[: count * width].reshape(count, width)
    detrended = signal.detrend(parts, axis=1)
    return float(np.mean(np.ptp(detrended, axis=1) < FLAT_MILLIVOLTS))


def _is_saturated(values: Signal) -> bool:
    """Tell whether runs of 40 ms and more lie at an end of the range, 2 % of the time together."""
    for extreme in (values.max(), values.min()):
        is_there = np.concatenate([[0], (values == extreme).astype(np.int8), [0]])
        edges = np.flatnonzero(np.diff(is_there))
        runs = edges[1::2] - edges[::2]
        if runs[runs >= to_samples(40)].sum() > 0.02 * len(values):
            return True
    return False


def _hum(values: Signal) -> float:
    """Return the usual height of what is quicker than a QRS complex (70 Hz), in mV, between the beats."""
    sos = signal.butter(4, 70, "highpass", fs=SAMPLING_RATE, output="sos")
    quick = signal.sosfiltfilt(sos, values)
    width = to_samples(200)
    count = len(quick) // width
    parts = quick[: count * width].reshape(count, width)
    return float(np.median(parts.std(axis=1))) if count else 0.0


def judge_beats(lead: LeadQuality, values: Signal, beats: Beats) -> LeadQuality:
    """Judge a lead by how much its beats differ; ``values`` are filtered."""
    each = beats.slices(values[:, np.newaxis])[:, :, 0]
    common = np.median(each, axis=0)
    near = common[beats.before - to_samples(60) : beats.before + to_samples(100)]
    height = float(np.ptp(near))
    difference = float(np.median((each - common).std(axis=1)))
    if difference <= NOISE_SHARE * height:
        return lead
    reason = "its beats differ too much from each other: noise, or no QRS complex to be seen"
    return LeadQuality(lead=lead.lead, is_usable=False, reasons=(*lead.reasons, reason))


def judge_length(recording: Recording) -> str | None:
    """Say why a recording is too short, if it is."""
    if recording.seconds >= MIN_SECONDS:
        return None
    return f"the recording is {recording.seconds:.1f} s long; {MIN_SECONDS:.0f} s are needed"


def judge_rhythm(beats: Beats | None) -> str | None:
    """Say why what was found are no beats that could be measured."""
    if beats is None or len(beats.centres) < MIN_BEATS:
        return "no QRS complexes were found"
    if beats.is_alike.sum() < MIN_BEATS or beats.is_alike.sum() < ALIKE_SHARE * beats.is_whole.sum():
        return "what was found has no common shape: these may be no QRS complexes"
    if not RR_MS[0] <= float(np.median(beats.rr)) <= RR_MS[1]:
        return "the distances between the beats cannot be those of a heart: the sampling rate may be wrong"
    return None


def judge_gain(heights: Mapping[str, float]) -> str | None:
    """Say why voltages are doubtful, by the QRS heights of the leads in mV."""
    low, high = GAIN_MILLIVOLTS
    if max(heights.values()) > high:
        return f"QRS complexes of {max(heights.values()):.1f} mV: the voltage scale may be wrong"
    if max(heights.values()) < low:
        return f"no QRS complex above {max(heights.values()):.2f} mV: the voltage scale may be wrong"
    return None


def judge_limb_leads(leads: Mapping[str, Signal]) -> str | None:
    """Say whether I + III is not II, over the averaged beat: a wrong scale or a wrong name."""
    if not {"I", "II", "III"} <= leads.keys():
        return None
    difference = leads["I"] + leads["III"] - leads["II"]
    size = max(float(np.ptp(leads[name])) for name in ("I", "II", "III"))
    if float(np.ptp(difference)) <= EINTHOVEN_SHARE * size:
        return None
    return "lead II is not the sum of I and III: the leads are not on one voltage scale, or a name is wrong"


def judge_polarity(net_qrs: Mapping[str, float], p_heights: Mapping[str, float]) -> str | None:
    """Say whether electrodes may be exchanged or the signal turned over.

    Args:
        net_qrs: area of the QRS complex of each lead.
        p_heights: height of the P wave of each lead with its sign; empty where there is none.
    """
    if p_heights.get("I", 0) > 0 and p_heights.get("II", 0) > 0:
        return None  # as the sinus node makes it: then an extreme axis is one
    sentence = "electrodes may be exchanged or the signal turned over (or the heart lies on the right)"
    if net_qrs.get("I", 0) < 0 and p_heights.get("I", 0) < 0:
        return f"P wave and QRS complex of lead I point down: {sentence}"
    if net_qrs.get("II", 0) < 0 and p_heights.get("II", 0) < 0 and net_qrs.get("I", -1) < 0:
        return f"P wave and QRS complex of lead II point down: {sentence}"
    if net_qrs.get("I", 0) < 0 and net_qrs.get("II", 0) < 0 and net_qrs.get("aVR", -1) > 0:
        return f"the QRS complexes of I and II point down and that of aVR up: {sentence}"
    return None


def describe(leads: Sequence[LeadQuality]) -> str:
    """Return the reasons of all leads that cannot be measured, in one clause."""
    texts = [f"{lead.lead}: {'; '.join(lead.reasons)}" for lead in leads if not lead.is_usable]
    return ", ".join(texts[:6]) + (" …" if len(texts) > 6 else "")
