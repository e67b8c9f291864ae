"""What may stand between two quotes."""

import math

import pytest

from agents.transitions import (
    GAIN,
    choose_transition,
    find_transitions,
    join,
    make_answers,
    without_transition,
)
from llm.copying.copying_degree import split_tokens
from resources.terminology import read_phrases

ENGLISH = "Calcium gluconate protects the heart in severe hyperkalaemia."
CHINESE = "重症高钾血症是指血清钾高于6.5 mmol/L，需要紧急处理。"


@pytest.mark.parametrize("sentence", [ENGLISH, CHINESE])
def test_transitions_are_short_and_say_nothing(sentence: str) -> None:
    transitions = find_transitions(sentence)
    assert len(transitions) >= 5
    for transition in transitions:
        words = split_tokens(transition)
        assert len(words) <= 15
        assert not any(character.isdigit() for character in transition)
        assert transition.isascii() is sentence.isascii()
    assert {*find_transitions(ENGLISH), *find_transitions(CHINESE)} == set(read_phrases("transitions"))


@pytest.mark.parametrize("sentence", [ENGLISH, CHINESE])
def test_what_was_put_before_a_sentence_can_be_taken_away(sentence: str) -> None:
    for transition in find_transitions(sentence):
        assert without_transition(join(transition, sentence)) == sentence
    assert without_transition(sentence) == sentence


def test_what_is_scored_is_the_begin_with_and_without_each_transition() -> None:
    assert make_answers(ENGLISH, ["However,"]) == [
        "Calcium gluconate protects the heart in",
        "However,",
        "However, Calcium gluconate protects the heart in",
    ]
    assert make_answers(CHINESE, ["然而，"]) == [CHINESE[:12], "然而，", f"然而，{CHINESE[:12]}"]


def test_the_one_that_gains_most_is_chosen_however_rare_it_is() -> None:
    transitions = ("However,", "Similarly,")
    gains = (GAIN, GAIN + 0.5)
    alone, before = -20.0, (-1.0, -9.0)
    joined = [alone + first + gain for first, gain in zip(before, gains, strict=True)]
    assert choose_transition(transitions, [alone, *before, *joined]) == "Similarly,"


def test_without_a_gain_there_is_none() -> None:
    assert choose_transition(("However,",), [-20.0, -1.0, -21.0 + GAIN - 0.1]) == ""
    assert choose_transition(("However,",), [-math.inf, -1.0, -math.inf]) == ""
    assert choose_transition((), [-20.0]) == ""
