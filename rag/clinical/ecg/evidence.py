"""Writes what was found as lines that may be quoted, in the order of the five phases and the synthesis."""

from collections.abc import Iterator, Mapping, Sequence

from rag.clinical.ecg.types import (
    NOTICE,
    Criterion,
    EvidenceLine,
    LeadReport,
    Measurement,
    Phase,
    Quality,
    Recording,
    Rhythm,
)
from rag.clinical.ecg.wording import describe, describe_millivolts

OWN_SOURCE = "measured by Bedside"
_PLACES = {
    Phase.RHYTHM: ("heart_rate", "rr", "rr_variation"),
    Phase.CONDUCTION: ("p", "pr", "qrs", "axis"),
    Phase.VOLTAGE: ("sokolow_lyon", "r_i", "r_avl", "cornell", "limb_voltage", "chest_voltage"),
    Phase.REPOLARISATION: (
        "qt", "qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges", "limb_t", "chest_t",
    ),
}  # fmt: skip
_Draft = tuple[str, str | None, str, Phase]


def write_evidence(
    recording: Recording,
    quality: Quality,
    rhythm: Rhythm,
    measurements: Mapping[str, Measurement],
    leads: Mapping[str, LeadReport],
    criteria: Sequence[Criterion],
) -> tuple[EvidenceLine, ...]:
    """Return all lines; a measurement that a rule was held against appears in that rule's line."""
    drafts = [*_write_technical(recording, quality, rhythm)]
    for phase in Phase:
        drafts += _write_phase(phase, measurements, criteria, quality)
        if phase is Phase.ISCHAEMIA and quality.is_measurable:
            drafts += _write_levels(quality, leads)
    drafts.append(_write_synthesis(criteria, quality))
    return tuple(
        EvidenceLine(id=f"E{number}", text=text, measurement=measurement, source=source, phase=phase)
        for number, (text, measurement, source, phase) in enumerate(drafts, 1)
    )


def _write_technical(recording: Recording, quality: Quality, rhythm: Rhythm) -> Iterator[_Draft]:
    names = ", ".join(lead.name for lead in recording.leads)
    text = f"Recording of {recording.seconds:.1f} s, leads {names}. {NOTICE}"
    yield text, None, OWN_SOURCE, Phase.RHYTHM
    for note in recording.notes:
        yield note, None, OWN_SOURCE, Phase.RHYTHM
    for problem in quality.problems:
        yield f"Quality: {problem}", None, OWN_SOURCE, Phase.RHYTHM
    for lead in quality.leads:
        if not lead.is_usable and lead.reasons:
            yield f"Lead {lead.lead} not measured: {'; '.join(lead.reasons)}", None, OWN_SOURCE, Phase.RHYTHM
    if rhythm is not Rhythm.UNKNOWN:
        yield f"Rhythm pattern: {_RHYTHMS[rhythm]}", None, OWN_SOURCE, Phase.RHYTHM


_RHYTHMS = {
    Rhythm.SINUS: "P waves of one shape at one distance before the QRS complexes, as in sinus rhythm",
    Rhythm.FIBRILLATION: "irregular RR intervals and no repeating P waves, as in atrial fibrillation",
    Rhythm.OTHER: "neither that of sinus rhythm nor that of atrial fibrillation",
}


def _write_phase(
    phase: Phase, measurements: Mapping[str, Measurement], criteria: Sequence[Criterion], quality: Quality
) -> Iterator[_Draft]:
    judged = [each for each in criteria if each.phase is phase and _is_worth_a_line(each, quality)]
    places = _PLACES.get(phase, ())
    yield from _write_missing([measurements[name] for name in places], phase)
    for name in places:
        if measurements[name].value is None:
            continue
        of_name = [each for each in judged if each.measurement == name]
        shown = [each for each in of_name if each.is_met is not False or each.comparison is None]
        if of_name and not shown:
            yield _join_unmet(measurements[name], of_name)
        elif not any(each.is_met is not None for each in shown):
            yield describe(measurements[name]), name, OWN_SOURCE, phase
        for each in shown:
            yield each.line, name, each.source, phase
    for each in judged:
        is_written = each.measurement in measurements and measurements[each.measurement].value is not None
        if not is_written:
            yield each.line, each.measurement, each.source, phase


def _write_missing(measurements: Sequence[Measurement], phase: Phase) -> Iterator[_Draft]:
    """Write what could not be measured, one line for each reason."""
    by_reason: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        if measurement.value is None:
            by_reason.setdefault(measurement.reason or "", []).append(measurement)
    for reason, group in by_reason.items():
        labels = ", ".join(measurement.label for measurement in group)
        yield f"{labels} not measurable: {reason}", group[0].name, OWN_SOURCE, phase


def _join_unmet(measurement: Measurement, criteria: Sequence[Criterion]) -> _Draft:
    """Write one line for all criteria of a measurement, none of which is met."""
    comparisons = ", ".join(dict.fromkeys(f"not {each.comparison}" for each in criteria))
    statements = " or ".join(dict.fromkeys(each.statement for each in criteria))
    marks = "; ".join(dict.fromkeys(each.mark for each in criteria))
    text = f"{describe(measurement)} {comparisons}: no criterion of {statements} [{marks}]"
    sources = "; ".join(dict.fromkeys(each.source for each in criteria))
    return text, measurement.name, sources, criteria[0].phase


def _is_worth_a_line(criterion: Criterion, quality: Quality) -> bool:
    """Leave out what only repeats that something is not measurable."""
    return criterion.is_met is not None or (quality.is_measurable and "the patient's" in criterion.text)


def _write_levels(quality: Quality, leads: Mapping[str, LeadReport]) -> Iterator[_Draft]:
    levels = {name: lead.values.get("st_j") for name, lead in leads.items()}
    known = [f"{name} {describe_millivolts(level)}" for name, level in levels.items() if level is not None]
    if quality.is_gain_doubtful or quality.is_polarity_doubtful:
        text = f"ST levels not measurable: {'; '.join(quality.problems)}"
    elif known:
        text = f"ST at J from the PQ level, in mV: {', '.join(known)}"
    else:
        return
    yield text, "st_j", OWN_SOURCE, Phase.ISCHAEMIA


def _write_synthesis(criteria: Sequence[Criterion], quality: Quality) -> _Draft:
    met = list(dict.fromkeys(each.statement for each in criteria if each.is_met))
    if not quality.is_measurable:
        text = f"Synthesis: nothing can be said, {quality.problems[0]}."
    elif met:
        text = f"Synthesis: criteria are met of {'; of '.join(met)}. A criterion is no diagnosis. {NOTICE}"
    else:
        text = f"Synthesis: no criterion of these rules is met, which excludes nothing. {NOTICE}"
    return text, None, OWN_SOURCE, Phase.SYNTHESIS
