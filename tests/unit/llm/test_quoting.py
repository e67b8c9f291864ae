"""Quotes: whatever is chosen out of what is allowed, only substrings of the passages come out."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.quotable_text import QuotableText, even_spaces
from llm.copying.quoting import QuoteConstraint, choose_marks
from llm.copying.vocabulary import Vocabulary
from llm.errors import ModelLoadError
from llm.types import Quoted, QuoteMarks

BYTES = tuple(bytes([byte]) for byte in range(256))
WORDS = (
    " potassium",
    "potassium",
    "5.8",
    " mmol",
    "/L",
    ".»",
    "» and",
    " «",
    "«K",
    "高钾",
    "é",
    "  ",
    "\n",
    "a»b«",
)
PIECES = (*BYTES, *(word.encode() for word in WORDS), b"\xe9\xab", b"\x98\xe9", b"s \xc2", b"")
END = len(PIECES) - 1
VOCABULARY = Vocabulary(PIECES, {END})
MARKS = QuoteMarks(opening="«", closing="»")
PASSAGE = "The potassium is 5.8 mmol/L.\n\nRepeat  it: −2.5 °C, 3,5 g; 高钾血症很危险。"
passages = st.lists(
    st.text(alphabet="ab5.,- \n\t°µ高钾é−\U0001f600\ud800", max_size=30), min_size=1, max_size=3
)


def constrain(texts: Sequence[str], marks: QuoteMarks = MARKS) -> QuoteConstraint:
    return QuoteConstraint(QuotableText(texts), marks, VOCABULARY)


def write(constraint: QuoteConstraint, text: str) -> tuple[Quoted, ...]:
    """Write a text byte by byte, each of which has to be allowed."""
    found: tuple[Quoted, ...] = ()
    for byte in text.encode():
        if constraint.is_inside:
            assert byte in constraint.allowed()
        else:
            assert byte not in constraint.forbidden()
        found += constraint.accept(byte)
    return found


def can_write(text: str, passage: str = PASSAGE) -> bool:
    constraint = constrain([passage])
    for byte in text.encode():
        if constraint.is_inside and byte not in constraint.allowed():
            return False
        constraint.accept(byte)
    return not constraint.is_inside


@given(passages, st.integers(0, 2**32), st.integers(0, 60))
def test_a_walk_at_random_quotes_only_what_stands_there(texts: list[str], seed: int, steps: int) -> None:
    choose, constraint = random.Random(seed), constrain(texts)
    written, found = bytearray(), []
    for _ in range(steps):
        if constraint.is_inside:
            token = int(choose.choice(constraint.allowed()))
        else:
            forbidden = constraint.forbidden()
            token = choose.choice([32, *(t for t in VOCABULARY.holding("«".encode()) if t not in forbidden)])
        written += PIECES[token]
        found += constraint.accept(token)
    closing, last = constraint.finish()
    text = (written + closing).decode(errors="replace")
    quotes = [piece.partition("»")[0] for piece in text.split("«")[1:]]
    quoted = [even_spaces(texts[each.passage][each.start : each.end]) for each in [*found, *last]]
    assert quoted == [quote for quote in quotes if quote]


@given(passages)
def test_every_byte_that_is_allowed_leads_on(texts: list[str]) -> None:
    constraint = constrain(texts)
    opener = PIECES.index(" «".encode())
    has_words = any(character.strip() for character in "".join(texts).replace("\ud800", ""))
    assert (opener in constraint.forbidden()) is not has_words
    constraint.accept(opener if has_words else 32)
    for _ in range(40):
        if not constraint.is_inside:
            break
        allowed = constraint.allowed()
        if not len(allowed):
            pytest.fail("a quote is stuck")
        constraint.accept(int(allowed[0]))


def test_quotes_are_found_in_the_passage_as_it_was_given() -> None:
    (quoted,) = write(constrain(["Other.", PASSAGE]), "He says «L. Repeat it: −2.5 °C».")
    assert quoted.passage == 1
    assert PASSAGE[quoted.start : quoted.end] == "L.\n\nRepeat  it: −2.5 °C"


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("«potassium is 5.8 mmol/L.»", True),
        ("«The potassium»", True),
        ("«高钾血症»", True),
        ("«血症很»", True),
        ("«potass»", False),
        ("«otassium»", False),
        ("« potassium»", False),
        ("«potassium »", False),
        ("«8 mmol/L»", False),
        ("«is 5»", False),
        ("«2.5 °C»", False),
        ("«5 g»", False),
        ("«potassium is 5.9»", False),
        ("«mmol/L.\n\nRepeat»", False),
        ("no quote", True),
    ],
)
def test_a_quote_keeps_words_and_numbers_whole(text: str, is_allowed: bool) -> None:
    assert can_write(text) is is_allowed


def test_tokens_may_hold_a_mark_and_what_follows_it() -> None:
    constraint = constrain(["K+ is high."])
    constraint.accept(PIECES.index("«K".encode()))
    assert constraint.is_inside
    for byte in b"+ is high":
        constraint.accept(byte)
    closers = {bytes(PIECES[token]) for token in constraint.allowed()}
    assert ".»".encode() in closers
    assert "» and".encode() in closers
    assert "a»b«".encode() not in closers
    (quoted,) = constraint.accept(PIECES.index(".»".encode()))
    assert (quoted.start, quoted.end) == (0, 11)


def test_a_mark_cannot_be_opened_before_what_no_passage_begins_with() -> None:
    assert PIECES.index("«K".encode()) in constrain(["Na is low."]).forbidden()
    assert PIECES.index(" «".encode()) not in constrain(["Na is low."]).forbidden()


def test_an_open_quote_ends_with_its_word() -> None:
    constraint = constrain([PASSAGE])
    write(constraint, "«The potass")
    closing, (quoted,) = constraint.finish()
    assert closing.decode() == "ium»"
    assert PASSAGE[quoted.start : quoted.end] == "The potassium"
    assert constraint.finish() == (b"", ())


def test_an_empty_quote_is_closed_and_is_none() -> None:
    constraint = constrain([PASSAGE])
    write(constraint, "«")
    assert constraint.finish() == ("»".encode(), ())


def test_the_passage_goes_on_to_the_end_of_its_sentence() -> None:
    constraint = constrain([PASSAGE])
    write(constraint, "«The potassium")
    assert constraint.continuation(100).decode() == " is 5.8 mmol/L."


def test_a_vocabulary_without_bytes_is_refused() -> None:
    with pytest.raises(ModelLoadError, match="word for word"):
        QuoteConstraint(QuotableText(["K"]), MARKS, Vocabulary([b"K", "«".encode(), "»".encode()]))


def test_marks_occur_in_no_passage() -> None:
    assert choose_marks(["plain"]) == MARKS
    all_marks = "«» ⟦⟧ 「」 ‹› ⁅⁆ <q1>"
    assert choose_marks([all_marks]) == QuoteMarks(opening="<q2>", closing="</q2>")


@given(st.text(alphabet="ab \n\t高é", max_size=30))
def test_passages_are_quoted_as_they_are_shown(passage: str) -> None:
    assert QuotableText([passage]).window(0, 1000).decode() == even_spaces(passage)
