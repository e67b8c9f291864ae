"""A patient as a prompt: what all patients share first, so that it is read once, then the values in short."""

from collections.abc import Sequence

from llm.case_prompt import PastCase, show_cases
from llm.prompts import PromptLibrary
from llm.types import Message
from rag.clinical.cases.evidence import EvidenceLine, evidence_lines, write_range, write_value
from rag.clinical.cases.similarity import SimilarCase
from rag.clinical.cases.types import Feature, FeatureKind, Patient

PLAIN, DEBIAS, CASES, CASE = "icu_plain", "icu_debias", "icu_cases", "icu_case"
PROMPTS = (PLAIN, DEBIAS, CASES, CASE)
DIED, SURVIVED = "died", "survived"
DIGITS = 3
"""Significant digits of a value in a prompt: each is a token."""
CASE_VALUES = 10
"""Of a past case, as many values are shown, those outside their reference range first."""
_MARKS = {"above": " high", "below": " low"}
_GROUPS = {
    FeatureKind.VITAL: "Vital signs",
    FeatureKind.SCORE: "Scores",
    FeatureKind.LAB: "Laboratory",
    FeatureKind.CONDITION: "Conditions",
    FeatureKind.DEMOGRAPHIC: "Body",
}
Messages = tuple[Message, ...]


class PatientPrompts:
    """Writes prompts about patients of one table."""

    def __init__(self, prompts: PromptLibrary, features: Sequence[Feature]) -> None:
        """Take the wordings, and the features that the table has.

        The reference ranges of all features stand before the patient, also of those that this patient has
        not: so the begin is the same for all and is read once.
        """
        self._prompts = prompts
        self._features = tuple(features)
        self._reference = "\n".join(map(_show_feature, self._features))

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints of all wordings, by name."""
        return {name: self._prompts.load(name).fingerprint for name in PROMPTS}

    def plain(self, patient: Patient) -> Messages:
        """Ask about a patient without rules or cases."""
        return self._prompts.load(PLAIN).render(
            reference=self._reference, patient=show_patient(patient, self._features)
        )

    def debiased(self, patient: Patient, cases: Sequence[SimilarCase] = ()) -> Messages:
        """Ask with the debiasing rules and past cases, in their order; the nearest is best told last."""
        shown = show_cases(
            [self._past_case(similar) for similar in cases], self._prompts, block=CASES, case=CASE
        )
        return self._prompts.load(DEBIAS).render(
            reference=self._reference,
            cases=f"{shown}\n" if shown else "",
            patient=show_patient(patient, self._features),
        )

    def _past_case(self, similar: SimilarCase) -> PastCase:
        patient = similar.case.patient
        right, wrong = (DIED, SURVIVED) if patient.died else (SURVIVED, DIED)
        return PastCase(
            id=patient.id,
            group=patient.person,
            description=show_case(patient, self._features),
            wrong=wrong,
            right=right,
            reason=similar.error.value,
            error=similar.error.value,
        )


def show_patient(patient: Patient, features: Sequence[Feature]) -> str:
    """Write all that is known of a patient, a line for each kind of feature."""
    lines = [_show_person(patient)]
    found = evidence_lines(patient, features)
    for kind, title in _GROUPS.items():
        values = [_show_value(line) for line in found if line.feature.kind is kind]
        if values:
            lines.append(f"{title}: {', '.join(values)}.")
    return "\n".join(line for line in lines if line)


def show_case(patient: Patient, features: Sequence[Feature]) -> str:
    """Write a past case in one line: who it is, and its most telling values."""
    compared = [line for line in evidence_lines(patient, features) if line.feature.is_compared]
    values = ", ".join(map(_show_value, compared[:CASE_VALUES]))
    return " ".join(part for part in (_show_person(patient), f"{values}." if values else "") if part)


def _show_person(patient: Patient) -> str:
    known = [
        f"{patient.age:.0f} years" if patient.age is not None else "",
        patient.sex.value if patient.sex is not None else "",
        patient.race or "",
    ]
    text = ", ".join(part for part in known if part)
    return f"Patient: {text}." if text else ""


def _show_value(line: EvidenceLine) -> str:
    value = write_value(line.feature, line.value, digits=DIGITS)
    return f"{line.feature.short} {value}{_MARKS.get(line.side or '', '')}"


def _show_feature(feature: Feature) -> str:
    name = feature.short if feature.short == feature.label else f"{feature.short} {feature.label}"
    reference = write_range(feature.reference) if feature.reference else ""
    return ", ".join(part for part in (name, feature.unit, reference) if part)
