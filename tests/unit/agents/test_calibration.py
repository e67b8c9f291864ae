"""What is known of a model: kept beside its file, believed only for the two models that it was found with."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from agents.answer import Arm
from agents.calibrating import (
    MIN_QUESTIONS,
    KnownQuestion,
    calibrate,
    read_questions,
    read_samples,
)
from agents.calibration import (
    DEFAULT,
    Calibration,
    RelevanceCurve,
    SufficiencyCurve,
    read_calibration,
    write_calibration,
)
from agents.context import AnswerContext
from agents.errors import CalibrationError
from llm.errors import ModelCancelled
from tests.graph.conftest import context, history, library  # noqa: F401 - fixtures
from tests.support.scripted_model import ScriptedModel

INSIDE = "What is severe hyperkalaemia above 6.5 mmol/L?"
EVIDENCE = "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L."
OFF, RIGHT = (0.0, -9.0, -9.0, -9.0), (-9.0, -9.0, -9.0, 0.0)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = Calibration(sha256="a" * 64, embedding_model="mini", questions=3)
    write_calibration(found, tmp_path / "model.gguf")
    assert read_calibration(tmp_path / "model.gguf", "a" * 64, "mini") == found
    assert found.is_measured


@pytest.mark.parametrize(("sha256", "embedding"), [("b" * 64, "mini"), ("a" * 64, "other")])
def test_that_of_another_model_is_not_believed(tmp_path: Path, sha256: str, embedding: str) -> None:
    write_calibration(Calibration(sha256="a" * 64, embedding_model="mini"), tmp_path / "model.gguf")
    assert read_calibration(tmp_path / "model.gguf", sha256, embedding) is DEFAULT


@pytest.mark.parametrize("text", ["", "{}}", '{"sha256": 5}', "[]"])
def test_a_damaged_file_means_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.gguf.calibration.json").write_text(text, encoding="utf-8")
    assert read_calibration(tmp_path / "model.gguf", "a" * 64, "mini") is DEFAULT


def test_the_default_leaves_nothing_to_the_model() -> None:
    assert not DEFAULT.asks_model


def test_the_curves_are_logistic() -> None:
    relevance = RelevanceCurve(intercept=1.0, score=2.0, grade=0.5)
    assert relevance.probability(0.5, 2.0) == pytest.approx(1 / (1 + math.exp(-3.0)))
    sufficiency = SufficiencyCurve(intercept=-1.0, similarity=2.0, words=3.0, grade=0.5)
    assert sufficiency.probability(0.5, 1.0, 2.0) == pytest.approx(1 / (1 + math.exp(-4.0)))
    assert SufficiencyCurve(intercept=-1e9, similarity=0.0).probability(1.0, 1.0, 3.0) < 1e-9


def run(context: AnswerContext, model: ScriptedModel, questions: list[KnownQuestion]) -> Calibration:  # noqa: F811
    told: list[float] = []
    found = calibrate(
        questions,
        context=replace(context, arm=Arm.ADDREP, model=model),
        sha256="a" * 64,
        embedding_model="mini",
        on_progress=told.append,
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    return found


def known_questions() -> list[KnownQuestion]:
    inside = [KnownQuestion(question=INSIDE, evidence=EVIDENCE)] * MIN_QUESTIONS
    outside = [KnownQuestion(question="Which vaccines do infants need?", evidence=None)] * MIN_QUESTIONS
    return [*inside, *outside]


def test_a_model_that_is_always_wrong_counts_for_nothing(context: AnswerContext) -> None:  # noqa: F811
    found = run(context, ScriptedModel(scores=[(OFF, RIGHT, OFF)]), known_questions())
    assert found.relevance.grade == 0.0
    assert found.auroc_grade == 0.0
    assert not found.asks_model
    assert found.auroc_similarity == 1.0  # the cosine alone tells the two kinds apart
    assert found.sufficiency.similarity > 0


def test_the_threshold_parts_what_is_inside_from_what_is_outside(context: AnswerContext) -> None:  # noqa: F811
    found = run(context, ScriptedModel(scores=[(OFF, OFF, OFF)]), known_questions())
    at = next(point for point in found.curve if point.threshold == found.sufficiency.threshold)
    assert (at.answered_inside, at.answered_outside) == (1.0, 0.0)


def test_too_few_questions_are_refused(context: AnswerContext) -> None:  # noqa: F811
    with pytest.raises(CalibrationError, match="at least 10"):
        run(context, ScriptedModel(), known_questions()[3:])


def test_a_library_without_the_evidence_is_refused(context: AnswerContext) -> None:  # noqa: F811
    questions = [
        replace(known, evidence="Nothing of the kind." if known.evidence else None)
        for known in known_questions()
    ]
    with pytest.raises(CalibrationError, match="evidence"):
        run(context, ScriptedModel(scores=[(OFF, OFF, OFF)]), questions)


def test_it_can_be_stopped(context: AnswerContext) -> None:  # noqa: F811
    context.cancel.set()
    with pytest.raises(ModelCancelled):
        run(context, ScriptedModel(scores=[(OFF, OFF, OFF)]), known_questions())


def test_questions_are_read_from_lines(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    rows = [{"question": "A?", "evidence": "B."}, {"question": "C?", "answerable": False, "evidence": "D."}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert read_questions(path) == [
        KnownQuestion(question="A?", evidence="B."),
        KnownQuestion(question="C?", evidence=None),
    ]
    # A separator of lines that is no end of a line of JSON Lines.
    path.write_text(
        json.dumps({"question": "A\u2028B?", "evidence": "C."}, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    assert [question.question for question in read_questions(path)] == ["A\u2028B?"]
    path.write_text("no JSON", encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"questions\.jsonl"):
        read_questions(path)


def test_the_samples_suffice() -> None:
    samples = read_samples()
    inside = sum(known.evidence is not None for known in samples)
    assert inside >= MIN_QUESTIONS
    assert len(samples) - inside >= MIN_QUESTIONS
