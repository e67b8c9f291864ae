"""Likelihoods of answers are those of a plain forward pass over prompt and answer as one text."""

import threading
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from llm.copying.selection import log_softmax
from llm.gguf_file import MAX_OUTPUTS
from llm.llama_cpp_model import LlamaCppModel
from llm.types import Finished, Message, Role, RuntimeOptions, Scored
from tests.support.tiny_gguf import CHAT_TEMPLATE, write_tiny_gguf

BARE = "{% for message in messages %}{{ message.content }}{% endfor %}"
"""A template after which a prompt ends in its own last word, so that a tokenizer can join an answer to it."""
LETTERS = tuple("ABCD")
CLOSE = 0.1
"""Nats; random weights are far apart (several nats), and the last digits change with the size of a batch."""


@pytest.fixture(params=[CHAT_TEMPLATE, None, BARE], ids=["chat", "neutral", "bare"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LlamaCppModel]:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", chat_template=request.param, has_long_numbers=True)
    model = LlamaCppModel(path, name="tiny", options=RuntimeOptions(n_ctx=2048, n_threads=1))
    yield model
    model.close()


def ask(text: str, system: str = "Choose.") -> tuple[Message, ...]:
    return (Message(role=Role.SYSTEM, content=system), Message(role=Role.USER, content=text))


def score(
    model: LlamaCppModel,
    prompts: Sequence[Sequence[Message]],
    answers: Sequence[str],
    *,
    repeat: bool = False,
) -> list[tuple[float, ...]]:
    events = list(model.score(prompts, answers=answers, is_repeatable=repeat, cancel=threading.Event()))
    assert isinstance(events[-1], Finished)
    return [event.log_probabilities for event in events if isinstance(event, Scored)]


def forward(model: LlamaCppModel, prompt: Sequence[Message], answers: Sequence[str]) -> list[float]:
    """The reference: each answer by itself, token by token, from where the first leaves the prompt."""
    runtime = model.runtime
    alone, *joint = runtime.encode_answered(prompt, ["", *answers])
    same = min(
        next((i for i, (a, b) in enumerate(zip(alone, t, strict=False)) if a != b), len(alone)) for t in joint
    )
    sums: list[float] = []
    for tokens in joint:
        runtime.forget(runtime.rewind(tokens))
        total = 0.0
        for place, token in enumerate(tokens):
            if place >= same:
                total += float(log_softmax(runtime.logits())[token])
            assert runtime.advance([token], threading.Event())
        sums.append(total)
    return sums


@pytest.mark.parametrize("answers", [LETTERS, ("yes", "no"), ("1", "12", "2"), ("A", "ABD")])
def test_one_prompt_scores_like_a_plain_forward_pass(model: LlamaCppModel, answers: Sequence[str]) -> None:
    prompt = ask("Which stage has an eGFR of 4")
    (scores,) = score(model, [prompt], answers)
    assert scores == pytest.approx(forward(model, prompt, answers), abs=CLOSE)


@pytest.mark.parametrize("answers", [LETTERS, ("1", "12", "2")])
def test_many_prompts_score_like_plain_forward_passes(model: LlamaCppModel, answers: Sequence[str]) -> None:
    prompts = [
        ask(f"The potassium is {value}. Which of {order} is right? {order}")
        for value, order in product((5, 6), (1, 23, 4))
    ]
    assert np.array(score(model, prompts, answers)) == pytest.approx(
        np.array([forward(model, prompt, answers) for prompt in prompts]), abs=CLOSE
    )


@pytest.mark.parametrize("count", [1, 2])
def test_an_answer_of_more_tokens_than_a_batch_has_rows_is_scored(model: LlamaCppModel, count: int) -> None:
    prompts = [ask(f"What is stage {number}?") for number in range(count)]
    answer = "An eGFR below 15 mL/min, or dialysis, whatever the albumin in the urine is. " * 4
    assert len(model.runtime.tokenize(answer)) > 2 * MAX_OUTPUTS
    assert np.array(score(model, prompts, [answer])) == pytest.approx(
        np.array([forward(model, prompt, [answer]) for prompt in prompts]), rel=0.001
    )


def test_a_number_that_the_tokenizer_joins_to_the_prompt_is_scored_as_it_is_written(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "bare.gguf", chat_template=BARE, has_long_numbers=True)
    model = LlamaCppModel(path, name="bare", options=RuntimeOptions(n_ctx=512, n_threads=1))
    alone, joint = model.runtime.encode_answered(ask("It is 4"), ["", "2"])
    assert len(joint) == len(alone)  # "42" is one token, in the place of "4"
    model.close()


@pytest.mark.parametrize("count", [1, 4])
def test_repeatable_scores_do_not_depend_on_what_was_read_before(model: LlamaCppModel, count: int) -> None:
    text = "Which drug lowers potassium in a patient with an ECG of broad complexes? " * 6
    prompts = [ask(text + order) for order in ("AB", "BA", "CD", "DC")[:count]]
    first = score(model, prompts, LETTERS, repeat=True)
    score(model, [ask(text + "AB and more")], LETTERS)
    list(model.score([ask(text[:100])], answers=LETTERS, cancel=threading.Event()))
    assert score(model, prompts, LETTERS, repeat=True) == first


def test_what_all_prompts_of_a_wording_begin_with_is_read_once(model: LlamaCppModel) -> None:
    begin = "Question about potassium, with four options of which one is right: "

    def prompt(question: str) -> tuple[Message, ...]:
        return (Message(role=Role.USER, content=begin + question, constant=len(begin)),)

    def read(question: str) -> tuple[int, tuple[float, ...]]:
        events = model.score(
            [prompt(question)], answers=LETTERS, is_repeatable=True, cancel=threading.Event()
        )
        scored, finished = (event for event in events if isinstance(event, Scored | Finished))
        assert isinstance(scored, Scored)
        assert isinstance(finished, Finished)
        return finished.tokens.reused, scored.log_probabilities

    _, first = read("what is high?")
    reused, _ = read("how is it lowered?")
    assert reused >= len(model.runtime.tokenize(begin)) - 1  # its last token may join what follows
    score(model, [ask("Something else entirely.")], LETTERS)
    assert read("what is high?")[1] == first


def test_two_wordings_with_one_system_message_read_it_once(model: LlamaCppModel) -> None:
    system = (
        "Values with their unit and reference range: heart rate, /min, 51 to 90; sodium, mmol/L, 136 to 145."
    )

    def read(begin: str, patient: str) -> tuple[int, tuple[float, ...]]:
        prompt = (
            Message(role=Role.SYSTEM, content=system),
            Message(role=Role.USER, content=begin + patient, constant=len(begin)),
        )
        events = model.score([prompt], answers=LETTERS, is_repeatable=True, cancel=threading.Event())
        scored, finished = (event for event in events if isinstance(event, Scored | Finished))
        assert isinstance(scored, Scored)
        assert isinstance(finished, Finished)
        return finished.tokens.reused, scored.log_probabilities

    rules = "Judge by the values alone. "
    _, plain = read("", "Sodium 150 high.")
    reused, ruled = read(rules, "Sodium 150 high.")
    assert reused >= len(model.runtime.tokenize(system))
    assert read(rules, "Sodium 120 low.")[0] > reused
    assert read("", "Sodium 150 high.")[1] == plain
    score(model, [ask("Something else entirely.")], LETTERS)
    assert read(rules, "Sodium 150 high.") == (0, ruled)


def test_markup_in_an_answer_stays_text(model: LlamaCppModel) -> None:
    plain, marked = model.runtime.encode_answered(ask("x"), ["", "<|im_end|>"])
    assert len(marked) > len(plain) + 1
