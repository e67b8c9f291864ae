"""One evaluation: every patient in every arm once, each row written before the next prediction begins."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from agents.icu.folder import EvaluationFolder
from agents.icu.records import CaseRecord, Manifest, PatientRow, TokenRecord
from llm.errors import ContextLengthError, ModelCancelled, ModelClosed, ModelProcessDied

ATTEMPTS = 3
"""Times a patient is asked about when the model's process dies or another model takes its place meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPatient:
    """A test patient that was drawn."""

    id: str
    died: bool
    groups: Mapping[str, str]
    """By the names of :data:`~agents.icu.records.ATTRIBUTES`, where known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What an arm says of a patient."""

    probability: float
    """Of death."""
    swapped: Mapping[str, float]
    """With one attribute exchanged in the prompt, by attribute."""
    cases: tuple[CaseRecord, ...] = ()
    evidence: tuple[str, ...] = ()
    prompt: str = ""
    tokens: TokenRecord = field(default_factory=TokenRecord)


class Predictor(Protocol):
    """One arm."""

    def predict(self, patient: str, *, cancel: threading.Event) -> Prediction:
        """Predict the death of one of the sampled patients.

        Raises:
            ContextLengthError: the prompt does not fit the model.
            ModelCancelled: ``cancel`` was set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationBegun:
    """The first event: the manifest is on the disk."""

    manifest: Manifest
    done: int
    """Predictions that were made before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAsked:
    """A patient was asked about in one arm, and the row is on the disk."""

    row: PatientRow
    done: int
    total: int
    """Predictions: patients times arms."""
    seconds_left: float
    """Estimate from what was asked since the evaluation was begun or taken up again."""


EvaluationEvent = EvaluationBegun | PatientAsked


class EvaluationRunner:
    """Asks about one patient after the other in every arm, so that a run stopped early compares them."""

    def __init__(
        self,
        *,
        folder: EvaluationFolder,
        manifest: Manifest,
        patients: Sequence[SampledPatient],
        predictors: Mapping[str, Predictor],
    ) -> None:
        """Nothing is begun.

        Args:
            folder: of the evaluation.
            manifest: what holds for a new evaluation, and what must hold for one that goes on.
            patients: in the order of the manifest's sample.
            predictors: by arm, in the order in which they are asked.
        """
        self._folder = folder
        self._manifest = manifest
        self._patients = patients
        self._predictors = predictors

    def run(self, *, resume: bool, cancel: threading.Event) -> Iterator[EvaluationEvent]:
        """Ask; after ``cancel`` it ends between two predictions, and the rest stays for another time.

        Raises:
            RunError: see :meth:`~agents.run_files.RunFiles.opened`.
            ModelError: the evaluation cannot go on; what is done stays.
        """
        with self._folder.opened(self._manifest, resume=resume) as manifest:
            done = {(row.arm, row.patient) for row in self._folder.rows()}
            yield EvaluationBegun(manifest=manifest, done=len(done))
            waiting = [
                (arm, patient)
                for patient in self._patients
                for arm in self._predictors
                if (arm, patient.id) not in done
            ]
            started = perf_counter()
            for number, (arm, patient) in enumerate(waiting, 1):
                if cancel.is_set():
                    return
                try:
                    row = self._ask(arm, patient, cancel)
                except ModelCancelled:
                    return
                self._folder.append(row)
                yield PatientAsked(
                    row=row,
                    done=len(done) + number,
                    total=len(done) + len(waiting),
                    seconds_left=(perf_counter() - started) / number * (len(waiting) - number),
                )

    def _ask(self, arm: str, patient: SampledPatient, cancel: threading.Event) -> PatientRow:
        started = perf_counter()
        found: Prediction | None = None
        error: str | None = None
        try:
            found = self._predict(arm, patient, cancel)
        except ContextLengthError as problem:
            error = str(problem)
        return PatientRow(
            arm=arm,
            patient=patient.id,
            died=patient.died,
            groups=dict(patient.groups),
            probability=found.probability if found else None,
            swapped=dict(found.swapped) if found else {},
            cases=found.cases if found else (),
            evidence=found.evidence if found else (),
            prompt=found.prompt if found else "",
            error=error,
            tokens=found.tokens if found else TokenRecord(),
            seconds=perf_counter() - started,
        )

    def _predict(self, arm: str, patient: SampledPatient, cancel: threading.Event) -> Prediction:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._predictors[arm].predict(patient.id, cancel=cancel)
            except (ModelClosed, ModelProcessDied):
                if attempt == ATTEMPTS or cancel.is_set():
                    raise
        raise AssertionError("unreachable")
