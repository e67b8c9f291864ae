"""Conversations survive a restart; deleting and redacting leave no text in the file."""

from pathlib import Path

import pytest

from agents.answer import Answer, AnswerSentence, AnswerStatus, Arm, Citation, Method
from agents.errors import ConversationNotFound
from agents.history import ConversationId, History
from rag.errors import StorageError
from rag.types import DocumentId

QUOTE = "Furosemide was given twice a day in this canary sentence."


def make_answer(question: str = "How often?", document: str = "d1", quote: str = QUOTE) -> Answer:
    """Make an answer of one cited sentence."""
    citation = Citation(
        document=document,
        file="a.pdf",
        title="Diuretics",
        page=3,
        start=10,
        end=10 + len(quote),
        quote=quote,
        verbatim=True,
    )
    return Answer(
        question=question,
        answer=quote,
        status=AnswerStatus.ANSWERED,
        sentences=(AnswerSentence(text=quote, citations=(citation,)),),
        arm=Arm.RAG,
        method=Method.CP_ORDER,
        model="tiny",
    )


def all_bytes(folder: Path) -> bytes:
    """Join what all files of the folder hold."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_conversations_and_answers_are_there_after_a_restart(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    first = history.create("  How   often? ")
    history.append(first.id, make_answer("one"))
    history.append(first.id, make_answer("two"))
    second = history.create("Second")
    history.close()

    history = History(tmp_path / "c.sqlite3")
    assert [c.title for c in history.conversations()] == ["Second", "How often?"]
    assert history.answers(first.id) == [make_answer("one"), make_answer("two")]
    assert history.answers(second.id) == []
    history.close()


def test_the_conversation_used_last_comes_first(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    first, second = history.create("first"), history.create("second")
    history.append(first.id, make_answer())
    assert [c.id for c in history.conversations()] == [first.id, second.id]
    history.close()


def test_a_long_title_is_cut_at_a_word_and_an_empty_one_replaced(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    assert history.create("word " * 40).title == "word " * 12 + "…"
    assert history.create("   ").title == "New conversation"
    history.close()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    gone = ConversationId("gone")
    for call in (
        lambda: history.answers(gone),
        lambda: history.delete(gone),
        lambda: history.rename(gone, "x"),
        lambda: history.append(gone, make_answer()),
    ):
        with pytest.raises(ConversationNotFound):
            call()
    history.close()


def test_a_deleted_conversation_leaves_no_text(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    conversation = history.create("canary title")
    history.append(conversation.id, make_answer())
    history.delete(conversation.id)
    assert b"canary" not in all_bytes(tmp_path)
    assert history.conversations() == []
    history.close()


def test_redacting_keeps_title_and_page_and_spares_other_documents(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    conversation = history.create("q")
    other = make_answer("q2", document="d2", quote="Another sentence stays.")
    history.append(conversation.id, make_answer("q1"))
    history.append(conversation.id, other)
    assert history.cited_in(DocumentId("d1")) == 1

    assert history.redact(DocumentId("d1")) == 1

    marked, untouched = history.answers(conversation.id)
    assert marked.answer == marked.sentences[0].text == "[removed from the library: Diuretics, page 3]"
    citation = marked.sentences[0].citations[0]
    assert (citation.title, citation.page, citation.quote, citation.verbatim) == ("Diuretics", 3, "", False)
    assert untouched == other
    assert b"canary" not in all_bytes(tmp_path)
    assert history.cited_in(DocumentId("d1")) == history.redact(DocumentId("d1")) == 0
    history.close()


def test_documents_that_go_together_are_redacted_together(tmp_path: Path) -> None:
    history = History(tmp_path / "c.sqlite3")
    conversation = history.create("q")
    for number, document in enumerate(("d1", "d2", "d3", "d1")):
        history.append(conversation.id, make_answer(f"q{number}", document=document))
    gone = [DocumentId("d1"), DocumentId("d3")]
    assert history.cited_in(*gone) == history.redact(*gone) == 3
    assert history.cited_in(*gone) == 0
    assert history.cited_in(DocumentId("d2")) == 1
    history.close()


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="damaged"):
        History(tmp_path / "c.sqlite3")
