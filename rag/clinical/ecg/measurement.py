"""Takes the measurements from the marks; each has unit, leads, beats and spread, or the reason why not.

Intervals are medians over the leads that can be measured, of the averaged beat of each. QT is from QRS ONSET
to T END. Their spread is the interquartile range over single beats. Runs in the child process.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rag.clinical.ecg.analysis import Analysis
from rag.clinical.ecg.beats import Beats
from rag.clinical.ecg.formulas import correct_qt, find_axis
from rag.clinical.ecg.types import CHEST_LEADS, LIMB_LEADS, BeatMarks, Measurement, Rhythm, Signal

IRREGULAR = 0.10
"""Of RR: standard deviation and root mean square of successive differences, both relative to the mean, from
which on a rhythm is irregular. An engineering limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How a measurement is called."""

    label: str
    unit: str
    digits: int


KINDS = {
    "heart_rate": _Kind(label="Heart rate", unit="/min", digits=0),
    "rr": _Kind(label="RR", unit="ms", digits=0),
    "rr_variation": _Kind(label="RR variation", unit="%", digits=0),
    "p": _Kind(label="P", unit="ms", digits=0),
    "pr": _Kind(label="PR", unit="ms", digits=0),
    "qrs": _Kind(label="QRS", unit="ms", digits=0),
    "qt": _Kind(label="QT", unit="ms", digits=0),
    "qtc_bazett": _Kind(label="QTc (Bazett)", unit="ms", digits=0),
    "qtc_fridericia": _Kind(label="QTc (Fridericia)", unit="ms", digits=0),
    "qtc_framingham": _Kind(label="QTc (Framingham)", unit="ms", digits=0),
    "qtc_hodges": _Kind(label="QTc (Hodges)", unit="ms", digits=0),
    "axis": _Kind(label="QRS axis", unit="°", digits=0),
    "sokolow_lyon": _Kind(label="S in V1 + larger R of V5, V6", unit="mV", digits=2),
    "r_i": _Kind(label="R in I", unit="mV", digits=2),
    "r_avl": _Kind(label="R in aVL", unit="mV", digits=2),
    "cornell": _Kind(label="R in aVL + S in V3", unit="mV", digits=2),
    "limb_voltage": _Kind(label="Largest QRS height of the limb leads", unit="mV", digits=2),
    "chest_voltage": _Kind(label="Largest QRS height of the chest leads", unit="mV", digits=2),
    "limb_t": _Kind(label="Tallest T of the limb leads", unit="mV", digits=2),
    "chest_t": _Kind(label="Tallest T of the chest leads", unit="mV", digits=2),
}
_INTERVALS: dict[str, Callable[[BeatMarks], float | None]] = {
    "p": lambda m: None if m.p_onset is None or m.p_offset is None else m.p_offset - m.p_onset,
    "pr": lambda m: None if m.p_onset is None else m.qrs_onset - m.p_onset,
    "qrs": lambda m: m.qrs_offset - m.qrs_onset,
    "qt": lambda m: None if m.t_offset is None else m.t_offset - m.qrs_onset,
}
NO_P = "no P wave of one shape at one distance before the QRS complexes"


def take_measurements(analysis: Analysis) -> dict[str, Measurement]:
    """Return all measurements by name, in a fixed order."""
    beats = analysis.beats
    if beats is None:
        return {name: missing(name, analysis.refusal or "no QRS complexes were found") for name in KINDS}
    found = _measure_rate(analysis, beats.rr)
    found |= _measure_intervals(analysis, beats)
    found |= _measure_voltages(analysis, int(beats.is_alike.sum()))
    return {name: found[name] for name in KINDS}


def missing(name: str, reason: str) -> Measurement:
    """Return a measurement that could not be taken."""
    return Measurement(name=name, label=KINDS[name].label, unit=KINDS[name].unit, reason=reason)


def _make(
    name: str, value: float, *, lead: str | None, beats: int | None, spread: float | None = None
) -> Measurement:
    kind = KINDS[name]
    return Measurement(
        name=name,
        label=kind.label,
        unit=kind.unit,
        value=_round(value, kind.digits),
        lead=lead,
        beats=beats,
        spread=None if spread is None else _round(spread, kind.digits),
    )


def _round(value: float, digits: int) -> float:
    return round(value) if digits == 0 else round(value, digits)


def _name_leads(leads: list[str]) -> str:
    return leads[0] if len(leads) == 1 else f"{len(leads)} leads"


def _iqr(values: Signal | list[float]) -> float:
    upper, lower = np.percentile(np.asarray(values, dtype=np.float64), (75, 25))
    return float(upper - lower)


def _measure_rate(analysis: Analysis, rr: Signal) -> dict[str, Measurement]:
    leads = _name_leads([name for name, lead in analysis.leads.items() if lead.marks is not None])
    count = len(rr) + 1
    median = float(np.median(rr))
    return {
        "heart_rate": _make("heart_rate", 60_000 / median, lead=leads, beats=count, spread=_iqr(60_000 / rr)),
        "rr": _make("rr", median, lead=leads, beats=count, spread=_iqr(rr)),
        "rr_variation": _make("rr_variation", 100 * float(rr.std() / rr.mean()), lead=leads, beats=count),
    }


def _measure_intervals(analysis: Analysis, beats: Beats) -> dict[str, Measurement]:
    found = {name: _measure_interval(analysis, beats, name, rule) for name, rule in _INTERVALS.items()}
    qt, names = found["qt"], ("qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges")
    if qt.value is None:
        return found | {name: missing(name, f"QT is not measurable: {qt.reason}") for name in names}
    rr = float(np.median(beats.rr))
    corrected = correct_qt(qt.value, rr)
    ratio = {name: value / qt.value for name, value in corrected.items()}
    return found | {
        name: _make(
            name,
            corrected[name],
            lead=qt.lead,
            beats=qt.beats,
            spread=None if qt.spread is None else qt.spread * (ratio[name] if name in names[:2] else 1.0),
        )
        for name in names
    }


def _measure_interval(
    analysis: Analysis, beats: Beats, name: str, rule: Callable[[BeatMarks], float | None]
) -> Measurement:
    values = {
        lead: value
        for lead, report in analysis.leads.items()
        if report.marks is not None and (value := rule(report.marks)) is not None
    }
    if not values:
        return missing(name, NO_P if name in ("p", "pr") else "no end of a T wave was found")
    singles = [_median_of(beat, rule) for beat in analysis.single_beats]
    spread = [value for value in singles if value is not None]
    return _make(
        name,
        float(np.median(list(values.values()))),
        lead=_name_leads(list(values)),
        beats=int(beats.is_alike.sum()),
        spread=_iqr(spread) if len(spread) > 1 else None,
    )


def _median_of(beat: tuple[BeatMarks | None, ...], rule: Callable[[BeatMarks], float | None]) -> float | None:
    values = [value for marks in beat if marks is not None and (value := rule(marks)) is not None]
    return float(np.median(values)) if values else None


def _measure_voltages(analysis: Analysis, beats: int) -> dict[str, Measurement]:
    names = [name for name in KINDS if KINDS[name].unit in ("mV", "°")]
    quality = analysis.quality
    if quality.is_gain_doubtful or quality.is_polarity_doubtful:
        reason = "; ".join(quality.problems)
        found = {name: missing(name, reason) for name in names}
        if not quality.is_polarity_doubtful:
            found["axis"] = _measure_axis_by_einthoven(analysis, beats) or found["axis"]
        return found
    found = {}
    for name in names:
        value, leads = _compute_voltage(analysis, name)
        if value is None:
            found[name] = missing(name, f"it needs {leads}, which cannot be measured here")
        else:
            found[name] = _make(name, value, lead=leads, beats=beats)
    return found


def _measure_axis_by_einthoven(analysis: Analysis, beats: int) -> Measurement | None:
    """Measure the axis where the leads are on scales of their own, if II can be made of I and III."""
    if analysis.limb_scales is None:
        return None
    first, second, third = (analysis.leads[name].values.get("qrs_area") for name in ("I", "II", "III"))
    if first is None or second is None or third is None:
        return None
    net_i, net_avf = first * analysis.limb_scales[0], (second + third * analysis.limb_scales[1]) / 2
    return _make(
        "axis", find_axis(net_i, net_avf), lead="I, II, III on one scale by Einthoven's law", beats=beats
    )


def _compute_voltage(analysis: Analysis, name: str) -> tuple[float | None, str]:
    """Return a value and the leads it is from, or ``None`` and the leads it needs."""

    def read(lead: str, value: str) -> float | None:
        report = analysis.leads.get(lead)
        return None if report is None else report.values.get(value)

    def combine(
        parts: dict[str, float | None], rule: Callable[..., float], text: str
    ) -> tuple[float | None, str]:
        values = list(parts.values())
        return (None if any(value is None for value in values) else rule(*values)), text

    match name:
        case "axis":
            parts = {"I": read("I", "qrs_area"), "aVF": read("aVF", "qrs_area")}
            return combine(parts, find_axis, "I and aVF")
        case "sokolow_lyon":
            parts = {"V1": read("V1", "s"), "V5": read("V5", "r"), "V6": read("V6", "r")}
            return combine(parts, lambda s, r5, r6: max(r5, r6) - s, "V1, V5, V6")
        case "cornell":
            parts = {"aVL": read("aVL", "r"), "V3": read("V3", "s")}
            return combine(parts, lambda r, s: r - s, "aVL, V3")
        case "r_i":
            return read("I", "r"), "I"
        case "r_avl":
            return read("aVL", "r"), "aVL"
        case _:
            group, text = (
                (LIMB_LEADS, "limb leads") if name.startswith("limb") else (CHEST_LEADS, "chest leads")
            )
            values = {lead: read(lead, "t_height" if name.endswith("_t") else "qrs_height") for lead in group}
            return combine(values, max, text)


def judge_rhythm(analysis: Analysis) -> Rhythm:
    """Say what P waves and RR intervals look like."""
    if analysis.refusal is not None or analysis.beats is None or analysis.p_waves is None:
        return Rhythm.UNKNOWN
    if analysis.p_waves.are_constant:
        second = analysis.leads.get("II")
        height = None if second is None else second.values.get("p_height")
        is_down = height is not None and height < 0 and not analysis.quality.is_polarity_doubtful
        return Rhythm.OTHER if is_down else Rhythm.SINUS
    rr = analysis.beats.rr
    if len(rr) < 4:
        return Rhythm.OTHER
    variation = float(rr.std() / rr.mean())
    successive = float(np.sqrt((np.diff(rr) ** 2).mean()) / rr.mean())
    return Rhythm.FIBRILLATION if min(variation, successive) >= IRREGULAR else Rhythm.OTHER
