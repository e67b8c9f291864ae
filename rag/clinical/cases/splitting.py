"""Dividing a table into training and test patients, by person."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rag.clinical.cases.types import Patient, PersonId
from rag.errors import PatientTableError

TEST_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Two halves that share no person. Patients without a known outcome are in neither."""

    train: tuple[Patient, ...]
    test: tuple[Patient, ...]


def split_patients(patients: Sequence[Patient], *, seed: int = 0, test_share: float = TEST_SHARE) -> Split:
    """Divide by person, with about the same share of deaths on both sides.

    The same patients in another order give the same split.

    Args:
        patients: of one or several tables.
        seed: another one gives another split.
        test_share: of the persons, above 0 and below 1.

    Raises:
        PatientTableError: a side would have no death or no survivor.
    """
    persons: dict[PersonId, list[Patient]] = defaultdict(list)
    for patient in patients:
        if patient.died is not None:
            persons[patient.person].append(patient)
    tested: set[PersonId] = set()
    for has_died in (True, False):
        stratum = sorted(person for person, stays in persons.items() if _died(stays) is has_died)
        # The strata are drawn apart: who is a survivor more changes nothing among the deaths.
        random.Random(f"{seed}/{has_died}").shuffle(stratum)  # noqa: S311 - a split, not a secret
        count = math.floor(len(stratum) * test_share + 0.5)
        if not 0 < count < len(stratum):
            raise PatientTableError(
                "The table has too few patients to be divided: each side needs deaths and survivors."
            )
        tested.update(stratum[:count])
    known = [patient for patient in patients if patient.died is not None]
    return Split(
        train=tuple(patient for patient in known if patient.person not in tested),
        test=tuple(patient for patient in known if patient.person in tested),
    )


def sample_patients(patients: Sequence[Patient], count: int, *, seed: int = 0) -> tuple[Patient, ...]:
    """Draw at most ``count`` patients, with the share of deaths that all have; in the given order."""
    if count >= len(patients):
        return tuple(patients)
    chosen: set[int] = set()
    deaths = [number for number, patient in enumerate(patients) if patient.died]
    others = [number for number, patient in enumerate(patients) if not patient.died]
    wanted = math.floor(count * len(deaths) / len(patients) + 0.5)
    for numbers, many in ((deaths, wanted), (others, count - wanted)):
        numbers.sort(key=lambda number: patients[number].id)
        chosen.update(random.Random(f"{seed}/{numbers is deaths}").sample(numbers, many))  # noqa: S311
    return tuple(patient for number, patient in enumerate(patients) if number in chosen)


def _died(stays: Sequence[Patient]) -> bool:
    return any(stay.died for stay in stays)
