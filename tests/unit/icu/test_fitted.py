"""The arms that ask no model, on patients."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.icu.fitted import fit_arms, groups_of, regression_matrix, score_names
from agents.icu.records import IcuArm
from agents.icu.swapping import Swaps
from rag.clinical.cases.types import Feature, FeatureKind, FeatureName, Patient, PatientId, PersonId, Range
from rag.clinical.ecg.types import Sex

LACTATE, UNIT = FeatureName("lactate"), FeatureName("unit_type")
FEATURES = tuple(
    Feature(name=name, label=name, unit="", kind=FeatureKind.LAB, plausible=Range(), options=options)
    for name, options in ((LACTATE, ()), (UNIT, ("medical", "surgical", "cardiac")))
)


def make_patient(number: float, **known: Any) -> Patient:
    given: dict[str, Any] = {
        "id": PatientId(f"p{number}"),
        "person": PersonId(f"p{number}"),
        "values": {LACTATE: float(number), UNIT: float(number % 3)},
        "died": number >= 20,
    }
    return Patient(**(given | known))


TRAIN = [
    make_patient(number, severity={"SOFA": float(number // 4)} | ({"SAPS-I": 1.0} if number < 5 else {}))
    for number in range(40)
]
TEST = [make_patient(number + 0.5, severity={}) for number in (1, 38)]


def vote(patient: Patient) -> float:
    return float(patient.values[LACTATE] >= 20)


def test_every_arm_tells_the_two_patients_apart() -> None:
    arms = fit_arms(list(IcuArm), train=TRAIN, test=TEST, features=FEATURES, vote=vote)
    assert list(arms) == ["knn", "logistic", "SOFA"]  # SAPS-I is known of an eighth only
    cancel = threading.Event()
    for name in ("knn", "logistic"):
        low, high = (arms[name].predict(patient.id, cancel=cancel) for patient in TEST)
        assert low.probability < 0.4 < 0.6 < high.probability
        assert low.swapped == {}
    unknown = [arms["SOFA"].predict(patient.id, cancel=cancel).probability for patient in TEST]
    assert unknown[0] == pytest.approx(unknown[1])  # both count as the median


def test_a_matrix_has_a_column_for_each_choice_age_and_sex_but_not_race() -> None:
    patient = make_patient(4, sex=Sex.FEMALE, age=70.0, race="black")
    bare = make_patient(5, values={}, sex=None, age=None)
    matrix = regression_matrix([patient, bare], FEATURES)
    assert matrix[0].tolist() == [4, 0, 1, 0, 70, 1]
    assert np.isnan(matrix[1]).all()
    other = make_patient(4, sex=Sex.FEMALE, age=70.0, race="white")
    assert (regression_matrix([other], FEATURES) == matrix[:1]).all()


def test_groups_are_those_that_are_known() -> None:
    patient = make_patient(1, sex=Sex.MALE, age=81.0, race="asian")
    assert groups_of(patient) == {"sex": "male", "age": "80 and over", "race": "asian"}
    assert groups_of(make_patient(1)) == {}
    assert score_names([]) == ()


def test_only_the_attribute_is_exchanged() -> None:
    races = [
        make_patient(number, race=race)
        for number, race in enumerate(["white"] * 3 + ["black"] * 2 + ["asian"])
    ]
    swaps = Swaps(("sex", "race"), races)
    patient = make_patient(1, sex=Sex.MALE, race="white", age=50.0)
    found = swaps.of(patient)
    assert found == {
        "sex": replace(patient, sex=Sex.FEMALE),
        "race": replace(patient, race="black"),
    }
    assert swaps.of(make_patient(1, race="asian"))["race"].race == "white"
    assert swaps.of(make_patient(1)) == {}
    assert Swaps(("race",), races[:1]).of(patient) == {}
