"""How measurements are written in lines that may be quoted."""

from rag.clinical.ecg.rule_sets import LimitRule
from rag.clinical.ecg.types import Measurement


def describe(measurement: Measurement) -> str:
    """Write a measurement: ``PR 214 ms (lead II, 9 beats, IQR 6)``, or why there is none."""
    if measurement.value is None:
        return f"{measurement.label} not measurable: {measurement.reason}"
    unit = "°" if measurement.unit == "°" else f" {measurement.unit}"
    return f"{measurement.label} {describe_number(measurement.value)}{unit}{_describe_basis(measurement)}"


def _describe_basis(measurement: Measurement) -> str:
    parts = []
    if measurement.lead is not None:
        is_one = " " not in measurement.lead and "," not in measurement.lead
        parts.append(f"lead {measurement.lead}" if is_one else measurement.lead)
    if measurement.beats is not None:
        parts.append(f"{measurement.beats} beats")
    if measurement.spread is not None:
        parts.append(f"IQR {describe_number(measurement.spread)}")
    return f" ({', '.join(parts)})" if parts else ""


def describe_number(value: float) -> str:
    """Write a number as short as it is."""
    return f"{value:g}"


def describe_millivolts(value: float) -> str:
    """Write a level with its sign."""
    return f"{value:+.2f}"


def describe_limits(rule: LimitRule) -> str:
    """Write the limits of a rule: ``> 200``, ``≥ 100 and < 120``."""
    return " and ".join(f"{sign} {limit:g}" for sign, limit in rule.limits)
