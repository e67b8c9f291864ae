"""Copying degree: the published formula, its known hole, and what must always hold."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.copying_degree import copied_fragments, measure_copying, split_tokens

CONTEXT = "The patient has stage 3 CKD. The potassium is 5.8 mmol/L and the patient takes a diuretic."

VOCABULARY = ["the", "patient", "has", "high", "low", "potassium", ".", ",", "5.8"]
words = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=30)


def longest_by_definition(answer: list[str], context: list[str]) -> list[int]:
    """The definition of the paper, word by word and slowly."""
    lengths, start = [], 0
    runs = {tuple(context[i:j]) for i in range(len(context)) for j in range(i + 1, len(context) + 1)}
    while start < len(answer):
        fitting = [n for n in range(1, len(answer) - start + 1) if tuple(answer[start : start + n]) in runs]
        lengths += [max(fitting)] if fitting else []
        start += max(fitting, default=1)
    return lengths


def test_known_hole_of_the_score() -> None:
    degree = measure_copying("The patient has normal potassium.", CONTEXT)
    assert degree.coverage == pytest.approx(5 / 6)
    assert degree.density == pytest.approx((9 + 1 + 1) / 6)
    assert degree.score == pytest.approx(0.79, abs=0.005)


def test_a_repeated_fragment_counts_each_time() -> None:
    assert measure_copying("stage 3 CKD. stage 3 CKD.", CONTEXT).coverage == 1.0


def test_a_number_is_copied_whole_or_not_at_all() -> None:
    assert split_tokens("K+ 5.8 mmol/L, 1,000 mL") == ["k", "+", "5.8", "mmol", "/", "l", ",", "1,000", "ml"]
    assert measure_copying("5.2", CONTEXT).coverage == 0.0


def test_chinese_is_split_by_character() -> None:
    assert split_tokens("血钾5.8mmol/L。") == ["血", "钾", "5.8", "mmol", "/", "l", "。"]
    assert measure_copying("血钾高", "患者血钾为高").coverage == 1.0


@pytest.mark.parametrize("answer", ["", "  \n"])
def test_an_empty_answer_copies_nothing(answer: str) -> None:
    assert measure_copying(answer, CONTEXT).score == 0.0


@given(words, words)
def test_fragments_are_the_greedy_longest_matches(answer: list[str], context: list[str]) -> None:
    assert copied_fragments(answer, context) == longest_by_definition(answer, context)


@given(words, st.data())
def test_a_verbatim_piece_is_covered_whole(context: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    piece = context[start : data.draw(st.integers(start + 1, len(context)))]
    degree = measure_copying(" ".join(piece), " ".join(context))
    assert degree.coverage == 1.0
    assert degree.density == len(piece)


@given(st.text(max_size=60), st.text(max_size=200))
def test_values_stay_in_their_ranges(answer: str, context: str) -> None:
    degree = measure_copying(answer, context)
    assert 0.0 <= degree.coverage <= 1.0
    assert degree.coverage <= degree.density or degree.density == 0.0
    assert 0.0 <= degree.score <= 1.0


def test_longer_copied_runs_score_higher() -> None:
    context = " ".join(f"w{i}" for i in range(12))
    answers = ["w0 w2 w4 w6 w8 w10", "w0 w1 w4 w5 w8 w9", "w0 w1 w2 w6 w7 w8", "w0 w1 w2 w3 w4 w5"]
    scores = [measure_copying(answer, context).score for answer in answers]
    assert all(low < high for low, high in pairwise(scores))
