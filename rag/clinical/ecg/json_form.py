"""A report as the JSON object that the command line prints: a contract."""

from typing import Any

from rag.clinical.ecg.types import NOTICE, EcgReport, LeadReport, Measurement


def to_json(report: EcgReport) -> dict[str, Any]:
    """Return a mapping of JSON values; what could not be measured is ``None`` with a reason."""
    recording, quality = report.recording, report.quality
    are_volts_sound = not (quality.is_gain_doubtful or quality.is_polarity_doubtful)
    return {
        "measurements": {name: _measurement(each) for name, each in report.measurements.items()},
        "rhythm": report.rhythm.value,
        "quality": {
            "is_measurable": quality.is_measurable,
            "problems": list(quality.problems),
            "is_gain_doubtful": quality.is_gain_doubtful,
            "is_polarity_doubtful": quality.is_polarity_doubtful,
            "usable_leads": list(quality.usable),
        },
        "leads": {name: _lead(lead, with_volts=are_volts_sound) for name, lead in report.leads.items()},
        "evidence": [line.text for line in report.evidence],
        "criteria": [
            {
                "rule": each.rule,
                "rules": each.rule_set,
                "phase": each.phase.value,
                "measurement": each.measurement,
                "met": each.is_met,
                "statement": each.statement,
                "source": each.source,
                "text": each.line,
            }
            for each in report.criteria
        ],
        "recording": {
            "format": recording.format,
            "seconds": round(recording.seconds, 2),
            "sex": recording.patient.sex,
            "age": recording.patient.age,
            "notes": list(recording.notes),
        },
        "rules": list(report.rule_sets),
        "notice": NOTICE,
    }


def _measurement(measurement: Measurement) -> dict[str, Any]:
    return {
        "value": measurement.value,
        "unit": measurement.unit,
        "lead": measurement.lead,
        "beats": measurement.beats,
        "spread": measurement.spread,
        "reason": measurement.reason,
    }


def _lead(lead: LeadReport, *, with_volts: bool) -> dict[str, Any]:
    marks = lead.marks
    return {
        "usable": lead.quality.is_usable,
        "reasons": list(lead.quality.reasons),
        "pr": None if marks is None or marks.p_onset is None else round(marks.qrs_onset - marks.p_onset),
        "qrs": None if marks is None else round(marks.qrs_offset - marks.qrs_onset),
        "qt": None if marks is None or marks.t_offset is None else round(marks.t_offset - marks.qrs_onset),
        "millivolts": {
            name: None if value is None else round(value, 3)
            for name, value in lead.values.items()
            if name != "qrs_area"
        }
        if with_volts and lead.values
        else None,
    }
