"""What may stand between two quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transitions import MAX_WORDS, check_transition
from llm.copying.copying_degree import split_tokens

SENTENCES = "Calcium gluconate protects the heart. Insulin with glucose lowers serum potassium."


@pytest.mark.parametrize("text", ["In addition,", "If insulin is given,", "然而，", '"However,"'])
def test_connectives_and_words_of_the_sentences_may(text: str) -> None:
    assert check_transition(text, SENTENCES) == text.strip('"')


@pytest.mark.parametrize(
    "text", ["After 10 minutes,", "Amiodarone helps,", "But not insulin,", "Calcium cures", "and " * 16, "  "]
)
def test_numbers_names_denials_and_long_ones_may_not(text: str) -> None:
    assert check_transition(text, SENTENCES) == ""


@given(st.text(max_size=80))
def test_nothing_new_ever_passes(text: str) -> None:
    passed = check_transition(text, SENTENCES)
    words = split_tokens(passed)
    assert len(words) <= MAX_WORDS
    assert not any(character.isdigit() for word in words for character in word)
