"""The arms that ask the model: which prompt, with which cases, and with what exchanged."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.exams.scoring import show_prompt, softmax
from agents.icu.prompting import Messages, PatientPrompts, show_case
from agents.icu.records import CaseRecord, IcuArm, TokenRecord
from agents.icu.risk import YES_NO
from agents.icu.runner import Prediction
from agents.icu.swapping import Swaps
from llm.chat_model import ChatModel
from llm.errors import ModelCancelled
from llm.types import Finished, FinishReason, Scored, TokenCounts
from rag.clinical.cases.evidence import evidence_lines
from rag.clinical.cases.similarity import SimilarCase, SimilarPatients
from rag.clinical.cases.types import Feature, Patient

SWAPPING = (IcuArm.PLAIN, IcuArm.CAP)
"""Arms whose prompts are asked again with an attribute exchanged: those that are compared."""
MakeModel = Callable[[], ChatModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the arms that ask the model share."""

    make_model: MakeModel
    """Gives the model; again when another one has taken its place."""
    prompts: PatientPrompts
    features: Sequence[Feature]
    similar: SimilarPatients | None
    """``None`` where no arm shows cases."""
    swaps: Swaps
    seed: int


class AskingPredictor:
    """One arm that asks the model."""

    def __init__(self, arm: IcuArm, patients: Sequence[Patient], question: Question) -> None:
        """Nothing is asked yet."""
        self._arm = arm
        self._patients: dict[str, Patient] = {patient.id: patient for patient in patients}
        self._question = question

    def predict(self, patient: str, *, cancel: threading.Event) -> Prediction:
        """Ask about a patient, and about the same one with an attribute exchanged, the cases being the same.

        Raises:
            ContextLengthError: a prompt does not fit the model.
            ModelCancelled: ``cancel`` was set.
        """
        known = self._patients[patient]
        cases = self._cases(known)
        swapped = self._question.swaps.of(known) if self._arm in SWAPPING else {}
        prompts = [self._prompt(each, cases) for each in (known, *swapped.values())]
        probabilities, tokens = self._read(prompts, cancel)
        return Prediction(
            probability=probabilities[0],
            swapped=dict(zip(swapped, probabilities[1:], strict=True)),
            cases=tuple(self._record(case) for case in cases),
            evidence=tuple(line.text for line in evidence_lines(known, self._question.features)),
            prompt=show_prompt(prompts[0]),
            tokens=TokenRecord(prompt=tokens.prompt, reused=tokens.reused),
        )

    def _cases(self, patient: Patient) -> tuple[SimilarCase, ...]:
        similar = self._question.similar
        if similar is None or self._arm not in (IcuArm.CAP, IcuArm.RANDOM):
            return ()
        if self._arm is IcuArm.RANDOM:
            return similar.draw(patient, seed=self._question.seed)
        return similar.find(patient)[::-1]  # the nearest is best told last

    def _prompt(self, patient: Patient, cases: Sequence[SimilarCase]) -> Messages:
        if self._arm is IcuArm.PLAIN:
            return self._question.prompts.plain(patient)
        return self._question.prompts.debiased(patient, cases)

    def _read(self, prompts: Sequence[Messages], cancel: threading.Event) -> tuple[list[float], TokenCounts]:
        model = self._question.make_model()
        model.load(cancel=cancel)
        probabilities: list[float] = []
        for event in model.score(prompts, answers=YES_NO, is_repeatable=True, cancel=cancel):
            if isinstance(event, Scored):
                probabilities.append(softmax(event.log_probabilities)[0])
            elif isinstance(event, Finished) and event.reason is not FinishReason.CANCELLED:
                return probabilities, event.tokens
        raise ModelCancelled("The evaluation was stopped.")

    def _record(self, similar: SimilarCase) -> CaseRecord:
        patient = similar.case.patient
        return CaseRecord(
            id=patient.id,
            error=similar.error.value,
            died=bool(patient.died),
            text=show_case(patient, self._question.features),
            distance=similar.distance,
        )
