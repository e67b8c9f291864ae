"""The benchmarks of the agents: what they ask, what they count, and that they go on where they were ended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.answer import Method
from app.benchmarks import answer_agents, answer_chain, answer_copying, answer_judgement, answer_reading
from app.benchmarks.answer_rows import RowFile
from app.benchmarks.answer_sets import Bench
from app.benchmarks.process_tree import own_cpu_seconds
from app.benchmarks.retrieval_sets import FollowUp, read_medquad_follow_ups
from app.benchmarks.sentence_sets import SentenceQuestion
from llm.model_store import ModelStore
from rag.library import Library
from tests.graph.conftest import library  # noqa: F401 - fixture
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

CALCIUM = "Calcium gluconate protects the heart in severe hyperkalaemia."
QUESTION = SentenceQuestion(
    id="q", text="Does calcium gluconate protect the heart in severe hyperkalaemia?", is_gold=CALCIUM.__eq__
)
FOLLOW_UP = FollowUp(
    earlier=QUESTION.text, question=SentenceQuestion(id="f", text="What is it?", is_gold=CALCIUM.__eq__)
)


@pytest.fixture
def bench(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> Bench:  # noqa: F811
    """One question of a small library, and one behind it; the model's file is tiny and never loaded."""
    ModelStore(tmp_path / "models").add(write_tiny_gguf(tmp_path / "tiny.gguf"), "tiny")

    @contextmanager
    def open_library(_: Bench) -> Iterator[Library]:
        yield library

    sets = {"small": (open_library, lambda *_: [QUESTION])}
    for module in (answer_agents, answer_copying, answer_judgement, answer_reading):
        monkeypatch.setattr(module, "SETS", sets)
    monkeypatch.setattr(answer_agents, "medquad_library", open_library)
    monkeypatch.setattr(answer_agents, "draw_follow_ups", lambda *_: [FOLLOW_UP])
    rows = RowFile(tmp_path / "rows.jsonl")
    return Bench(models=tmp_path / "models", data=tmp_path, model="tiny", questions=1, rows=rows)


def test_further_questions_about_a_subject_are_asked_with_it_in_its_place(tmp_path: Path) -> None:
    def make_row(number: int, kind: str, question: str, doc: str = "d") -> dict[str, Any]:
        return {
            "id": f"m{number}",
            "doc": doc,
            "focus": "Renal Cell Cancer",
            "qtype": kind,
            "question": question,
            "answer": "It has four stages, which are told apart by size.",
        }

    rows = [
        make_row(1, "information", "What is (are) Renal Cell Cancer ?"),
        make_row(2, "stages", "What are the stages of Renal Cell Cancer ?"),
        make_row(3, "stages", "What are the stages of Renal Cell Cancer ?", doc="without a first question"),
        make_row(4, "treatment", "What is done for kidneys ?"),
    ]
    file = tmp_path / "docs" / "medquad" / "qa_with_source_doc.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (found,) = read_medquad_follow_ups(tmp_path)
    assert found.earlier == "What is Renal Cell Cancer?"
    assert found.question.text == "What are the stages of it?"
    assert found.question.is_gold("It has four stages, which are told apart by size.")


def test_times_and_recall_of_both_sides_are_counted() -> None:
    row = {
        "seconds": 2.0,
        "cpu_seconds": 3.0,
        "status": "answered",
        "steps": ["retrieval", "sentence_ranking", "select"],
        "calls": 1,
        "holds_gold": True,
        "chain_seconds": 10.0,
        "chain_cpu_seconds": 12.0,
        "chain_calls": 19,
        "chain_holds_gold": False,
    }
    figures = answer_chain._summarise([row, {**row, "status": "abstained", "chain_holds_gold": True}])
    assert (figures["n"], figures["time_ratio_to_fixed_chain"], figures["cpu_ratio_to_fixed_chain"]) == (
        2,
        0.2,
        0.25,
    )
    assert (figures["evidence_recall"], figures["evidence_recall_fixed_chain"]) == (1.0, 0.5)
    assert (figures["calls"], figures["calls_fixed_chain"], figures["abstained"]) == (1, 19, 1)
    assert figures["edges"] == {"retrieval > sentence_ranking": 2, "sentence_ranking > select": 2}
    low, high = figures["evidence_recall_difference_interval"]
    assert 0 <= low <= 0.5 <= high <= 1


def test_each_choice_of_agents_is_asked_once_and_a_further_run_goes_on(bench: Bench) -> None:
    model = ScriptedModel(texts=["1. What is potassium?"])
    figures = answer_agents.measure(bench, model)
    assert set(figures) == {"small", "follow-ups"}
    choices = set(answer_agents.list_choices())
    assert set(figures["small"]) == set(figures["follow-ups"]) == choices
    assert figures["small"]["all"]["evidence_recall"] == 1.0
    # Without refinement "What is it?" finds nothing that it is about.
    follow_ups = figures["follow-ups"]
    assert follow_ups["without refinement"]["other_decision"] == 1
    assert follow_ups["all"]["sufficient"] > follow_ups["without refinement"]["sufficient"]
    asked = len(model.prompts)
    again = Bench(
        models=bench.models,
        data=bench.data,
        model=bench.model,
        questions=1,
        rows=RowFile(bench.data / "rows.jsonl"),
    )
    assert answer_agents.measure(again, model) == figures
    assert len(model.prompts) == asked


def test_an_answer_is_compared_with_a_reading_of_which_nothing_is_known(bench: Bench) -> None:
    model = ScriptedModel(selections=[(1,)], scores=[[(0.0,)]])
    figures = answer_reading.measure(bench, model)
    assert [figures[arm]["n"] for arm in ("rag", "addrep")] == [1, 1]
    assert all(figures[arm]["time_ratio_to_reading"] > 0 for arm in ("rag", "addrep"))
    _, answer, reading, *_ = model.prompts  # the begins of sentences are asked before their numbers
    assert reading[1:] == answer[1:]
    assert not reading[0].content.startswith(answer[0].content[:6])


def test_grades_are_compared_with_the_search_and_with_both(bench: Bench) -> None:
    row = {
        "seconds": 1.0,
        "search": [1.0, 0.9, 0.5],
        "grade": [0.0, 3.0, 1.0],
        "is_gold": [False, True, False],
    }
    figures = answer_judgement._summarise([row, {**row, "is_gold": [True, True, True]}])
    assert (figures["n"], figures["passages"]) == (1, 3)
    assert (figures["auroc_search"], figures["auroc_grade"], figures["auroc_both"]) == (0.5, 1.0, 1.0)
    low, none, high = (-9.0, 0.0, -9.0, -9.0), (0.0, -9.0, -9.0, -9.0), (-9.0, -9.0, -9.0, 0.0)
    found = answer_judgement.measure(bench, ScriptedModel(scores=[[high, none, low]]))
    assert (found["small"]["n"], found["small"]["auroc_grade"]) == (1, 1.0)


def test_what_the_processor_did_is_counted() -> None:
    before = own_cpu_seconds()
    sum(number * number for number in range(2_000_000))
    assert own_cpu_seconds() > before


def test_what_is_copied_is_counted_by_method_and_set(bench: Bench) -> None:
    model = ScriptedModel(selections=[(1,)], texts=[f"{CALCIUM} Everybody ought to eat more bananas daily."])
    figures = answer_copying.measure(bench, model, [Method.CP_ORDER, Method.ATTRIBUTED])
    copied, written = figures["small"]["cp-order"], figures["small"]["attributed"]
    assert copied["n"] == written["n"] == 1
    assert copied["coverage"] == copied["verbatim"] == 1.0
    assert copied["unsupported_sentences"] == 0
    assert 0.0 < written["coverage"] < 1.0
    assert (written["sentences"], written["unsupported_sentences"]) == (2, 1)
    (row, _) = RowFile(bench.data / "rows.jsonl").select(part="copying")
    assert not any(CALCIUM in str(value) for value in row.values())
