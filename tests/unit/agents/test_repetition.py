"""Which sentences of an answer say the same."""

import pytest

from agents.answer import AnswerSentence, Citation
from agents.citations import is_doubtful
from agents.repetition import join_repeated

TEXT = "The dose of calcium gluconate is 30 mL."


def cited(text: str, document: str) -> AnswerSentence:
    citation = Citation(
        document=document,
        file=document,
        title=document,
        page=1,
        start=0,
        end=len(text),
        quote=text,
        verbatim=True,
    )
    return AnswerSentence(text=text, citations=(citation,))


@pytest.mark.parametrize(
    ("other", "is_verbatim"),
    [(TEXT, True), (TEXT.replace(" ", "\n"), True), ("Dose of calcium gluconate: is 30 mL", False)],
)
def test_the_first_stays_and_cites_all_places(other: str, is_verbatim: bool) -> None:
    between = cited("Insulin lowers it.", "c")
    joined, after = join_repeated([cited(TEXT, "a"), between, cited(other, "b")])
    assert (joined.text, after) == (TEXT, between)
    assert [(c.document, c.verbatim) for c in joined.citations] == [("a", True), ("b", is_verbatim)]


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("30", "10"),
        TEXT.replace("30", "3.0"),
        TEXT.replace("is", "is not"),
        TEXT.replace("gluconate", "chloride"),
        TEXT.replace("is", "may be"),
    ],
)
def test_a_word_or_figure_more_or_less_is_another_statement(other: str) -> None:
    assert len(join_repeated([cited(TEXT, "a"), cited(other, "b")])) == 2


def test_the_same_place_is_cited_once() -> None:
    (joined,) = join_repeated([cited(TEXT, "a"), cited(TEXT, "a")])
    assert len(joined.citations) == 1


def test_sentences_without_a_word_are_compared_as_they_stand() -> None:
    assert len(join_repeated([AnswerSentence(text="…"), AnswerSentence(text="—")])) == 2


def test_only_a_quote_that_the_sentence_should_hold_is_doubtful() -> None:
    (joined,) = join_repeated([cited(TEXT, "a"), cited("Dose of calcium gluconate: is 30 mL", "b")])
    assert [is_doubtful(each, joined) for each in joined.citations] == [False, False]
    lost = joined.citations[0].model_copy(update={"verbatim": False})
    alone = AnswerSentence(text=TEXT, citations=(lost,))
    assert is_doubtful(lost, alone)  # it stands on its page no more
    removed = lost.model_copy(update={"quote": ""})
    both = AnswerSentence(text=TEXT, citations=(joined.citations[0], removed))
    assert not is_doubtful(removed, both)  # another document says it in the same words
    assert is_doubtful(removed, AnswerSentence(text="[removed]", citations=both.citations))
