"""A removed document's text leaves every part of an answer, whatever that part is for."""

from typing import Any

from agents.answer import Answer, AnswerSentence, Conflict, Flag, FlagKind, flags_of_whole
from agents.citations import is_doubtful
from agents.redaction import redact_answer
from rag.types import DocumentId
from tests.unit.agents.test_history import QUOTE, make_answer

OTHER = make_answer(document="d2", quote="Another sentence stays.")
D1 = DocumentId("d1")


def with_trace(*rows: dict[str, Any], **changes: object) -> Answer:
    return make_answer().model_copy(update={"trace": rows} | changes)


def test_an_answer_without_its_text_is_the_same() -> None:
    assert redact_answer(OTHER, D1) is OTHER
    once = redact_answer(make_answer(), D1)
    assert redact_answer(once, D1) is once


def test_text_beside_its_id_goes_and_its_place_stays() -> None:
    rows = {
        "step": "judge",
        "passages": [{"document": "d1", "title": "Diuretics", "page": 3, "text": "Canary."}],
    }
    others = {
        "step": "judge",
        "passages": [{"document": "d2", "title": "Other", "page": 1, "text": "Stays."}],
    }
    first, second = redact_answer(with_trace(rows, others), D1).trace
    assert first["passages"] == [{"document": "d1", "title": "Diuretics", "page": 3, "text": ""}]
    assert second == others


def test_its_quotes_go_from_wherever_they_stand() -> None:
    row = {"step": "select", "seconds": 0.5, "seen": {"deep": (f"1. {QUOTE}", "2. Something else.")}}
    (redacted,) = redact_answer(with_trace(row), D1).trace
    assert redacted == {"step": "select", "seconds": 0.5, "seen": {"deep": ("1. ", "2. Something else.")}}


def test_flags_and_conflicts_go_with_its_sentences() -> None:
    """Flags of the whole answer count from its beginning, which is another one then."""
    flags = [
        Flag(kind=FlagKind.NUMBER, start=8, end=8 + len(word), text=word) for word in ("canary", "stays")
    ]
    (mine,), (other,) = make_answer().sentences, OTHER.sentences
    sentences = (
        mine.model_copy(update={"flags": (flags[0],)}),
        other.model_copy(update={"flags": (flags[1],)}),
    )
    answer = make_answer().model_copy(
        update={
            "sentences": sentences,
            "flags": flags_of_whole(sentences),
            "conflicts": (
                Conflict(first=0, second=1, reason="canary"),
                Conflict(first=1, second=1, reason="stays"),
            ),
        }
    )
    redacted = redact_answer(answer, D1)
    mark = "[removed from the library: Diuretics, page 3]"
    assert [sentence.text for sentence in redacted.sentences] == [mark, other.text]
    assert redacted.sentences[1] == sentences[1]
    assert [(flag.text, flag.start) for flag in redacted.flags] == [("stays", len(mark) + 1 + 8)]
    assert [conflict.reason for conflict in redacted.conflicts] == ["stays"]
    assert "canary" not in redacted.model_dump_json()


def test_a_sentence_of_two_documents_keeps_the_quote_of_the_other() -> None:
    (mine,), (other,) = make_answer().sentences, OTHER.sentences
    both = AnswerSentence(text=f"{other.text} {mine.text}", citations=(*other.citations, *mine.citations))
    answer = make_answer().model_copy(update={"sentences": (both,), "answer": both.text})
    (redacted,) = redact_answer(answer, D1).sentences
    assert redacted.text == "[removed from the library: Diuretics, page 3]"
    assert [citation.quote for citation in redacted.citations] == ["Another sentence stays.", ""]


def test_a_sentence_that_another_document_says_in_the_same_words_stays() -> None:
    (mine,), (other,) = make_answer().sentences, make_answer(document="d2", quote=f"Yes: {QUOTE}").sentences
    flag = Flag(kind=FlagKind.NUMBER, start=0, end=3, text=mine.text[:3])
    both = mine.model_copy(update={"citations": (*mine.citations, *other.citations), "flags": (flag,)})
    conflict = Conflict(first=0, second=1, reason="other")
    row = {"step": "select", "seconds": 0.1, "passages": [{"document": "d1", "text": QUOTE}]}
    answer = make_answer().model_copy(
        update={
            "sentences": (both, OTHER.sentences[0]),
            "flags": flags_of_whole((both, OTHER.sentences[0])),
            "conflicts": (conflict,),
            "trace": (row,),
        }
    )
    once = redact_answer(answer, D1)
    assert once.sentences[0].text == mine.text
    assert [citation.quote for citation in once.sentences[0].citations] == ["", f"Yes: {QUOTE}"]
    assert not any(is_doubtful(citation, once.sentences[0]) for citation in once.sentences[0].citations)
    assert once.flags == answer.flags != ()
    assert once.conflicts == (conflict,)
    assert once.trace[0]["passages"] == [{"document": "d1", "text": ""}]
    assert redact_answer(once, D1) is once
    twice = redact_answer(once, DocumentId("d2"))
    assert QUOTE not in twice.model_dump_json()
    assert twice.sentences[0].text.startswith("[removed from the library: ")


def test_a_quote_that_is_a_word_of_ours_breaks_nothing() -> None:
    answer = make_answer(quote="rag")
    redacted = redact_answer(answer, D1)
    assert (redacted.arm, redacted.model, redacted.question) == (answer.arm, answer.model, answer.question)
    assert redacted.answer == "[removed from the library: Diuretics, page 3]"


def test_what_a_model_wrote_after_reading_it_goes_too() -> None:
    asked = make_answer().question
    rows = (
        {"step": "query_refinement", "seconds": 0.1, "standalone": "Canary in the question?"},
        {"step": "divergent_thinking", "seconds": 0.1, "sub_questions": ["Canary?"]},
        {
            "step": "retrieval",
            "seconds": 0.1,
            "queries": [{"query": asked, "found": ["c1"]}, {"query": "Canary?", "found": ["c2"]}],
        },
    )
    redacted = redact_answer(with_trace(*rows, standalone="Canary in the question?"), D1)
    assert "Canary" not in redacted.model_dump_json()
    assert redacted.standalone == asked
    assert [query["query"] for query in redacted.trace[2]["queries"]] == [asked, ""]


def test_a_quote_of_one_word_is_not_cut_from_other_words() -> None:
    row = {"step": "check", "seconds": 0.1, "said": "A moderate rate of the first order."}
    redacted = redact_answer(make_answer(quote="rate").model_copy(update={"trace": (row,)}), D1)
    assert redacted.trace == (row,)


def test_a_phrase_goes_only_where_it_stands_as_whole_words() -> None:
    row = {"step": "check", "seconds": 0.1, "said": "12.5 mg is not 2.5 mg."}
    redacted = redact_answer(make_answer(quote="2.5 mg").model_copy(update={"trace": (row,)}), D1)
    assert redacted.trace[0]["said"] == "12.5 mg is not ."
