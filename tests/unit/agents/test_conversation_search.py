"""What is found in conversations, and what is shown of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import AnswerStatus
from agents.conversation_search import ConversationHit, search_conversations
from agents.history import History
from agents.nodes.abstain import ABSTENTION
from agents.storage.full_text import _expression
from agents.turns import Branch
from tests.unit.agents.test_history import make_answer


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """Three conversations."""
    history = History(tmp_path / "c.sqlite3")
    potassium = history.create("How is hyperkalaemia treated?").id
    history.append(
        potassium,
        make_answer(
            "How is hyperkalaemia treated?",
            quote="Calcium gluconate 10 mL protects the heart; β-blockers wait.",
        ),
    )
    history.append(
        potassium,
        make_answer("And in children?", quote="Children are given 0.5 mL/kg of calcium gluconate."),
        branch=Branch(after=None),
    )
    kidney = history.create("急性肾损伤的定义是什么？").id
    history.append(
        kidney, make_answer("急性肾损伤的定义是什么？", quote="血清肌酐在48小时内升高即为急性肾损伤。")
    )
    abstained = history.create("What is the capital of France?").id
    history.append(
        abstained,
        make_answer("What is the capital of France?", quote=ABSTENTION).model_copy(
            update={"status": AnswerStatus.ABSTAINED, "sentences": ()}
        ),
    )
    history.rename(abstained, "Bed 12, Mrs Smith")
    yield history
    history.close()


@pytest.fixture(scope="module")
def typed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """One conversation."""
    history = History(tmp_path_factory.mktemp("typed") / "c.sqlite3")
    history.append(history.create("K").id, make_answer("Is K+ and 5.5 near 肾 β?", quote="NOT K AND 5."))
    yield history
    history.close()


def marked(hit: ConversationHit) -> list[str]:
    """The words that are marked."""
    return [hit.text[start:end] for start, end in hit.marks]


def found(history: History, query: str) -> list[str]:
    """The questions that are found."""
    return [hit.question for hit in search_conversations(history, query)]


@pytest.mark.parametrize(
    ("query", "questions"),
    [
        ("hyperkalemia", ["How is hyperkalaemia treated?"]),
        ("treating", ["How is hyperkalaemia treated?"]),
        ("calcium gluconate heart", ["How is hyperkalaemia treated?"]),
        ("beta-blocker", ["How is hyperkalaemia treated?"]),
        ("gluconate child", ["And in children?"]),
        ("0.5 mL/kg", ["And in children?"]),
        ("glucon", ["How is hyperkalaemia treated?", "And in children?"]),
        ("损伤", ["急性肾损伤的定义是什么？"]),
        ("肌酐 升高", ["急性肾损伤的定义是什么？"]),
        ("肾", ["急性肾损伤的定义是什么？"]),
        ("肝损伤", []),
        ("calcium dialysis", []),
        ("library does not seem", []),
        ("", []),
        ('"', []),
        ("NEAR(", []),
    ],
)
def test_what_is_found(history: History, query: str, questions: list[str]) -> None:
    assert sorted(found(history, query)) == sorted(questions)


def test_the_words_are_marked_where_they_stand(history: History) -> None:
    (hit,) = search_conversations(history, "gluconate protecting hea")
    assert marked(hit) == ["gluconate", "protects", "heart"]
    (hit,) = search_conversations(history, "capital")
    assert (hit.text, marked(hit)) == ("What is the capital of France?", ["capital"])
    (hit,) = search_conversations(history, "升高")
    assert marked(hit) == ["升高"]


def test_a_question_counts_more_than_an_answer(history: History) -> None:
    assert found(history, "children") == ["And in children?"]
    conversation = history.create("x").id
    history.append(conversation, make_answer("Something else", quote="Children are mentioned here, too."))
    assert found(history, "children") == ["And in children?", "Something else"]


def test_a_title_is_found_where_no_turn_is(history: History) -> None:
    (hit,) = search_conversations(history, "smith bed")
    assert (hit.conversation.title, hit.turn, hit.text) == ("Bed 12, Mrs Smith", None, "")


def test_at_most_so_many(history: History) -> None:
    assert len(search_conversations(history, "gluconate", at_most=1)) == 1


SYNTAX = [*"\"*():^+-{}[]%_\\'", "AND", "NEAR", "NOT", "肾", "β", "K", " ", "5", "."]


@given(st.lists(st.sampled_from(SYNTAX) | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_is_typed_is_no_syntax(typed_in: History, query: str) -> None:
    for hit in search_conversations(typed_in, query):
        assert all(0 <= start < end <= len(hit.text) for start, end in hit.marks)


def test_without_terms_there_is_no_expression() -> None:
    assert _expression([]) is None
