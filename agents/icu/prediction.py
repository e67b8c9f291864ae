"""What is said of one patient: a probability with the cases and the evidence that it stands on."""

from dataclasses import dataclass
from typing import Any

from rag.clinical.cases.bank import PatientBank
from rag.clinical.cases.evidence import EvidenceLine, evidence_lines
from rag.clinical.cases.similarity import SimilarCase
from rag.clinical.cases.types import NOTICE, Patient

NO_CASE = "no comparable case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A model's estimate that a patient dies in hospital."""

    patient: Patient
    probability: float
    """With the debiasing rules and the similar cases."""
    plain: float
    """With the plain prompt, as the bank's patients were asked."""
    rank: float
    """Share of the bank's patients whom the plain prompt gave less than this one, 0 to 1."""
    cases: tuple[SimilarCase, ...]
    """Nearest first; none where nobody is comparable."""
    evidence: tuple[EvidenceLine, ...]
    notes: tuple[str, ...] = ()
    bank: PatientBank
    model: str


def to_json(prediction: Prediction) -> dict[str, Any]:
    """Return what the command line prints: a contract."""
    bank = prediction.bank
    return {
        "probability": round(prediction.probability, 6),
        "plain_probability": round(prediction.plain, 6),
        "rank": round(prediction.rank, 4),
        "cases": [_case(similar, bank) for similar in prediction.cases],
        "comparable": bool(prediction.cases),
        "evidence": [_line(line) for line in prediction.evidence],
        "patient": {
            "id": prediction.patient.id,
            "sex": prediction.patient.sex,
            "age": prediction.patient.age,
            "race": prediction.patient.race,
        },
        "notes": [
            *prediction.notes,
            *([] if prediction.cases else [f"{NO_CASE} in the bank".capitalize() + "."]),
        ],
        "bank": {
            "table": bank.head.table,
            "patients": len(bank.cases),
            "deaths": round(bank.prevalence * len(bank.cases)),
            "errors": len(bank.errors),
            "cut": bank.cut if bank.prevalence else None,
            "whole": bank.is_whole,
        },
        "model": prediction.model,
        "notice": NOTICE,
    }


def _case(similar: SimilarCase, bank: PatientBank) -> dict[str, Any]:
    patient = similar.case.patient
    return {
        "id": patient.id,
        "distance": round(similar.distance, 4),
        "died": patient.died,
        "error": similar.error.value,
        "probability": round(similar.case.probability, 6),
        "sex": patient.sex,
        "age": patient.age,
        "race": patient.race,
        "values": [line.text for line in evidence_lines(patient, bank.features)],
    }


def _line(line: EvidenceLine) -> dict[str, Any]:
    reference = line.feature.reference
    return {
        "feature": line.feature.name,
        "value": line.value,
        "unit": line.feature.unit,
        "low": reference.low if reference else None,
        "high": reference.high if reference else None,
        "outside": line.is_outside if reference else None,
        "source": line.feature.source,
        "text": line.text,
    }
