"""Training and test side of a table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clinical.cases.splitting import sample_patients, split_patients
from rag.clinical.cases.types import PersonId
from rag.errors import PatientTableError
from tests.support.patients import make_patients


@given(seed=st.integers(0, 1000), persons=st.integers(60, 120), share=st.floats(0.2, 0.8))
def test_no_person_is_on_both_sides(seed: int, persons: int, share: float) -> None:
    patients = [
        replace(patient, person=PersonId(f"person-{number % persons}"))
        for number, patient in enumerate(make_patients(120))
    ]
    split = split_patients(patients, seed=seed, test_share=share)
    assert not {p.person for p in split.train} & {p.person for p in split.test}
    assert len(split.train) + len(split.test) == len(patients)
    assert all(
        any(p.died for p in side) and not all(p.died for p in side) for side in (split.train, split.test)
    )


def test_the_order_of_the_table_does_not_matter() -> None:
    patients = make_patients(50)
    there, back = split_patients(patients), split_patients(patients[::-1])
    assert {p.id for p in there.test} == {p.id for p in back.test}
    assert {p.id for p in split_patients(patients, seed=1).test} != {p.id for p in there.test}


def test_patients_without_an_outcome_are_on_no_side() -> None:
    patients = [*make_patients(30), *(replace(p, died=None) for p in make_patients(5, seed=9))]
    split = split_patients(patients)
    assert len(split.train) + len(split.test) == 30


def test_too_few_deaths_are_said() -> None:
    with pytest.raises(PatientTableError, match="deaths and survivors"):
        split_patients([replace(p, died=False) for p in make_patients(10)])


def test_a_sample_keeps_the_share_of_deaths() -> None:
    patients = make_patients(200)
    sample = sample_patients(patients, 50, seed=3)
    share = sum(bool(p.died) for p in patients) / 200
    assert len(sample) == 50
    assert sum(bool(p.died) for p in sample) == pytest.approx(50 * share, abs=1)
    assert sample == sample_patients(patients, 50, seed=3)
    assert sample_patients(patients, 500) == patients
