"""Cleaning characters and mending words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents.normalisation import clean, is_broken, mend


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("e\ufb03cient \ufb02ow", "efficient flow"),
        ("hyper\u00adkalae\u200bmia", "hyperkalaemia"),
        ("5\u00a0mmol\u2009/\u202fL", "5 mmol / L"),
        ("10⁹ µg 1.73 m²", "10⁹ µg 1.73 m²"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("a\x00b\x07c", "abc"),
        ("\uf0b7 item", "• item"),
    ],
)
def test_characters_are_cleaned(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_is_idempotent_and_gives_nfc(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("first", "second", "known", "left"),
    [
        ("treat-", "ment", set(), "treat"),
        ("treat\u2010", "ment", set(), "treat"),
        ("low-", "salt", {"low-salt"}, "low-"),
        ("end-", "stage", {"end", "stage"}, "end-"),
        ("with-", "out", {"with", "out", "without"}, "with"),
        ("CKD-", "related", set(), "CKD-"),
        ("10-", "20", set(), "10-"),
        ("Kaplan-", "Meier", set(), "Kaplan-"),
        ("2010–", "present", set(), "2010–"),
        ("mg/", "dl", set(), "mg/"),
    ],
)
def test_hyphens_stay_where_they_belong_to_the_word(
    first: str, second: str, known: set[str], left: str
) -> None:
    assert is_broken(first)
    assert mend(first, second, known) == left


@pytest.mark.parametrize("word", ["-", "–", "word", "--", "(-"])
def test_lone_dashes_break_nothing(word: str) -> None:
    assert not is_broken(word)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("2.2 \u02daA", "2.2 Å"), ("M\u00a8uller", "Müller"), ("37\u02daC", "37\u02daC"), ("11+−0.7", "11±0.7")],
)
def test_accents_and_signs_that_are_set_in_two_parts_are_one(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
