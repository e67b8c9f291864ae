"""Sentence borders of medical prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking.sentences import split_sentences

ONE = [
    "Levels rose after e.g. spironolactone, i.e. a blocker.",
    "Rates differed, cf. Fig. 2 and Figs. 3A, vs. placebo.",
    "Smith J., Brown K. et al. found no effect in No. 5 of St. John's wort.",
    "Dr. A. B. Jones gave 0.9% saline at 5.8 mmol/L to approx. 10 patients.",
    "The U.S. Food and Drug Administration approved it.",
    "E. coli and S. aureus grew (p < 0.05).",
    "1. Measure potassium",
    "Table 1. Doses of calcium",
    "Treatment ........ 12",
    "Treatment . . . . . 12",
    "(a) Give calcium",
]
SEVERAL = [
    ["Potassium was 5.8 mmol/L.", "Na+ was low."],
    ["It fell to 7.2.", "pH rose.", "mTOR inhibitors were stopped."],
    ["It was given i.v.", "The dose was 5 mg."],
    ["Vitamin D.", "The level was low."],
    ["He has hepatitis C.", "Treatment was begun."],
    ["Is it CKD?", "Yes!", "It is stage G3a."],
    ["This was shown.12", "The next study failed."],
    ["This was shown [3,4].", "Another failed.[5]", "A third is awaited."],
    ['He said "stop."', "(Then he left.)", "No."],
    ["1. Measure potassium.", "2. Give calcium."],
    ["患者血钾升高。", "应立即治疗！", "是吗？"],
    ["Drug\tDose", "Calcium\t10 mL"],
]


@pytest.mark.parametrize("text", ONE)
def test_points_that_end_nothing(text: str) -> None:
    assert split_sentences(text) == [(0, len(text))]


@pytest.mark.parametrize("sentences", SEVERAL)
def test_points_that_end_a_sentence(sentences: list[str]) -> None:
    separator = "\n" if "\t" in sentences[0] else "" if sentences[0].endswith("。") else " "
    text = separator.join(sentences)
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@given(st.text(st.sampled_from("aB1.。?!)( \n\t\"'-[]"), max_size=80) | st.text())
def test_sentences_hold_everything_but_white_space_once(text: str) -> None:
    position = 0
    for start, end in split_sentences(text):
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert start < end
        position = end
    assert not text[position:].strip()


def test_a_long_line_is_split_in_linear_time() -> None:
    text = "Potassium was 5.8 mmol/L. The patient was given calcium. " * 5000
    assert len(split_sentences(text)) == 10_000
