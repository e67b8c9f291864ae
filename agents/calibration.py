"""What was found out about one chat model on questions with known answers: how far its judgement counts.

A model's grade of a passage is fused with the retriever's score, never used alone, and how much it counts is
found for each model, down to nothing. The two curves are logistic.
"""

import math
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.text_files import replace_text

SUFFIX = ".calibration.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RelevanceCurve(_Record):
    """Probability that a passage helps, from the retriever's score and the model's grade."""

    intercept: float
    score: float
    """Weight of the passage's share of the best passage's score, 0 to 1."""
    grade: float
    """Weight of the grade, 0 to 3; 0: the model need not be asked."""
    useless_below: float = 0.0
    """Probability below which a passage is kept out of the answer."""

    def probability(self, score: float, grade: float) -> float:
        """Return the probability, 0 to 1."""
        return _sigmoid(self.intercept + self.score * score + self.grade * grade)


class SufficiencyCurve(_Record):
    """Probability that the passages hold an answer."""

    intercept: float
    similarity: float
    """Weight of the best sentence's cosine with the question."""
    words: float = 0.0
    """Weight of the share of the question's words, rare ones counting more, that one passage holds."""
    grade: float = 0.0
    """Weight of the model's grade of all passages together, 0 to 3; 0: the model need not be asked."""
    threshold: float = 0.5
    """Probability from which it is answered."""

    def probability(self, similarity: float, words: float, grade: float) -> float:
        """Return the probability, 0 to 1."""
        known = self.similarity * similarity + self.words * words + self.grade * grade
        return _sigmoid(self.intercept + known)


class CurvePoint(_Record):
    """What a threshold of sufficiency would do to the questions of the calibration."""

    threshold: float
    answered_inside: float
    """Share of the questions with an answer in the library that would be answered."""
    answered_outside: float
    """Share of those without that would be."""


class Calibration(_Record):
    """Thresholds of one model, and how they were found."""

    sha256: str = ""
    """Of the model's file; empty for the defaults."""
    embedding_model: str = ""
    relevance: RelevanceCurve = RelevanceCurve(intercept=0.0, score=0.0, grade=0.0)
    sufficiency: SufficiencyCurve = SufficiencyCurve(intercept=0.0, similarity=0.0)
    """By default that of :class:`agents.context.AnswerSettings` is used."""
    questions: int = 0
    passages: int = 0
    auroc_score: float | None = None
    """Of the retriever's score within a question, mean over the questions."""
    auroc_grade: float | None = None
    auroc_fused: float | None = None
    auroc_similarity: float | None = None
    """Of cosine and words together, questions inside against outside."""
    auroc_sufficiency: float | None = None
    curve: tuple[CurvePoint, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether it was found by measurement, not by default."""
        return bool(self.sha256)

    @property
    def asks_model(self) -> bool:
        """Whether the model's grades count for anything."""
        return self.relevance.grade != 0.0 or self.sufficiency.grade != 0.0


DEFAULT = Calibration()
"""Conservative: nothing is left to the model."""


def read_calibration(model_file: Path, sha256: str, embedding_model: str) -> Calibration:
    """Return what is stored beside a model's file; the default where nothing of these two models is."""
    try:
        stored = Calibration.model_validate_json(_path(model_file).read_bytes())
    except (OSError, ValidationError):
        return DEFAULT
    is_of_these = (stored.sha256, stored.embedding_model) == (sha256, embedding_model)
    return stored if is_of_these else DEFAULT


def write_calibration(calibration: Calibration, model_file: Path) -> None:
    """Store beside the model's file, whole or not at all; raises :class:`OSError`."""
    replace_text(_path(model_file), calibration.model_dump_json(indent=1) + "\n")


def _path(model_file: Path) -> Path:
    return model_file.with_name(model_file.name + SUFFIX)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))
