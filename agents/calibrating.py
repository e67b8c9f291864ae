"""Finds out on questions with known answers how far one chat model's judgement is to be trusted."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.calibration import Calibration, CurvePoint, RelevanceCurve, SufficiencyCurve
from agents.context import AnswerContext
from agents.errors import CalibrationError
from agents.events import AnswerEvent
from agents.evidence import begin_state
from agents.nodes.relevance_judgement import grade, read_for_grading
from agents.nodes.retrieval import retrieval
from agents.nodes.sentence_ranking import sentence_ranking
from agents.nodes.sufficiency import share_words
from agents.routing import is_stopped
from llm.errors import ModelCancelled
from rag.storage.segmentation import tokenize
from rag.types import SearchHit
from resources import reader

FOLDS = 5
MIN_QUESTIONS = 10
"""Of either kind; below it nothing can be told."""
MIN_GAIN = 0.01
"""In cross-validated AUROC, that the model's grade has to bring to count for anything."""
_KEEP = 0.5
"""Share of the least probability of a relevant passage below which one is useless."""
_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_STRENGTH = 1.0
"""Inverse strength of the ridge penalty (scikit-learn's C)."""

_SAMPLES = ("samples/exam/sample-questions.jsonl", "samples/exam/sample-exam.jsonl")

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownQuestion:
    """A question of which is known whether the library answers it, and by which words."""

    question: str
    evidence: str | None
    """Words of the passage that answers it; ``None``: the library does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observation:
    """What was seen of one question."""

    shares: tuple[float, ...]
    grades: tuple[float, ...]
    is_relevant: tuple[bool, ...]
    similarity: float
    words: float
    grade_of_all: float
    is_inside: bool


def read_questions(path: Path) -> list[KnownQuestion]:
    """Read lines ``{"question", "evidence"}``; one without ``evidence`` is outside the library.

    Raises:
        CalibrationError: a line is not like that.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        return [parse_question(row) for row in rows]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise CalibrationError(
            f"{path.name} cannot be read; each line is to be a JSON object with a question and its evidence."
        ) from e


def read_samples() -> list[KnownQuestion]:
    """Return the sample questions and the questions of the sample exam, about the sample library."""
    lines = [line for name in _SAMPLES for line in reader.read_text(name).split("\n") if line.strip()]
    return [parse_question(json.loads(line)) for line in lines]


def parse_question(row: dict[str, Any]) -> KnownQuestion:
    """Take over one line."""
    evidence = row.get("evidence") if row.get("answerable", True) else None
    return KnownQuestion(question=str(row["question"]), evidence=str(evidence) if evidence else None)


def calibrate(
    questions: Sequence[KnownQuestion],
    *,
    context: AnswerContext,
    sha256: str,
    embedding_model: str,
    on_progress: Callable[[float], None],
) -> Calibration:
    """Ask every question as arm ``addrep`` does up to its grades, and fit the two curves.

    Both are logistic regressions with a ridge penalty. Whether a grade counts is decided by AUROC under
    cross-validation by question, so that the model cannot be praised for what it was fitted on.

    Args:
        questions: at least :data:`MIN_QUESTIONS` inside the library and as many outside.
        context: whose library, model, prompts and settings are used.
        sha256: of the model's file.
        embedding_model: name of the one that the library is searched with.
        on_progress: told the share of the questions that are done.

    Raises:
        CalibrationError: there are too few questions, or no evidence is found in the library.
        ModelCancelled: the context's ``cancel`` was set.
        LibraryError, ModelError: in a sentence for the user.
    """
    inside = sum(question.evidence is not None for question in questions)
    if min(inside, len(questions) - inside) < MIN_QUESTIONS:
        raise CalibrationError(
            f"Calibration needs at least {MIN_QUESTIONS} questions that the library answers and as many "
            f"that it does not; there are {inside} and {len(questions) - inside}."
        )
    seen: list[_Observation] = []
    context = reading_all(context)
    for number, question in enumerate(questions):
        on_progress(number / len(questions))
        seen += _observe(question, context)
    on_progress(1.0)
    relevance, aurocs = _fit_relevance(seen)
    sufficiency, curve, auroc_similarity, auroc_sufficiency = _fit_sufficiency(seen)
    return Calibration(
        sha256=sha256,
        embedding_model=embedding_model,
        relevance=relevance,
        sufficiency=sufficiency,
        questions=len(seen),
        passages=sum(len(one.shares) for one in seen),
        auroc_score=aurocs[0],
        auroc_grade=aurocs[1],
        auroc_fused=aurocs[2],
        auroc_similarity=auroc_similarity,
        auroc_sufficiency=auroc_sufficiency,
        curve=curve,
    )


def reading_all(context: AnswerContext) -> AnswerContext:
    """Let unlikely sentences be read too: their passages' grades tell as much as the others'."""
    addrep = replace(context.settings.addrep, reading_span=math.inf)
    return replace(context, settings=replace(context.settings, addrep=addrep))


def _observe(question: KnownQuestion, context: AnswerContext) -> Iterator[_Observation]:
    """Search, let the model grade, and compare with what is known; nothing where nothing is found."""
    state = begin_state(question.question)
    for node in (retrieval, sentence_ranking):
        state |= node(state, context, _tell_nobody).update
        _raise_stopped(is_stopped=is_stopped(state))
    if not state["hits"]:
        return
    reading = read_for_grading(state, context)
    numbers = range(1, len(reading) + 1)
    grades, _, was_stopped = grade(reading, numbers, question.question, context, _tell_nobody)
    _raise_stopped(is_stopped=was_stopped)
    hits = [excerpt.hit for excerpt in reading]
    yield _Observation(
        shares=tuple(state["scores"].get(hit.chunk.id, 0.0) for hit in hits),
        grades=tuple(grades[:-1]),
        is_relevant=tuple(_holds(hit, question.evidence) for hit in hits),
        similarity=max(state["similarities"], default=0.0),
        words=share_words(question.question, state["hits"], context.library),
        grade_of_all=grades[-1],
        is_inside=question.evidence is not None,
    )


def _raise_stopped(*, is_stopped: bool) -> None:
    if is_stopped:
        raise ModelCancelled("The calibration was stopped.")


def _tell_nobody(_: AnswerEvent) -> None:
    """Nobody looks on."""


def _holds(hit: SearchHit, evidence: str | None) -> bool:
    if evidence is None:
        return False
    return " ".join(tokenize(evidence)) in " ".join(tokenize(hit.chunk.text))


def _fit_relevance(
    seen: Sequence[_Observation],
) -> tuple[RelevanceCurve, tuple[float | None, float | None, float | None]]:
    useful = [one for one in seen if any(one.is_relevant) and not all(one.is_relevant)]
    if len(useful) < FOLDS:
        raise CalibrationError(
            "The evidence of too few questions was found in the library; is it the right one?"
        )
    groups = np.concatenate([np.full(len(one.shares), number) for number, one in enumerate(useful)])
    features = np.array([pair for one in useful for pair in zip(one.shares, one.grades, strict=True)])
    labels = np.array([label for one in useful for label in one.is_relevant])
    fused = _cross_validate(features, labels, groups)
    auroc_score = _auroc_within(features[:, 0], labels, groups)
    auroc_grade = _auroc_within(features[:, 1], labels, groups)
    auroc_fused = _auroc_within(fused, labels, groups)
    if auroc_fused - auroc_score < MIN_GAIN:
        (weight,), intercept = _fit(features[:, :1], labels)
        curve = RelevanceCurve(intercept=intercept, score=weight, grade=0.0)
    else:
        (weight, of_grade), intercept = _fit(features, labels)
        curve = RelevanceCurve(intercept=intercept, score=weight, grade=of_grade)
        least = min(curve.probability(*row) for row, label in zip(features, labels, strict=True) if label)
        curve = curve.model_copy(update={"useless_below": _KEEP * least})
    return curve, (auroc_score, auroc_grade, auroc_fused)


def _fit_sufficiency(
    seen: Sequence[_Observation],
) -> tuple[SufficiencyCurve, tuple[CurvePoint, ...], float, float]:
    features = np.array([(one.similarity, one.words, one.grade_of_all) for one in seen])
    labels = np.array([one.is_inside for one in seen])
    groups = np.arange(len(seen))
    alone = _cross_validate(features[:, :2], labels, groups)
    both = _cross_validate(features, labels, groups)
    auroc_alone, auroc_both = _auroc(alone, labels), _auroc(both, labels)
    if auroc_both - auroc_alone < MIN_GAIN:
        (weight, of_words), intercept = _fit(features[:, :2], labels)
        curve = SufficiencyCurve(intercept=intercept, similarity=weight, words=of_words)
        points = _draw_curve(alone, labels)
    else:
        (weight, of_words, of_grade), intercept = _fit(features, labels)
        curve = SufficiencyCurve(intercept=intercept, similarity=weight, words=of_words, grade=of_grade)
        points = _draw_curve(both, labels)
    best = max(points, key=lambda point: (point.answered_inside - point.answered_outside, point.threshold))
    return (
        curve.model_copy(update={"threshold": best.threshold}),
        points,
        auroc_alone,
        max(auroc_alone, auroc_both),
    )


def _draw_curve(probabilities: Floats, labels: Bools) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(
            threshold=threshold,
            answered_inside=float((probabilities[labels] >= threshold).mean()),
            answered_outside=float((probabilities[~labels] >= threshold).mean()),
        )
        for threshold in _THRESHOLDS
    )


def _fit(features: Floats, labels: Bools) -> tuple[tuple[float, ...], float]:
    """Return the weights and the intercept."""
    from sklearn.linear_model import LogisticRegression

    scale = features.std(axis=0)
    scale[scale == 0] = 1.0
    fitted = LogisticRegression(C=_STRENGTH).fit(features / scale, labels)
    return tuple(float(weight) for weight in fitted.coef_[0] / scale), float(fitted.intercept_[0])


def _cross_validate(features: Floats, labels: Bools, groups: NDArray[np.int64]) -> Floats:
    """Return the probability of each row under a curve that was fitted without its group."""
    from sklearn.model_selection import StratifiedGroupKFold

    probabilities = np.zeros(len(labels))
    for train, test in StratifiedGroupKFold(FOLDS).split(features, labels, groups):
        weights, intercept = _fit(features[train], labels[train])
        probabilities[test] = 1 / (1 + np.exp(-(features[test] @ np.array(weights) + intercept)))
    return probabilities


def _auroc(scores: Floats, labels: Bools) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def _auroc_within(scores: Floats, labels: Bools, groups: NDArray[np.int64]) -> float:
    """Return the mean over the questions of the AUROC among the passages of each."""
    each: Iterable[float] = (
        _auroc(scores[groups == group], labels[groups == group]) for group in set(groups)
    )
    return float(np.mean(list(each)))
