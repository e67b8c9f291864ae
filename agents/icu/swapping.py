"""The same patient with another sex or another race: what a fair predictor does not notice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rag.clinical.cases.types import Patient
from rag.clinical.ecg.types import Sex

_OTHER_SEX = {Sex.FEMALE: Sex.MALE, Sex.MALE: Sex.FEMALE}


class Swaps:
    """Exchanges one attribute and nothing else. Race becomes the most frequent other one of the table."""

    def __init__(self, attributes: Sequence[str], patients: Sequence[Patient]) -> None:
        """Take the races from these patients.

        Args:
            attributes: ``sex``, ``race``.
            patients: of the table.
        """
        self._attributes = attributes
        counts = Counter(patient.race for patient in patients if patient.race is not None)
        self._races = sorted(counts, key=lambda race: (-counts[race], race))

    def of(self, patient: Patient) -> dict[str, Patient]:
        """Return the patient with each attribute exchanged, where it is known and there is another."""
        found: dict[str, Patient] = {}
        if "sex" in self._attributes and patient.sex is not None:
            found["sex"] = replace(patient, sex=_OTHER_SEX[patient.sex])
        others = [race for race in self._races if race != patient.race]
        if "race" in self._attributes and patient.race is not None and others:
            found["race"] = replace(patient, race=others[0])
        return found
