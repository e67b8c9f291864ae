"""Who is similar to whom: by what was measured, never by who somebody is.

A patient is a vector: for each vital sign, laboratory value and score its robust z-score (distance from the
training patients' median in interquartile ranges; 0 where it is missing) and a flag for being missing, since
what was not thought worth measuring tells something, too. Sex, age and race have no place in it.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.clinical.cases.bank import BankCase, ErrorKind, PatientBank
from rag.clinical.cases.types import Feature, Patient, value_matrix

EACH_KIND = 2
"""Cases shown of each kind of error."""
REACH_QUANTILE = 0.95
"""Of the bank's patients, the share that has a comparable case."""
MAXIMUM_Z = 4.0
"""A single extreme value must not decide alone who is near."""
POOL = 6
"""Nearest cases of a kind, among which groups are mixed."""

Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCase:
    """A past error that is comparable with a patient."""

    case: BankCase
    error: ErrorKind
    distance: float
    """Root mean square over the features, in interquartile ranges; lower is nearer."""


class RobustScale:
    """Medians and interquartile ranges of training patients."""

    def __init__(self, patients: Sequence[Patient], features: Sequence[Feature]) -> None:
        """Look at the patients; features that are not compared or that nobody has are left out."""
        compared = [feature for feature in features if feature.is_compared]
        values = value_matrix(patients, compared)
        kept = [number for number in range(len(compared)) if not np.isnan(values[:, number]).all()]
        self.features = tuple(compared[number] for number in kept)
        values = values[:, kept]
        self._medians = np.nanmedian(values, axis=0) if kept else np.zeros(0)
        self._spreads = _spreads(values) if kept else np.ones(0)

    def vectors(self, patients: Sequence[Patient]) -> Vectors:
        """Return a row for each patient: z-scores, then flags of what is missing."""
        values = value_matrix(patients, self.features)
        is_missing = np.isnan(values)
        scores = np.clip((values - self._medians) / self._spreads, -MAXIMUM_Z, MAXIMUM_Z)
        return np.hstack([np.where(is_missing, 0.0, scores), is_missing.astype(np.float64)])


class SimilarPatients:
    """Finds past errors of a bank that are comparable with a patient."""

    def __init__(
        self, bank: PatientBank, *, each_kind: int = EACH_KIND, quantile: float = REACH_QUANTILE
    ) -> None:
        """Nothing is compared yet.

        Args:
            bank: its patients give the scale, its errors are what is found.
            each_kind: cases found of each kind of error, at most.
            quantile: of the distances from the bank's patients to their nearest error of a kind; beyond it a
                case of this kind is not comparable.
        """
        self._bank = bank
        self._each_kind = each_kind
        self._quantile = quantile
        patients = [case.patient for case in bank.cases]
        self._scale = RobustScale(patients, bank.features)
        self._vectors = self._scale.vectors(patients)
        self._errors = [(number, bank.error(case)) for number, case in enumerate(bank.cases)]

    def find(self, patient: Patient) -> tuple[SimilarCase, ...]:
        """Return the nearest comparable errors, two of each kind where there are; nearest first.

        The patient's own sex, age and race change nothing. Among cases that are about as near, those of other
        groups than the ones chosen already come first.
        """
        distances = self.distances(patient)
        ranked = sorted(self._candidates(patient), key=lambda pair: (distances[pair[0]], pair[0]))
        comparable = [(number, kind) for number, kind in ranked if distances[number] <= self.reach[kind]]
        chosen: list[tuple[int, ErrorKind]] = []
        for kind in ErrorKind:
            pool = [pair for pair in comparable if pair[1] is kind][:POOL]
            chosen += self._mix(pool, [number for number, _ in chosen])
        return tuple(
            sorted(
                (self._similar(number, kind, float(distances[number])) for number, kind in chosen),
                key=lambda similar: similar.distance,
            )
        )

    def draw(self, patient: Patient, *, seed: int) -> tuple[SimilarCase, ...]:
        """Return errors drawn at random, as many of each kind: what similarity is compared with."""
        distances = self.distances(patient)
        randomness = random.Random(f"{seed}/{patient.id}")  # noqa: S311 - a baseline, not a secret
        drawn: list[SimilarCase] = []
        for kind in ErrorKind:
            numbers = [number for number, error in self._candidates(patient) if error is kind]
            some = randomness.sample(numbers, min(self._each_kind, len(numbers)))
            drawn += [self._similar(number, kind, float(distances[number])) for number in some]
        return tuple(drawn)

    def vote(self, patient: Patient, *, neighbours: int) -> float:
        """Return the share that died among the nearest training patients, right or wrong."""
        distances = self.distances(patient)
        others = [n for n, case in enumerate(self._bank.cases) if case.patient.person != patient.person]
        nearest = sorted(others, key=lambda number: (distances[number], number))[:neighbours]
        return sum(bool(self._bank.cases[n].patient.died) for n in nearest) / len(nearest) if nearest else 0.0

    def distances(self, patient: Patient) -> Vectors:
        """Return the distance to each of the bank's patients."""
        (vector,) = self._scale.vectors([patient])
        return self._norms(self._vectors - vector)

    @cached_property
    def reach(self) -> dict[ErrorKind, float]:
        """Distance up to which a case is comparable, for each kind of error; 0 where there is none."""
        return {kind: self._reach_of(kind) for kind in ErrorKind}

    def _reach_of(self, kind: ErrorKind) -> float:
        errors = [number for number, error in self._errors if error is kind]
        persons = [case.patient.person for case in self._bank.cases]
        nearest = []
        for number, vector in enumerate(self._vectors):
            others = [error for error in errors if persons[error] != persons[number]]
            if others:
                nearest.append(self._norms(self._vectors[others] - vector).min())
        return float(np.quantile(nearest, self._quantile)) if nearest else 0.0

    def _candidates(self, patient: Patient) -> Iterable[tuple[int, ErrorKind]]:
        for number, error in self._errors:
            if error is not None and self._bank.cases[number].patient.person != patient.person:
                yield number, error

    def _mix(
        self, pool: Sequence[tuple[int, ErrorKind]], before: Sequence[int]
    ) -> list[tuple[int, ErrorKind]]:
        """Choose from a pool, which is sorted by distance, so that groups are mixed; the nearest is in it."""
        chosen: list[tuple[int, ErrorKind]] = list(pool[:1])
        while len(chosen) < min(self._each_kind, len(pool)):
            seen = set().union(*(self._groups(number) for number in [*before, *(n for n, _ in chosen)]))
            rest = [pair for pair in pool if pair not in chosen]
            chosen.append(max(rest, key=lambda pair: len(self._groups(pair[0]) - seen)))  # first of equals
        return chosen

    def _groups(self, number: int) -> set[tuple[str, object]]:
        patient = self._bank.cases[number].patient
        known = (("sex", patient.sex), ("age", patient.age_group), ("race", patient.race))
        return {pair for pair in known if pair[1] is not None}

    def _similar(self, number: int, kind: ErrorKind, distance: float) -> SimilarCase:
        return SimilarCase(case=self._bank.cases[number], error=kind, distance=distance)

    def _norms(self, differences: Vectors) -> Vectors:
        norms: Vectors = np.sqrt((differences**2).sum(axis=1) / max(1, len(self._scale.features)))
        return norms


def _spreads(values: Vectors) -> Vectors:
    """Interquartile ranges; where half of all values are the same, the standard deviation; else 1."""
    low, high = np.nanquantile(values, (0.25, 0.75), axis=0)
    deviations = np.nanstd(values, axis=0)
    spreads: Vectors = np.where(high > low, high - low, np.where(deviations > 0, deviations, 1.0))
    return spreads
