"""Chat templates: jinja programs of strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.chat_template import ChatTemplate, compile_markup, defuse_markup, merge_system
from llm.errors import ChatTemplateError
from llm.types import Message, Role

SYSTEM = Message(role=Role.SYSTEM, content="Be short.")
USER = Message(role=Role.USER, content="What is CKD?")
ASSISTANT = Message(role=Role.ASSISTANT, content="A disease.")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_turns_are_written_up_to_the_answer() -> None:
    text = ChatTemplate(CHATML).render([SYSTEM, USER, ASSISTANT, USER])
    expected = "<|system|>Be short.\n<|user|>What is CKD?\n<|assistant|>A disease.\n<|user|>What is CKD?\n"
    assert text == expected + "<|assistant|>"


def test_the_neutral_template_is_plain_text_that_ends_a_line() -> None:
    text = ChatTemplate(None).render([SYSTEM, USER, ASSISTANT, USER])
    assert text == (
        "Be short.\n\nQuestion: What is CKD?\n\nAnswer:\nA disease.\n\nQuestion: What is CKD?\n\nAnswer:\n"
    )


@pytest.mark.parametrize(
    "template",
    [
        "{% for m in messages %}{{ m.role == 'system' and raise_exception('') or m.content }}|{% endfor %}",
        "{% for m in messages if m.role != 'system' %}{{ m.content }}|{% endfor %}",
    ],
)
def test_a_template_without_system_role_gets_it_in_the_users_turn(template: str) -> None:
    assert ChatTemplate(template).render([SYSTEM, USER]) == "Be short.\n\nWhat is CKD?|"


def test_what_templates_use_is_there() -> None:
    template = (
        "{{ bos_token }}{{ strftime_now('%Y') | int > 2000 }}{{ [1, {'a': '<'}] | tojson }}"
        "{% for m in messages %}"
        "{% if loop.index == 2 %}{% break %}{% endif %}{{ m.content | trim }}"
        "{% endfor %}"
    )
    assert ChatTemplate(template, bos="<s>").render([SYSTEM, USER]).startswith("<s>True[1, {")


@pytest.mark.parametrize(
    "template",
    [
        "{% for %}",
        "{{ raise_exception('refused') }}",
        "{{ messages[9].content.x }}",
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{{ range(1000000) | list }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}xxxxxxxx{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_bad_template_is_one_kind_of_error(template: str) -> None:
    with pytest.raises(ChatTemplateError, match="cannot be used"):
        ChatTemplate(template)


def test_system_texts_are_merged_into_the_first_users_turn() -> None:
    assert merge_system([SYSTEM, ASSISTANT, USER, USER]) == (
        ASSISTANT,
        Message(role=Role.USER, content="Be short.\n\nWhat is CKD?"),
        USER,
    )
    assert merge_system([USER]) == (USER,)


@given(st.lists(st.sampled_from(["<s>", "<|im_end|>", "[/INST]", "a", " ", "<", "|"]), max_size=12))
def test_no_control_token_is_left_in_a_message(pieces: list[str]) -> None:
    tokens = ["<s>", "<|im_end|>", "[/INST]"]
    content = "".join(pieces)
    defused = defuse_markup(Message(role=Role.USER, content=content), compile_markup(tokens)).content
    assert not any(token in defused for token in tokens)
    assert defused.replace(" ", "") == content.replace(" ", "")


def test_a_message_without_markup_stays_as_it_is() -> None:
    assert defuse_markup(USER, compile_markup(["<s>"])) == USER
    assert defuse_markup(USER, compile_markup([])) == USER
