"""Patients written for the tests: who is sicker has a lower pressure and a higher lactate."""

import random
from typing import Any

from rag.clinical.cases.bank import BankCase, BankHead, PatientBank
from rag.clinical.cases.features import features_by_name
from rag.clinical.cases.types import Feature, FeatureName, Patient, PatientId, PersonId
from rag.clinical.ecg.types import Sex

NAMES = ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate", "weight")


def features() -> tuple[Feature, ...]:
    known = features_by_name()
    return tuple(known[FeatureName(name)] for name in NAMES)


def make_patient(number: int, *, severity: float, died: bool | None = None, **changes: object) -> Patient:
    """A patient whose values follow ``severity``, 0 to 1."""
    values = {
        "heart_rate": 80 + 50 * severity,
        "mean_pressure": 90 - 40 * severity,
        "gcs": round(15 - 10 * severity),
        "creatinine": 0.9 + 3 * severity,
        "lactate": 1 + 8 * severity,
        "weight": 75.0,
    }
    known: dict[str, Any] = {
        "id": PatientId(f"p{number}"),
        "person": PersonId(f"p{number}"),
        "values": {FeatureName(name): float(value) for name, value in values.items()},
        "sex": Sex.FEMALE if number % 2 else Sex.MALE,
        "age": 40.0 + number % 50,
        "race": ("white", "black")[number % 3 == 0],
        "died": died,
    }
    return Patient(**(known | changes))


def make_patients(count: int, *, seed: int = 0) -> tuple[Patient, ...]:
    """Patients of whom about a third died, the sicker ones more often."""
    draw = random.Random(seed)
    patients = []
    for number in range(count):
        severity = draw.random()
        patients.append(make_patient(number, severity=severity, died=severity + draw.gauss(0, 0.2) > 0.65))
    return tuple(patients)


def make_bank(patients: tuple[Patient, ...], *, seed: int = 0) -> PatientBank:
    """A bank of a model that guesses."""
    draw = random.Random(seed)
    cases = tuple(BankCase(patient=patient, probability=draw.random()) for patient in patients)
    return PatientBank(head=make_head(len(patients)), cases=cases)


def make_head(patients: int, **changes: object) -> BankHead:
    known: dict[str, Any] = {
        "table": "table",
        "table_sha256": "t",
        "model": "tiny",
        "model_sha256": "m",
        "prompts": {"icu_plain": "f"},
        "features": NAMES,
        "patients": patients,
        "seed": 0,
        "test_share": 0.3,
    }
    return BankHead(**(known | changes))
