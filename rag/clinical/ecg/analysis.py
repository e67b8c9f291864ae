"""From a recording to marks and rhythm: every step of measuring, in order. Runs in the child process."""

from dataclasses import dataclass, replace

import numpy as np

from rag.clinical.ecg import quality as judging
from rag.clinical.ecg.amplitudes import measure_amplitudes
from rag.clinical.ecg.beats import Beats, line_up
from rag.clinical.ecg.boundaries import Bands, find_marks, make_bands
from rag.clinical.ecg.delineation import delineate
from rag.clinical.ecg.formulas import fit_limb_scales
from rag.clinical.ecg.p_waves import PWaves, find_p_waves
from rag.clinical.ecg.preparation import fill_gaps, remove_disturbances, resample
from rag.clinical.ecg.types import BeatMarks, LeadQuality, LeadReport, Quality, Recording, Signal

MAX_SINGLE_BEATS = 20
"""So many beats are marked one by one; their spread is that of all."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """What measurements are taken from."""

    recording: Recording
    """Prepared: 500 Hz, filtered."""
    quality: Quality
    refusal: str | None
    """Why nothing is measured."""
    beats: Beats | None = None
    p_waves: PWaves | None = None
    leads: dict[str, LeadReport]
    """Of all leads; those that cannot be measured have no marks."""
    single_beats: tuple[tuple[BeatMarks | None, ...], ...] = ()
    """Marks of each beat in each usable lead, for the spread."""
    limb_scales: tuple[float, float] | None = None
    """Factors for I and III, see :func:`rag.clinical.ecg.formulas.fit_limb_scales`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """The beats, and the leads in which they can be seen."""

    names: tuple[str, ...]
    signals: Signal
    """Shape (samples, leads), filtered."""
    p_peaks: Signal
    beats: Beats


def analyse(recording: Recording) -> Analysis:
    """Run all steps; what cannot be measured comes with its reason."""
    raw = resample(recording)
    leads = tuple(judging.judge_lead(lead.name, lead.millivolts) for lead in raw.leads)
    refusal = judging.judge_length(raw)
    if refusal is None and not any(lead.is_usable for lead in leads):
        refusal = f"no lead can be measured ({judging.describe(leads)})"
    if refusal is not None:
        return _refuse(raw, leads, refusal)
    prepared = remove_disturbances(raw)
    found, leads = _find_beats(raw, prepared, leads)
    refusal = judging.judge_rhythm(None if found is None else found.beats)
    if found is None or refusal is not None:
        return _refuse(prepared, leads, refusal or "no QRS complexes were found")
    if not found.names:
        return _refuse(prepared, leads, f"no lead can be measured ({judging.describe(leads)})")
    return _mark(prepared, leads, found)


def _refuse(recording: Recording, leads: tuple[LeadQuality, ...], refusal: str) -> Analysis:
    return Analysis(
        recording=recording,
        quality=Quality(leads=leads, problems=(refusal,), is_measurable=False),
        refusal=refusal,
        leads={lead.lead: LeadReport(quality=lead) for lead in leads},
    )


def _find_beats(
    raw: Recording, prepared: Recording, leads: tuple[LeadQuality, ...]
) -> tuple[_Found | None, tuple[LeadQuality, ...]]:
    """Find the beats in the usable leads, then drop leads in which they cannot be seen."""
    usable = [index for index, lead in enumerate(leads) if lead.is_usable]
    delineation = delineate(np.stack([fill_gaps(raw.leads[index].millivolts) for index in usable], axis=1))
    if len(delineation.centres) < judging.MIN_BEATS:
        return None, leads
    signals = np.stack([prepared.leads[index].millivolts for index in usable], axis=1)
    beats = line_up(signals, delineation.centres)
    judged = list(leads)
    if beats.is_alike.sum() >= judging.MIN_BEATS:
        for column, index in enumerate(usable):
            judged[index] = judging.judge_beats(leads[index], signals[:, column], beats)
    kept = [column for column, index in enumerate(usable) if judged[index].is_usable]
    names = tuple(leads[usable[column]].lead for column in kept)
    found = _Found(names=names, signals=signals[:, kept], p_peaks=delineation.p_peaks[kept], beats=beats)
    return found, tuple(judged)


def _mark(prepared: Recording, leads: tuple[LeadQuality, ...], found: _Found) -> Analysis:
    beats, bands = found.beats, make_bands(found.signals)
    p_waves = find_p_waves(bands.p, found.p_peaks, beats)
    expected = p_waves.expected if p_waves.are_constant else None
    rr = float(np.percentile(beats.rr, 10))
    average = Bands(qrs=beats.average(bands.qrs), p=beats.average(bands.p), t=beats.average(bands.t))
    marks = find_marks(average, beats.before, rr=rr, p_expected=expected)
    reports = {lead.lead: LeadReport(quality=lead) for lead in leads}
    for column, (name, each) in enumerate(zip(found.names, marks, strict=True)):
        if each is not None:
            values = measure_amplitudes(average.qrs[:, column], beats.before, each)
            reports[name] = replace(reports[name], marks=each, values=values)
    return Analysis(
        recording=prepared,
        quality=_judge_voltages(leads, found, average, reports),
        refusal=None,
        beats=beats,
        p_waves=p_waves,
        leads=reports,
        single_beats=_mark_single_beats(bands, beats, rr, expected),
        limb_scales=_fit_scales(found.names, average.qrs),
    )


def _fit_scales(names: tuple[str, ...], average: Signal) -> tuple[float, float] | None:
    if not {"I", "II", "III"} <= set(names):
        return None
    first, second, third = (average[:, names.index(name)] for name in ("I", "II", "III"))
    return fit_limb_scales(first, second, third)


def _mark_single_beats(
    bands: Bands, beats: Beats, rr: float, expected: float | None
) -> tuple[tuple[BeatMarks | None, ...], ...]:
    qrs, p, t = (beats.slices(band)[:MAX_SINGLE_BEATS] for band in (bands.qrs, bands.p, bands.t))
    return tuple(
        tuple(find_marks(Bands(qrs=a, p=b, t=c), beats.before, rr=rr, p_expected=expected))
        for a, b, c in zip(qrs, p, t, strict=True)
    )


def _judge_voltages(
    leads: tuple[LeadQuality, ...], found: _Found, average: Bands, reports: dict[str, LeadReport]
) -> Quality:
    values = {name: reports[name].values for name in found.names}
    heights = {name: each["qrs_height"] or 0.0 for name, each in values.items() if each}
    net = {name: each["qrs_area"] or 0.0 for name, each in values.items() if each}
    p_heights = {name: each["p_height"] for name, each in values.items() if each}
    beats = {name: average.qrs[:, column] for column, name in enumerate(found.names)}
    gain = [judging.judge_gain(heights), judging.judge_limb_leads(beats)]
    polarity = judging.judge_polarity(net, {name: p for name, p in p_heights.items() if p is not None})
    return Quality(
        leads=leads,
        problems=tuple(sentence for sentence in (*gain, polarity) if sentence is not None),
        is_gain_doubtful=any(gain),
        is_polarity_doubtful=polarity is not None,
    )
