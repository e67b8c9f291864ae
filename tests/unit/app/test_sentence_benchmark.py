"""The sentence benchmark reads its sets as they are meant and counts right."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.benchmarks import sentence_sets
from app.benchmarks.answer_sentences import is_held_out, open_set, rate, read_cases, score_case
from tests.support.library import HashingEmbeddingModel

ALBUMIN = "Albumin binds calcium."
CALCIUM = "Calcium protects the heart. It acts within minutes."


def write_lines(data: Path, name: str, *rows: dict[str, Any]) -> Path:
    folder = data / "exams" / "all"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return data


@pytest.fixture
def bioasq(tmp_path: Path) -> sentence_sets.SentenceSet:
    rows = [
        {"id": f"q{number}", "question": question, "context": context, "snippet_docs": articles}
        for number, (question, context, articles) in enumerate(
            [
                ("What binds calcium?", [ALBUMIN, "binds calcium."], ["1", "1"]),
                ("What protects the heart?", [CALCIUM, "the heart"], ["2", "1"]),
            ]
        )
    ]
    return sentence_sets.read_bioasq(write_lines(tmp_path, "bioasq.dev.jsonl", *rows))


def test_snippets_of_an_article_stand_together_and_parts_of_others_are_left_out(
    bioasq: sentence_sets.SentenceSet,
) -> None:
    assert bioasq.passages == (f"{ALBUMIN}\nthe heart", CALCIUM)


def test_a_sentence_of_a_snippet_or_around_one_is_gold(bioasq: sentence_sets.SentenceSet) -> None:
    first, second = bioasq.questions
    assert first.is_gold(ALBUMIN)
    assert first.is_gold("In blood, albumin binds calcium, too.")
    assert not first.is_gold("Calcium protects the heart.")
    assert second.is_gold("It acts within minutes.")
    assert not second.is_gold("act")  # a part of a word is no match
    assert not second.is_gold("...")


def test_a_conclusion_ends_its_abstract_and_is_gold(tmp_path: Path) -> None:
    row = {"id": "p", "question": "Is it?", "context": ["We asked.", "We saw."], "long_answer": "It is."}
    (question,) = (
        found := sentence_sets.read_pubmedqa(write_lines(tmp_path, "pubmedqa.dev.jsonl", row))
    ).questions
    assert found.passages == ("We asked.\nWe saw.\nIt is.",)
    assert question.is_gold("It is.")
    assert not question.is_gold("We saw.")


def test_precision_recall_and_f1() -> None:
    assert rate([0, 1], [True, False, True, True]) == (0.5, pytest.approx(1 / 3), pytest.approx(0.4))
    assert rate([], [True]) == (0.0, 0.0, 0.0)
    assert rate([0], [True]) == (1.0, 1.0, 1.0)


def test_held_out_is_about_half() -> None:
    assert 400 < sum(is_held_out(f"q{number}") for number in range(1000)) < 600


def test_candidates_are_the_sentences_that_the_search_finds(bioasq: sentence_sets.SentenceSet) -> None:
    held_out = [question for question in bioasq.questions if is_held_out(question.id)]
    with open_set(bioasq, HashingEmbeddingModel()) as library:
        cases = list(read_cases(bioasq, library, top_k=5))
    assert [case.question.id for case in cases] == [question.id for question in held_out]
    for case in cases:
        assert set(case.texts) == {
            ALBUMIN,
            "the heart",
            "Calcium protects the heart.",
            "It acts within minutes.",
        }
        assert any(case.is_gold)
        assert len(score_case(case)) == len(case.candidates)
