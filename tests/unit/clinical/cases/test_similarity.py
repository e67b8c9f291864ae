"""Who is similar to whom."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clinical.cases.bank import BankCase, ErrorKind, PatientBank
from rag.clinical.cases.similarity import SimilarPatients
from rag.clinical.cases.types import FeatureName, PatientId, PersonId
from rag.clinical.ecg.types import Sex
from tests.support.patients import make_bank, make_patient, make_patients

BANK = make_bank(make_patients(80))
SIMILAR = SimilarPatients(BANK)


@given(
    severity=st.floats(0, 1),
    sex=st.sampled_from([None, *Sex]),
    race=st.sampled_from([None, "white", "black", "asian"]),
    age=st.none() | st.floats(18, 100),
)
def test_who_somebody_is_never_changes_the_neighbours(
    severity: float, sex: Sex | None, race: str | None, age: float | None
) -> None:
    patient = make_patient(999, severity=severity)
    assert SIMILAR.find(replace(patient, sex=sex, race=race, age=age)) == SIMILAR.find(patient)


@given(weight=st.floats(30, 200))
def test_body_size_and_conditions_are_not_compared(weight: float) -> None:
    patient = make_patient(999, severity=0.5)
    heavier = replace(
        patient, values={**patient.values, FeatureName("weight"): weight, FeatureName("diabetes"): 1.0}
    )
    assert SIMILAR.find(heavier) == SIMILAR.find(patient)


@pytest.mark.parametrize("number", range(0, 80, 7))
def test_nobody_is_shown_to_themselves_in_any_stay(number: int) -> None:
    known = BANK.cases[number].patient
    other_stay = replace(known, id=PatientId("another stay"))
    for found in (SIMILAR.find(other_stay), SIMILAR.draw(other_stay, seed=number)):
        assert all(similar.case.patient.person != known.person for similar in found)


@given(severity=st.floats(0, 1))
def test_two_of_each_kind_nearest_first(severity: float) -> None:
    found = SIMILAR.find(make_patient(999, severity=severity))
    kinds = [similar.error for similar in found]
    assert max(map(kinds.count, ErrorKind)) <= 2
    assert [similar.distance for similar in found] == sorted(similar.distance for similar in found)
    assert all(BANK.error(similar.case) is similar.error for similar in found)
    assert all(similar.distance <= SIMILAR.reach[similar.error] for similar in found)


def test_the_nearest_error_of_each_kind_is_found() -> None:
    patient = make_patient(999, severity=0.6)
    distances = SIMILAR.distances(patient)
    found = {similar.case.patient.id for similar in SIMILAR.find(patient)}
    for kind in ErrorKind:
        numbers = [n for n, case in enumerate(BANK.cases) if BANK.error(case) is kind]
        assert BANK.cases[min(numbers, key=lambda n: distances[n])].patient.id in found


def test_somebody_unlike_all_has_no_comparable_case() -> None:
    names = BANK.features
    far = replace(make_patient(999, severity=0), values={feature.name: 1e6 for feature in names})
    assert SIMILAR.find(far) == ()


def test_groups_are_mixed_among_cases_that_are_equally_near() -> None:
    men = [make_patient(n, severity=0.5, died=True, sex=Sex.MALE, age=50.0, race="white") for n in range(4)]
    woman = make_patient(4, severity=0.5, died=True, sex=Sex.FEMALE, age=50.0, race="white")
    others = [make_patient(n, severity=0.5, died=False) for n in range(5, 10)]
    cases = [BankCase(patient=p, probability=0.1) for p in (*men, woman)]
    cases += [BankCase(patient=p, probability=0.9) for p in others]
    bank = PatientBank(head=BANK.head, cases=tuple(cases))
    found = SimilarPatients(bank).find(make_patient(999, severity=0.5))
    missed = [similar.case.patient for similar in found if similar.error is ErrorKind.MISSED_DEATH]
    assert {patient.sex for patient in missed} == set(Sex)


def test_a_missing_value_is_a_difference() -> None:
    patient = make_patient(999, severity=0.5)
    without = replace(
        patient, values={k: v for k, v in patient.values.items() if k != FeatureName("lactate")}
    )
    assert SIMILAR.distances(without) != pytest.approx(SIMILAR.distances(patient))


def test_the_vote_counts_the_nearest_of_all_but_the_patient() -> None:
    sick, well = make_patient(999, severity=1.0), make_patient(998, severity=0.0)
    assert SIMILAR.vote(sick, neighbours=5) == 1.0
    assert SIMILAR.vote(well, neighbours=5) == 0.0
    first = BANK.cases[0].patient
    alone = SimilarPatients(PatientBank(head=BANK.head, cases=BANK.cases[:1]))
    assert alone.vote(replace(first, person=PersonId("other")), neighbours=1) == float(bool(first.died))
    assert alone.vote(first, neighbours=1) == 0.0
