"""Quotes of saved answers find their place again after their document was indexed anew."""

from pathlib import Path

from agents.answer import Answer
from agents.history import History
from agents.relocation import relocate_answer
from rag.types import DocumentId
from tests.unit.agents.test_history import QUOTE, make_answer

DOCUMENT = DocumentId("d1")


def place(answer: Answer) -> tuple[int | None, int, int, str, bool]:
    (citation,) = answer.sentences[0].citations
    return citation.page, citation.start, citation.end, citation.quote, citation.verbatim


def test_a_quote_at_its_place_stays_as_it_is() -> None:
    answer = make_answer()
    assert relocate_answer(answer, DOCUMENT, {2: " " * 10 + QUOTE}) is answer


def test_a_quote_that_moved_is_found_when_it_stands_once() -> None:
    moved = relocate_answer(make_answer(), DOCUMENT, {0: "Nothing", 1: "On " + QUOTE, 2: "Other"})
    assert place(moved) == (2, 3, 3 + len(QUOTE), QUOTE, True)
    assert moved.answer == QUOTE


def test_only_spaces_may_differ() -> None:
    broken = QUOTE.replace(" was ", "\nwas ")
    assert place(relocate_answer(make_answer(), DOCUMENT, {2: broken})) == (3, 0, len(QUOTE), broken, True)
    other = QUOTE.replace("twice", "once")
    assert not place(relocate_answer(make_answer(), DOCUMENT, {2: other}))[-1]


def test_a_quote_that_is_lost_or_stands_twice_keeps_its_words_but_no_place() -> None:
    for texts in ({2: "Other words."}, {0: QUOTE, 1: QUOTE}, {}):
        assert place(relocate_answer(make_answer(), DOCUMENT, texts)) == (3, 0, 0, QUOTE, False)


def test_a_lost_quote_is_found_by_a_later_pipeline() -> None:
    lost = relocate_answer(make_answer(), DOCUMENT, {2: "Other words."})
    assert place(relocate_answer(lost, DOCUMENT, {2: QUOTE})) == (3, 0, len(QUOTE), QUOTE, True)


def test_saved_answers_are_written_anew(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    conversation = history.create("Doses")
    history.append(conversation.id, make_answer())
    history.append(conversation.id, make_answer(document="d2"))
    assert history.relocate(DOCUMENT, {0: QUOTE}) == 1
    assert history.relocate(DOCUMENT, {0: QUOTE}) == 0
    first, second = history.answers(conversation.id)
    assert place(first) == (1, 0, len(QUOTE), QUOTE, True)
    assert second == make_answer(document="d2")
    history.close()
