"""Holds measurements against the rules of a set."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.clinical.ecg.rule_sets import LimitRule, NeighboursRule, Rule, RuleTable, read_rules
from rag.clinical.ecg.types import CHEST_LEADS, Criterion, LeadReport, Measurement, Patient, Quality, Rhythm
from rag.clinical.ecg.wording import describe, describe_limits, describe_millivolts

_FRONTAL = ("aVL", "I", "aVR", "II", "aVF", "III")
"""The limb leads around the frontal plane; aVR is turned over there, so that it counts as -aVR."""
_PROMINENT_R = 0.1


def judge(
    measurements: Mapping[str, Measurement],
    leads: Mapping[str, LeadReport],
    rhythm: Rhythm,
    patient: Patient,
    quality: Quality,
    *,
    rule_sets: Sequence[str],
) -> tuple[Criterion, ...]:
    """Return every rule of the sets that is for this patient, met or not, in the order of the phases."""
    table = read_rules()
    criteria = []
    for name in rule_sets:
        for rule in table.of_set(name):
            if rule.is_for(patient):
                is_met, text = _look(rule, measurements, leads, rhythm, patient, quality)
                criteria.append(_make(rule, name, table, is_met=is_met, text=text))
    return tuple(criteria)


def _make(rule: Rule, rule_set: str, table: RuleTable, *, is_met: bool | None, text: str) -> Criterion:
    source = table.sources[rule.source]
    return Criterion(
        rule=rule.id,
        rule_set=rule_set,
        source=source,
        phase=rule.place,
        measurement=rule.measurement,
        is_met=is_met,
        statement=rule.statement,
        comparison=describe_limits(rule) if isinstance(rule, LimitRule) else None,
        mark=f"{rule_set} {table.version}: {rule.id}, {source}",
        text=text,
    )


def _look(
    rule: Rule,
    measurements: Mapping[str, Measurement],
    leads: Mapping[str, LeadReport],
    rhythm: Rhythm,
    patient: Patient,
    quality: Quality,
) -> tuple[bool | None, str]:
    needs = rule.what_it_needs(patient)
    if needs is not None:
        return None, f"Not judged for {rule.statement}: it needs the patient's {needs}"
    if isinstance(rule, LimitRule):
        return _look_at_limit(rule, measurements[rule.measurement])
    if isinstance(rule, NeighboursRule):
        return _look_at_neighbours(rule, leads, quality)
    return _look_at_rhythm(rule, measurements[rule.measurement], rhythm)


def _look_at_limit(rule: LimitRule, measurement: Measurement) -> tuple[bool | None, str]:
    text = describe(measurement)
    if measurement.value is None:
        return None, f"Not judged for {rule.statement}: {text}"
    if rule.holds(measurement.value):
        return True, f"{text} {describe_limits(rule)}: criterion of {rule.statement}"
    return False, f"{text} not {describe_limits(rule)}: no criterion of {rule.statement}"


def _look_at_rhythm(rule: Rule, variation: Measurement, rhythm: Rhythm) -> tuple[bool | None, str]:
    text = describe(variation)
    if variation.value is None:
        return None, f"Not judged for {rule.statement}: {text}"
    if rhythm is Rhythm.FIBRILLATION:
        return True, f"{text}, no P wave of one shape at one distance: criterion of {rule.statement}"
    return False, f"{text}: no criterion of {rule.statement}"


def _look_at_neighbours(
    rule: NeighboursRule, leads: Mapping[str, LeadReport], quality: Quality
) -> tuple[bool | None, str]:
    if quality.is_gain_doubtful or quality.is_polarity_doubtful or not quality.is_measurable:
        return None, f"Not judged for {rule.statement}: {'; '.join(quality.problems)}"
    levels = {
        name: level for name in (*_FRONTAL, *CHEST_LEADS) if (level := _read(rule, leads, name)) is not None
    }
    if len(levels) < 2:
        return (
            None,
            f"Not judged for {rule.statement}: it needs two neighbouring leads of the standard twelve",
        )
    reached = {name: level for name, level in levels.items() if _reaches(rule, name, level, leads[name])}
    pairs = [pair for row in (_FRONTAL, CHEST_LEADS) for pair in pairwise(row) if reached.keys() >= set(pair)]
    what = {"st_j": "ST at J", "st_j80": "ST 80 ms after J", "t_height": "T"}[rule.measurement]
    if not pairs:
        return False, f"{what} in {len(levels)} leads: no criterion of {rule.statement}"
    names = dict.fromkeys(name for pair in pairs for name in pair)
    values = ", ".join(f"{_signed(name)} {describe_millivolts(reached[name])}" for name in names)
    limits = ", ".join(dict.fromkeys(f"{_limit(rule, name):g}" for name in names))
    sign = "≤ -" if rule.is_depression else "≥ "
    return True, f"{what} {values} mV {sign}{limits} in neighbouring leads: criterion of {rule.statement}"


def _signed(name: str) -> str:
    return "-aVR" if name == "aVR" else name


def _read(rule: NeighboursRule, leads: Mapping[str, LeadReport], name: str) -> float | None:
    value = leads[name].values.get(rule.measurement) if name in leads else None
    return None if value is None else (-value if name == "aVR" else value)


def _limit(rule: NeighboursRule, name: str) -> float:
    if name in ("V2", "V3") and rule.v2_v3 is not None:
        return rule.v2_v3
    return rule.chest if name in CHEST_LEADS else rule.limb


def _reaches(rule: NeighboursRule, name: str, level: float, lead: LeadReport) -> bool:
    if rule.needs_r and not _has_prominent_r(lead):
        return False
    return (-level if rule.is_depression else level) >= _limit(rule, name)


def _has_prominent_r(lead: LeadReport) -> bool:
    r, s = lead.values.get("r") or 0.0, abs(lead.values.get("s") or 0.0)
    return r >= _PROMINENT_R and r > s
