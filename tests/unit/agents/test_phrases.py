"""Where a piece of a document stands in another text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.phrases import cut_phrase, holds_phrase, is_phrase


@pytest.mark.parametrize("text", ["6.5 mmol/L.", "serum potassium", "血钾"])
def test_two_words_are_a_phrase(text: str) -> None:
    assert is_phrase(text)


@pytest.mark.parametrize("text", ["", "rate", "6.5", "«rate».", "- 10"])
def test_fewer_are_none(text: str) -> None:
    assert not is_phrase(text)


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("It is at least  2.5 mg\ndaily.", True),
        ("It is at least 12.5 mg daily.", False),
        ("It is at least 2.5 mgs.", False),
        ("2.5 mg", True),
        ("", False),
    ],
)
def test_a_phrase_stands_as_whole_words(text: str, is_held: bool) -> None:
    assert holds_phrase(text, "2.5  mg") is is_held


def test_chinese_has_no_borders_of_words() -> None:
    assert holds_phrase("患者血钾升高。", "血钾")
    assert cut_phrase("患者血钾升高。", "血钾") == "患者升高。"


def test_only_whole_words_are_cut() -> None:
    assert (
        cut_phrase("rate it: a moderate rate it is, operate it", "rate it") == ": a moderate  is, operate it"
    )
    assert cut_phrase("no no no no", "no no") == " "


@given(st.text("ab 1.,", max_size=30), st.text("ab 1.,", max_size=4))
def test_cutting_leaves_no_phrase_in_what_was_one_text(text: str, phrase: str) -> None:
    cut = cut_phrase(text, phrase)
    assert len(cut) <= len(text)
    assert (cut == text) == (not phrase or not any_whole(text, phrase))


def any_whole(text: str, phrase: str) -> bool:
    """The same by trying each place."""
    from llm.copying.copying_degree import locate_tokens

    tokens = [(start, end) for _, start, end in locate_tokens(text)]
    for place in range(len(text)):
        end = place + len(phrase)
        is_there = text[place:end] == phrase and end <= len(text)
        if is_there and not any(s < place < e or s < end < e for s, e in tokens):
            return True
    return False
