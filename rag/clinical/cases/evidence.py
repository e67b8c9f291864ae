"""A patient's own values as evidence lines: copied from the table, with unit and reference range."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.clinical.cases.types import Feature, Patient, Range

_SIDES = {-1: "below", 0: "within", 1: "above"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One value of a patient."""

    feature: Feature
    value: float

    @property
    def side(self) -> str | None:
        """``below``, ``within`` or ``above`` the reference range; ``None`` where there is none."""
        reference = self.feature.reference
        return None if reference is None else _SIDES[reference.side(self.value)]

    @property
    def is_outside(self) -> bool:
        """Whether the value lies outside the reference range."""
        return self.side in ("below", "above")

    @property
    def written(self) -> str:
        """The value with its unit, as in ``4.2 mmol/L``."""
        return f"{write_value(self.feature, self.value)} {self.feature.unit}".rstrip()

    @property
    def text(self) -> str:
        """The whole line, as in ``lactate 4.2 mmol/L (reference up to 2): above [Singer ...]``."""
        reference = self.feature.reference
        if reference is None:
            return f"{self.feature.label} {self.written}"
        return (
            f"{self.feature.label} {self.written} (reference {write_range(reference)}): {self.side} "
            f"[{self.feature.source}]"
        )


def evidence_lines(patient: Patient, features: Sequence[Feature]) -> tuple[EvidenceLine, ...]:
    """Return a line for each value: those outside their reference range first, else in the given order."""
    lines = [
        EvidenceLine(feature=feature, value=value)
        for feature in features
        if (value := patient.value(feature.name)) is not None
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_outside))


def write_value(feature: Feature, value: float, *, digits: int = 4) -> str:
    """Write a value without a unit, a choice by its word; ``digits`` significant ones."""
    if feature.options and value.is_integer() and 0 <= value < len(feature.options):
        return feature.options[int(value)]
    if abs(value) >= 10**digits:
        return f"{value:.0f}"
    return f"{float(f'{value:.{digits}g}'):.{digits}f}".rstrip("0").rstrip(".")


def write_range(reference: Range) -> str:
    """Write a range as a person does: ``3.5-5``, ``up to 2``, ``from 70``."""
    if reference.low is None:
        return f"up to {reference.high:g}" if reference.high is not None else ""
    if reference.high is None:
        return f"from {reference.low:g}"
    return (
        f"{reference.low:g}-{reference.high:g}" if reference.low != reference.high else f"{reference.low:g}"
    )
