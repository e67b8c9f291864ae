"""The arms that ask no model: fitted once on the training patients, then looked up patient by patient."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from agents.icu.baselines import predict_by_regression, predict_by_score
from agents.icu.intervals import Values
from agents.icu.records import IcuArm
from agents.icu.runner import Prediction, Predictor
from rag.clinical.cases.types import Feature, Patient, outcomes, value_matrix
from rag.clinical.ecg.types import Sex

MIN_SCORED = 0.5
"""Share of the training patients whose severity score must be known for the score to be an arm."""
_SEXES = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}


class FittedPredictor:
    """Knows the probability of every test patient."""

    def __init__(self, patients: Sequence[Patient], predict: Callable[[], Values]) -> None:
        """``predict`` gives the probabilities in the patients' order; it is called when one is asked for."""
        self._patients = patients
        self._predict = predict
        self._found: dict[str, float] | None = None

    def predict(self, patient: str, *, cancel: threading.Event) -> Prediction:  # noqa: ARG002
        """Look a patient up, which nothing needs to stop."""
        if self._found is None:
            names = [each.id for each in self._patients]
            self._found = dict(zip(names, self._predict().tolist(), strict=True))
        return Prediction(probability=self._found[patient], swapped={})


def fit_arms(
    arms: Sequence[IcuArm],
    *,
    train: Sequence[Patient],
    test: Sequence[Patient],
    features: Sequence[Feature],
    vote: Callable[[Patient], float] | None,
) -> dict[str, Predictor]:
    """Return the chosen arms that ask no model, a severity score under its own name.

    Args:
        arms: in their order; those that ask a model are passed over.
        train: to learn from.
        test: to be predicted.
        features: of the table.
        vote: gives the share of deaths among the training patients that are nearest to one; ``None`` where
            nobody votes.
    """
    died = outcomes(train).astype(float)
    found: dict[str, Predictor] = {}
    if IcuArm.VOTE in arms and vote is not None:
        found[IcuArm.VOTE] = FittedPredictor(test, lambda: np.array(list(map(vote, test)), dtype=float))
    if IcuArm.REGRESSION in arms:
        found[IcuArm.REGRESSION] = FittedPredictor(
            test,
            lambda: predict_by_regression(
                regression_matrix(train, features), died, regression_matrix(test, features)
            ),
        )
    if IcuArm.SCORES in arms:
        for name in score_names(train):
            known, asked = score_values(train, name), score_values(test, name)
            found[name] = FittedPredictor(test, partial(predict_by_score, known, died, asked))
    return found


def regression_matrix(patients: Sequence[Patient], features: Sequence[Feature]) -> Values:
    """Return all values, a column for each option of a choice, age and sex; not race.

    NaN where nothing was measured. Shape (patients, columns).
    """
    values = value_matrix(patients, features)
    columns = []
    for number, feature in enumerate(features):
        column = values[:, number]
        if len(feature.options) > 2:
            columns += [
                np.where(np.isnan(column), np.nan, column == each) for each in range(len(feature.options))
            ]
        else:
            columns.append(column)
    ages = [np.nan if patient.age is None else patient.age for patient in patients]
    sexes = [np.nan if patient.sex is None else _SEXES[patient.sex] for patient in patients]
    return np.column_stack([*columns, ages, sexes]).astype(float)


def score_names(patients: Sequence[Patient]) -> tuple[str, ...]:
    """Return the severity scores that enough patients have."""
    names = dict.fromkeys(name for patient in patients for name in patient.severity)
    return tuple(
        name
        for name in names
        if sum(name in patient.severity for patient in patients) >= MIN_SCORED * len(patients)
    )


def score_values(patients: Sequence[Patient], name: str) -> Values:
    """Return a severity score of each patient; NaN where it is not known."""
    return np.array([patient.severity.get(name, np.nan) for patient in patients], dtype=float)


def groups_of(patient: Patient) -> Mapping[str, str]:
    """Return the groups of a patient by attribute, where known."""
    known = {
        "sex": None if patient.sex is None else str(patient.sex),
        "age": patient.age_group,
        "race": patient.race,
    }
    return {name: group for name, group in known.items() if group is not None}
