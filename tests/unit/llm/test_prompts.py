"""Prompt files: what they declare is what they use, and values cannot break out."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.errors import PromptError
from llm.prompts import PromptLibrary, parse_prompt
from llm.types import Message, Role

HEADER = "---\nname: p\nversion: 2\nvariables: fact, question\nsource: test\n---\n"
GOOD = HEADER + "# system\nBe $fact.\n# user\n$question\n"


@pytest.mark.parametrize(
    ("name", "values"),
    [("select_sentences", {"passages", "question"}), ("answer_closed", {"question"})],
)
def test_the_prompts_that_come_along_load(name: str, values: set[str]) -> None:
    prompt = PromptLibrary().load(name)
    assert prompt.variables == values
    assert [part.role for part in prompt.parts] == [Role.SYSTEM, Role.USER]


def test_passages_come_before_the_question() -> None:
    *_, user = PromptLibrary().load("select_sentences").render(passages="PASSAGES", question="QUESTION")
    assert user.content.index("PASSAGES") < user.content.index("QUESTION")


@given(st.text(), st.text())
def test_values_stand_in_the_prompt_as_they_are(fact: str, question: str) -> None:
    messages = parse_prompt(GOOD, "p").render(fact=fact, question=question)
    assert messages == (
        Message(role=Role.SYSTEM, content=f"Be {fact}."),
        Message(role=Role.USER, content=question),
    )


def test_what_stands_before_the_first_value_is_constant() -> None:
    head = "---\nname: p\nversion: 1\nvariables: a, b\nsource: s\n---\n"
    prompt = parse_prompt(head + "# system\nAll of it.\n# user\n${a}Cost $$5: $b\n", "p")
    for values, begin in (({"a": "", "b": "x"}, "Cost $5: "), ({"a": "y", "b": "x"}, "")):
        system, user = prompt.render(**values)
        assert system.content[: system.constant] == "All of it."
        assert user.content[: user.constant] == begin


def test_the_fingerprint_follows_the_text() -> None:
    prompt = parse_prompt(GOOD, "p")
    assert len(prompt.fingerprint) == 12
    assert prompt.version == 2
    assert parse_prompt(GOOD, "p").fingerprint == prompt.fingerprint
    assert parse_prompt(GOOD.replace("Be", "be"), "p").fingerprint != prompt.fingerprint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no header", "header is missing"),
        (GOOD.replace("version: 2\n", ""), "its header must have"),
        (GOOD.replace("source: test", "source: test\nsource: again"), "its header must have"),
        (GOOD.replace("version: 2", "version: two"), "version is not a number"),
        (GOOD.replace("fact, question", "question"), "it declares"),
        (GOOD.replace("fact, question", "fact, question, other"), "it declares"),
        (GOOD.replace("Be $fact", "Be $fact for 5 $"), "dollar sign"),
        (GOOD.replace("# system", "hello\n# system"), "must begin with"),
        (GOOD.split("# system")[0], "must begin with"),
    ],
)
def test_a_broken_file_is_named(text: str, reason: str) -> None:
    with pytest.raises(PromptError, match=reason):
        parse_prompt(text, "p")


@pytest.mark.parametrize("values", [{}, {"fact": "a"}, {"fact": "a", "question": "b", "more": "c"}])
def test_missing_and_unknown_values_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(PromptError, match="it was given"):
        parse_prompt(GOOD, "p").render(**values)


def test_a_missing_file_and_a_foreign_name_are_refused() -> None:
    with pytest.raises(PromptError, match="missing"):
        PromptLibrary().load("no_such_prompt")
    with pytest.raises(PromptError, match="header says 'p'"):
        PromptLibrary(read_text=lambda path: GOOD).load("other")


def test_the_error_crosses_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(PromptError("p", "why")))
    assert str(error) == str(PromptError("p", "why"))
