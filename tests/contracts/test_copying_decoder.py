"""What decoding that copies must keep, on real (tiny) models: drafts change nothing, quotes are exact."""

import math
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from llm.copying.quotable_text import even_spaces
from llm.errors import ContextLengthError, ModelError
from llm.llama_cpp_model import LlamaCppModel
from llm.llama_cpp_runtime import LlamaRuntime
from llm.types import (
    Finished,
    FinishReason,
    Message,
    PromptRead,
    Quotable,
    Quoted,
    QuoteMarks,
    Role,
    RuntimeOptions,
    Sampling,
    Scored,
    TextDelta,
)
from tests.support.tiny_gguf import write_tiny_gguf

WORDS = (
    "potassium",
    "K+",
    "5.8",
    "mmol/L",
    "°C",
    "SpO₂",
    "µg",
    "高钾血症",
    "的",
    "\n\n",
    " ",
    "−2.1",
    "😀",
    "é",
)
REPEATED = "abcabcabc" * 20
CIRCLES = 'root ::= ("potassium is " [a-c]){40}'
"""A tiny model's own text does not run in circles; this one has to."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppModel]:
    """A tiny model in this process."""
    path = write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")
    model = LlamaCppModel(path, name="tiny", options=RuntimeOptions(n_ctx=2048, n_threads=1))
    yield model
    model.close()


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role=Role.USER, content=text),)


def stream(model: LlamaCppModel, text: str, quotable: Quotable | None = None, **options: Any) -> list[Any]:
    sampling = Sampling(**{"max_tokens": 60} | options)
    return list(model.stream(ask(text), sampling=sampling, quotable=quotable, cancel=threading.Event()))


def text_of(events: Sequence[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def write_passages(choose: random.Random) -> tuple[str, ...]:
    def passage() -> str:
        return "".join(choose.choice(WORDS) + choose.choice(("", " ")) for _ in range(choose.randint(1, 20)))

    return tuple(passage() for _ in range(choose.randint(1, 3)))


def favourite(model: LlamaCppModel, text: str) -> str:
    """The character that the model likes to write, to be the mark that opens a quote."""
    written = text_of(stream(model, text, temperature=1.0))
    return Counter(c for c in written if c.isascii() and c.isprintable() and not c.isspace()).most_common(1)[
        0
    ][0]


@pytest.mark.parametrize("text", ["word " * 30, REPEATED, "Say potassium, potassium, potassium."])
@pytest.mark.parametrize("grammar", [None, CIRCLES])
@pytest.mark.parametrize("options", [{}, {"temperature": 1.0, "seed": 3}, {"repeat_penalty": 1.3}])
def test_drafts_change_nothing(
    model: LlamaCppModel,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    options: dict[str, Any],
    grammar: str | None,
) -> None:
    options = options | {"max_tokens": 120, "grammar": grammar}
    drafted = text_of(stream(model, text, **options))
    monkeypatch.setattr(LlamaRuntime, "draft_tokens", 0)
    assert drafted == text_of(stream(model, text, **options))


@pytest.mark.parametrize("seed", range(60))
def test_nothing_but_substrings_stands_between_the_marks(model: LlamaCppModel, seed: int) -> None:
    choose = random.Random(seed)
    passages = write_passages(choose)
    opening = favourite(model, str(seed))
    passages = tuple(passage.replace(opening, "") for passage in passages)
    closing = choose.choice([mark for mark in ("]", "»", "</q>") if opening not in mark])
    passages = tuple(passage.replace("]", "") for passage in passages)
    marks = QuoteMarks(opening=opening, closing=closing)
    events = stream(
        model,
        str(seed),
        Quotable(passages=passages, marks=marks, is_begun=seed % 3 == 0),
        max_tokens=choose.randint(1, 80),
        temperature=choose.choice((0.0, 1.0, 2.0)),
        seed=seed,
    )
    rest, quotes = text_of(events), []
    while opening in rest:
        rest = rest.partition(opening)[2]
        quote, mark, rest = rest.partition(closing)
        assert mark == closing
        quotes += [quote] if quote else []
    found = [event for event in events if isinstance(event, Quoted)]
    assert [even_spaces(passages[each.passage][each.start : each.end]) for each in found] == quotes


def test_what_is_begun_with_a_quote_is_a_quote(model: LlamaCppModel) -> None:
    """The random model hardly writes an opening mark by itself."""
    quotable = Quotable(passages=("K 5.8 is high",), marks=QuoteMarks(opening="<", closing=">"))
    assert not any(isinstance(event, Quoted) for event in stream(model, "x", quotable, max_tokens=40))
    begun = stream(model, "x", replace(quotable, is_begun=True), max_tokens=40)
    text = text_of(begun)
    quoted = next(event for event in begun if isinstance(event, Quoted))
    assert text.startswith(f"<{'K 5.8 is high'[quoted.start : quoted.end]}>")


def test_nothing_is_quoted_where_there_is_no_passage(model: LlamaCppModel) -> None:
    quotable = Quotable(passages=(), marks=QuoteMarks(opening="<", closing=">"), is_begun=True)
    events = stream(model, "x", quotable, max_tokens=8)
    assert text_of(events).startswith("<")
    assert not any(isinstance(event, Quoted) for event in events)


def test_a_grammar_and_a_quote_hold_together(model: LlamaCppModel) -> None:
    quotable = Quotable(passages=("K 5.8 is high",), marks=QuoteMarks(opening="<", closing=">"))
    events = stream(model, "x", quotable, grammar='root ::= "So: <" [^>]+ ">!"')
    text = text_of(events)
    quote = text.removeprefix("So: <").removesuffix(">!")
    assert text == f"So: <{quote}>!"
    assert quote in "K 5.8 is high"
    (quoted,) = (event for event in events if isinstance(event, Quoted))
    assert "K 5.8 is high"[quoted.start : quoted.end] == quote
    assert events[-1].reason is FinishReason.STOP


def test_a_grammar_bounds_what_is_written(model: LlamaCppModel) -> None:
    for seed in range(5):
        text = text_of(stream(model, "x", grammar='root ::= "yes" | "no"', temperature=1.5, seed=seed))
        assert text in ("yes", "no")


def test_a_broken_grammar_is_a_sentence(model: LlamaCppModel) -> None:
    with pytest.raises(ModelError, match="grammar"):
        stream(model, "x", grammar="root ::= (")


def test_a_cancel_inside_a_quote_leaves_a_whole_one(model: LlamaCppModel) -> None:
    cancel, passage = threading.Event(), "hyperkalaemia " * 30
    quotable = Quotable(passages=(passage,), marks=QuoteMarks(opening="<", closing=">"))
    sampling = Sampling(max_tokens=500, grammar='root ::= "<" [^>]+ ">"')
    events: list[Any] = []
    for event in model.stream(ask("x"), sampling=sampling, quotable=quotable, cancel=cancel):
        events.append(event)
        if len(text_of(events)) > 5:
            cancel.set()
    assert events[-1].reason is FinishReason.CANCELLED
    assert text_of(events).endswith(("hyperkalaemia>", "hyperkalaemia hyperkalaemia>"))
    assert any(isinstance(event, Quoted) for event in events)


def test_scores_over_one_prefix_are_those_of_each_prompt(model: LlamaCppModel) -> None:
    prompts = [ask("word " * 40 + f"Passage {number}?" + "!" * number) for number in range(20)]
    answers = ("yes", "no", "n")
    together = score(model, prompts, answers)
    for prompt, scores in zip(prompts, together, strict=True):
        (alone,) = score(model, [prompt], answers)
        assert scores == pytest.approx(alone, abs=0.05)
        assert alone == pytest.approx(brute_force(model, prompt, answers), abs=0.05)


def test_a_prefix_is_read_once_and_stays(model: LlamaCppModel) -> None:
    stream(model, "something else")
    prompts = [ask("word " * 40 + text) for text in ("one", "two", "six")]
    first, again = finish(model, prompts), finish(model, prompts)
    assert first.tokens.prompt < 300
    assert again.tokens.prompt < 60  # the tails
    assert again.tokens.reused > 200


def test_long_tails_are_read_in_parts(model: LlamaCppModel) -> None:
    prompts = [ask(letter * 400) for letter in "ab"]
    assert [len(scores) for scores in score(model, prompts, ("yes",))] == [1, 1]


def test_nothing_to_score_is_nothing(model: LlamaCppModel) -> None:
    assert score(model, [], ("yes",)) == []


def test_a_prompt_that_is_too_long_is_refused(model: LlamaCppModel) -> None:
    with pytest.raises(ContextLengthError):
        score(model, [ask("x" * 3000)], ("yes",))


def test_a_cancelled_score_ends(model: LlamaCppModel) -> None:
    cancel = threading.Event()
    cancel.set()
    events = list(model.score([ask("a"), ask("b")], answers=("yes",), cancel=cancel))
    assert events[-1].reason is FinishReason.CANCELLED
    assert not any(isinstance(event, Scored) for event in events)


def score(model: LlamaCppModel, prompts: Sequence[Any], answers: Sequence[str]) -> list[tuple[float, ...]]:
    events = list(model.score(prompts, answers=answers, cancel=threading.Event()))
    return [event.log_probabilities for event in events if isinstance(event, Scored)]


def finish(model: LlamaCppModel, prompts: Sequence[Any]) -> Finished:
    *events, finished = model.score(prompts, answers=("yes", "no"), cancel=threading.Event())
    assert isinstance(events[0], PromptRead)
    assert isinstance(finished, Finished)
    return finished


def brute_force(model: LlamaCppModel, prompt: Sequence[Message], answers: Sequence[str]) -> list[float]:
    """Read the whole prompt with each answer, token by token."""
    runtime, cancel = model.runtime, threading.Event()
    totals = []
    for answer in answers:
        total, tokens = 0.0, runtime.encode_prompt(prompt)
        for token in runtime.tokenize("\n" + answer)[1:]:
            runtime.rewind([0])
            for start in range(0, len(tokens), runtime.batch_tokens):
                runtime.advance(tokens[start : start + runtime.batch_tokens], cancel)
            row = runtime.logits().astype(float)
            total += row[token] - row.max() - math.log(sum(math.exp(x - row.max()) for x in row))
            tokens.append(token)
        totals.append(total)
    return totals
