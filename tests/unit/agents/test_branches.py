"""Branches of a conversation: asking again, switching, and what reaches all of them."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from agents.conversation_search import search_conversations
from agents.errors import ConversationNotFound, TurnNotFound
from agents.history import ConversationId, History
from agents.storage import full_text
from agents.storage.migrations import MIGRATIONS
from agents.storage.tables import Base
from agents.turns import Branch, TurnId
from rag.errors import StorageError
from rag.storage.engine import open_database
from rag.storage.migrations import migrate
from rag.types import DocumentId
from tests.unit.agents.test_history import QUOTE, all_bytes, make_answer

OLD_FILE = Path(__file__).parent / "files" / "conversations-0.1.sqlite3"
"""Written by version 0.1, when a conversation was a list."""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """An empty history."""
    history = History(tmp_path / "c.sqlite3")
    yield history
    history.close()


@pytest.fixture
def conversation(history: History) -> ConversationId:
    """One, two, three, one after the other."""
    conversation = history.create("one").id
    for question in ("one", "two", "three"):
        history.append(conversation, make_answer(question))
    return conversation


def questions(history: History, conversation: ConversationId) -> list[str]:
    """What the branch that is shown asks."""
    return [turn.answer.question for turn in history.turns(conversation)]


def ids(history: History, conversation: ConversationId) -> list[TurnId]:
    """The turns of the branch that is shown."""
    return [turn.id for turn in history.turns(conversation)]


def test_a_question_asked_again_is_a_branch_beside_it(history: History, conversation: ConversationId) -> None:
    one, two, three = history.turns(conversation)
    again = history.append(conversation, make_answer("two again"), branch=two.branch)
    assert questions(history, conversation) == ["one", "two again"]
    assert history.turns(conversation)[1].siblings == (two.id, again)
    history.append(conversation, make_answer("after it"))
    assert questions(history, conversation) == ["one", "two again", "after it"]

    history.show_branch(conversation, two.id)
    assert ids(history, conversation) == [one.id, two.id, three.id]
    history.show_branch(conversation, again)
    assert questions(history, conversation) == ["one", "two again", "after it"]


def test_the_first_question_can_be_asked_again(history: History, conversation: ConversationId) -> None:
    first = ids(history, conversation)[0]
    assert history.beside(conversation, first) == Branch(after=None)
    again = history.append(conversation, make_answer("uno"), branch=history.beside(conversation, first))
    assert questions(history, conversation) == ["uno"]
    assert history.turns(conversation)[0].siblings == (first, again)


def test_a_branch_that_shows_the_turn_stays(history: History, conversation: ConversationId) -> None:
    one, two, three = ids(history, conversation)
    history.append(conversation, make_answer("four"), branch=Branch(after=two))
    history.show_branch(conversation, three)
    history.show_branch(conversation, one)
    assert ids(history, conversation) == [one, two, three]


def test_what_comes_before_a_place_is_its_path(history: History, conversation: ConversationId) -> None:
    one, two, _ = ids(history, conversation)
    assert [a.question for a in history.answers(conversation, Branch(after=two))] == ["one", "two"]
    assert history.answers(conversation, history.beside(conversation, one)) == []
    assert history.end(conversation) == Branch(after=ids(history, conversation)[-1])


def test_a_branch_is_shown_after_a_restart(
    history: History, conversation: ConversationId, tmp_path: Path
) -> None:
    one, two, _ = ids(history, conversation)
    history.append(conversation, make_answer("other"), branch=Branch(after=one))
    history.show_branch(conversation, two)
    history.close()
    again = History(tmp_path / "c.sqlite3")
    assert questions(again, conversation) == ["one", "two", "three"]
    again.close()


def test_a_turn_of_another_conversation_is_none_of_this(
    history: History, conversation: ConversationId
) -> None:
    other = history.create("other").id
    foreign = history.append(other, make_answer())
    for call in (
        lambda: history.turns(conversation, Branch(after=foreign)),
        lambda: history.append(conversation, make_answer(), branch=Branch(after=foreign)),
        lambda: history.show_branch(conversation, foreign),
        lambda: history.beside(conversation, TurnId(999)),
    ):
        with pytest.raises(TurnNotFound):
            call()
    assert questions(history, conversation) == ["one", "two", "three"]


@pytest.mark.parametrize("prefix", ["", "abc", "ffff", "0000"])
def test_a_conversation_is_found_by_the_beginning_of_its_id(history: History, prefix: str) -> None:
    conversation = history.create("one")
    assert history.find(conversation.id[:8].upper()) == conversation
    if not conversation.id.startswith(prefix) or len(prefix) < 4:
        with pytest.raises(ConversationNotFound):
            history.find(prefix)


# ---- true deletion


def test_redaction_reaches_branches_that_are_not_shown(history: History, tmp_path: Path) -> None:
    conversation = history.create("q").id
    first = history.append(conversation, make_answer("hidden"))
    history.append(
        conversation, make_answer("q", document="d2", quote="This stays."), branch=Branch(after=None)
    )
    assert first not in ids(history, conversation)
    assert history.cited_in(DocumentId("d1")) == history.redact(DocumentId("d1")) == 1
    assert b"canary" not in all_bytes(tmp_path)
    history.show_branch(conversation, first)
    assert history.answers(conversation)[0].answer == "[removed from the library: Diuretics, page 3]"


def test_relocation_reaches_branches_that_are_not_shown(history: History) -> None:
    conversation = history.create("q").id
    first = history.append(conversation, make_answer())
    history.append(conversation, make_answer(document="d2"), branch=Branch(after=None))
    assert history.relocate(DocumentId("d1"), {2: f"It has moved. {QUOTE}"}) == 1
    history.show_branch(conversation, first)
    assert history.answers(conversation)[0].sentences[0].citations[0].start == 14


@pytest.mark.parametrize("wipe", ["redact", "delete"])
def test_the_index_forgets_what_goes(history: History, tmp_path: Path, wipe: str) -> None:
    conversation = history.create("About nothing").id
    kept = history.create("Kept").id
    history.append(kept, make_answer("kept", document="d2", quote="Mannitol stays in this one."))
    for _ in range(3):
        history.append(
            conversation, make_answer("how often", quote="Xenotropic furosemide zebrafish canary.")
        )
    assert len(search_conversations(history, "xenotropic zebrafish")) == 3
    if wipe == "redact":
        history.redact(DocumentId("d1"))
    else:
        history.delete(conversation)
    assert search_conversations(history, "xenotropic") == []
    # The index writes words stemmed and in small letters, and shares beginnings with the word before.
    for trace in (b"enotrop", b"ebrafish", b"canari", b"canary"):
        assert trace not in all_bytes(tmp_path)
    assert [hit.conversation.id for hit in search_conversations(history, "mannitol")] == [kept]
    assert full_text.is_intact(history._engine)
    history.close()
    assert b"enotrop" not in all_bytes(tmp_path)


def test_a_long_conversation_can_be_deleted(history: History) -> None:
    """Longer than the depth to which SQLite follows cascades."""
    conversation = history.create("long").id
    history.append(conversation, make_answer())
    with history._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO turns (conversation, asked, answer, parent) "
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500) "
            "SELECT conversation, asked, answer, n.n FROM turns, n WHERE number = 1"
        )
        connection.exec_driver_sql("UPDATE conversations SET leaf = 1501")
        full_text._rebuild(connection)
    assert len(history.turns(conversation)) == 1501
    history.delete(conversation)
    with history._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM turns").scalar_one() == 0


# ---- older and newer files


def test_an_old_file_is_brought_to_the_form_of_today(tmp_path: Path) -> None:
    shutil.copy(OLD_FILE, tmp_path / "c.sqlite3")
    history = History(tmp_path / "c.sqlite3")
    conversations = history.conversations()
    assert [c.title for c in conversations] == [
        "Nothing asked yet",
        "What is severe hyperkalaemia?",
        "急性肾损伤怎么治疗？",
    ]
    empty, potassium, kidney = (c.id for c in conversations)
    assert history.turns(empty) == []
    first, *_ = turns = history.turns(potassium)
    assert [t.answer.question for t in turns] == [
        "What is severe hyperkalaemia?",
        "How is it treated?",
        "And then?",
    ]
    assert [t.parent for t in turns] == [None, *(t.id for t in turns[:-1])]
    assert len(history.turns(kidney)) == 1
    assert len(search_conversations(history, "hyperkalemia")) == 3
    assert [hit.conversation.id for hit in search_conversations(history, "肾损伤")] == [kidney]
    history.append(potassium, make_answer("asked again"), branch=first.branch)
    assert questions(history, potassium) == ["asked again"]
    assert history.redact(DocumentId("d2")) == 2
    history.close()
    assert b"refractory" not in all_bytes(tmp_path)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    History(tmp_path / "c.sqlite3").close()
    connection = sqlite3.connect(tmp_path / "c.sqlite3")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StorageError, match="These conversations were made by a newer version"):
        History(tmp_path / "c.sqlite3")


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    migrated, declared = open_database(tmp_path / "a.sqlite3"), create_engine("sqlite://")
    migrate(migrated, MIGRATIONS)
    Base.metadata.create_all(declared)
    for table in Base.metadata.tables:
        ours, theirs = ({c["name"]: c for c in inspect(e).get_columns(table)} for e in (migrated, declared))
        assert {name: (str(c["type"]), c["nullable"], c["primary_key"]) for name, c in ours.items()} == {
            name: (str(c["type"]), c["nullable"], c["primary_key"]) for name, c in theirs.items()
        }
    migrated.dispose()
    declared.dispose()


def test_an_index_in_another_form_is_made_anew(
    history: History, conversation: ConversationId, tmp_path: Path
) -> None:
    with history._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE full_text_form SET form = 'older'")
        connection.exec_driver_sql("INSERT INTO turn_text (turn_text) VALUES ('delete-all')")
    assert not full_text.is_intact(history._engine)
    history.close()
    again = History(tmp_path / "c.sqlite3")
    assert full_text.is_intact(again._engine)
    assert len(search_conversations(again, "furosemide")) == 3
    again.close()
