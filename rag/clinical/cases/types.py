"""Nouns of patient tables: features, patients, tables, and how their columns were understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from rag.clinical.ecg.types import Sex

NOTICE = "For research only: a probability of a language model is no medical device and no prognosis."
"""Stands in every output."""

FeatureName = NewType("FeatureName", str)
PatientId = NewType("PatientId", str)
PersonId = NewType("PersonId", str)

AGE_GROUPS = (
    (0.0, 45.0, "under 45"),
    (45.0, 65.0, "45-64"),
    (65.0, 80.0, "65-79"),
    (80.0, 200.0, "80 and over"),
)
"""Groups that fairness is looked at by: from, below, name."""


class FeatureKind(StrEnum):
    """What sort of thing a feature is."""

    VITAL = "vital"
    LAB = "lab"
    SCORE = "score"
    """A bedside score such as GCS; severity scores such as SOFA are no features."""
    CONDITION = "condition"
    """What was known before or is done: diabetes, ventilation."""
    DEMOGRAPHIC = "demographic"
    """Age, height, weight."""


COMPARED = (FeatureKind.VITAL, FeatureKind.LAB, FeatureKind.SCORE)
"""Kinds in which patients are compared: neither who somebody is nor what is done."""


class Summary(StrEnum):
    """Which value stands for several over time."""

    FIRST = "first"
    LAST = "last"
    MINIMUM = "min"
    MAXIMUM = "max"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From ``low`` to ``high``, both included; ``None`` where it is open."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a value lies in it."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def side(self, value: float) -> int:
        """Return -1 below it, 1 above it, 0 inside."""
        if self.low is not None and value < self.low:
            return -1
        return int(self.high is not None and value > self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something measured of a patient, as ``resources/icu/features.toml`` declares it."""

    name: FeatureName
    """Short and unique, as in ``creatinine``."""
    label: str
    """As it stands in a sentence."""
    unit: str
    """Of all its values; empty where it has none."""
    kind: FeatureKind
    plausible: Range
    """A value outside is a slip and is set missing; wider than any reference range."""
    reference: Range | None = None
    """Of healthy adults; ``None`` where there is no such thing."""
    source: str | None = None
    """Where the reference range was published."""
    summary: Summary = Summary.LAST
    options: tuple[str, ...] = ()
    """Words for 0, 1, 2, ... of a feature that is a choice."""
    short: str = ""
    """As it stands in a table."""

    @property
    def is_compared(self) -> bool:
        """Whether it counts in the distance between patients."""
        return self.kind in COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One stay in intensive care. What is not known is absent or ``None``."""

    id: PatientId
    person: PersonId
    """Several stays of a person share it: they are never on both sides of a split."""
    values: Mapping[FeatureName, float]
    """Measured ones only, in the feature's unit."""
    sex: Sex | None = None
    age: float | None = None
    """In years."""
    race: str | None = None
    """As the table words it, in lower case."""
    died: bool | None = None
    """In hospital."""
    severity: Mapping[str, float] = field(default_factory=dict)
    """Published severity scores of the table (SAPS-I, SOFA), to compare with: never shown to a model."""

    def value(self, name: FeatureName) -> float | None:
        """Return the value of a feature, ``None`` where it was not measured."""
        return self.values.get(name)

    @property
    def age_group(self) -> str | None:
        """Name of the group of :data:`AGE_GROUPS`."""
        if self.age is None:
            return None
        return next((name for low, high, name in AGE_GROUPS if low <= self.age < high), None)


class TableShape(StrEnum):
    """How a table of patients is laid out."""

    WIDE = "wide"
    """A row a patient."""
    LONG = "long"
    """A row a measurement, beside a row a patient."""
    PER_PATIENT = "per-patient"
    """A file a patient."""


class ColumnRole(StrEnum):
    """How a column was understood."""

    FEATURE = "feature"
    ID = "id"
    PERSON = "person"
    SEX = "sex"
    AGE = "age"
    RACE = "race"
    OUTCOME = "outcome"
    SEVERITY = "severity"
    TIME = "time"
    LEAK = "leak"
    """It tells the outcome or was known only after it; left out."""
    UNKNOWN = "unknown"
    """Nothing is declared for it; left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """What became of a column, or of a name in a long table."""

    column: str
    role: ColumnRole
    feature: Feature | None = None
    missing: float = 0.0
    """Share of patients without a value, 0 to 1."""
    implausible: int = 0
    """Values that were set missing."""
    reason: str = ""
    """Why it was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """Patients with what is known of them. Order is that of the source."""

    name: str
    """Of the file."""
    sha256: str
    """Of the files' bytes."""
    shape: TableShape
    features: tuple[Feature, ...]
    """That occur, in the order of their declaration."""
    patients: tuple[Patient, ...]
    columns: tuple[ColumnReport, ...] = ()
    warnings: tuple[str, ...] = ()
    """A sentence each."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that tell the outcome."""
        return tuple(report.column for report in self.columns if report.role is ColumnRole.LEAK)

    @property
    def labelled(self) -> tuple[Patient, ...]:
        """Patients whose outcome is known."""
        return tuple(patient for patient in self.patients if patient.died is not None)

    def matrix(self) -> NDArray[np.float64]:
        """Return the values, a row a patient and a column a feature; NaN where nothing was measured."""
        return value_matrix(self.patients, self.features)

    def with_patients(self, patients: Sequence[Patient]) -> "PatientTable":
        """Return the same table with some of its patients."""
        return replace(self, patients=tuple(patients))


def value_matrix(patients: Sequence[Patient], features: Sequence[Feature]) -> NDArray[np.float64]:
    """Return values as an array of shape (patients, features); NaN where nothing was measured."""
    rows = [[patient.values.get(feature.name, np.nan) for feature in features] for patient in patients]
    return np.array(rows, dtype=np.float64).reshape(len(patients), len(features))


def outcomes(patients: Sequence[Patient]) -> NDArray[np.bool_]:
    """Return who died, of patients whose outcome is known."""
    return np.array([bool(patient.died) for patient in patients], dtype=np.bool_)
