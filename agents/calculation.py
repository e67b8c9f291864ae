"""From a question to a calculation: the calculator, the values with their words, and what is missing.

Patterns go first (:mod:`rag.clinical.extraction`). What they leave open a local model may read under a
grammar: a number only out of those that stand in the text, a yes or no only with the sentence that says so.
Nothing is computed by the model, and what it read is marked, to be confirmed by the user.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from llm.chat_model import ChatModel
from llm.prompts import PromptLibrary
from llm.types import Finished, FinishReason, Sampling, TextDelta
from rag.clinical.calculators.calculator import Calculator, Result
from rag.clinical.calculators.catalogue import CALCULATORS
from rag.clinical.calculators.errors import CalculatorError
from rag.clinical.calculators.inputs import Choice, Flag, Input, Number
from rag.clinical.extraction import FoundValue, find_mentions, find_values, sentences

PROMPT = "extract_values"
MAX_PROPOSALS = 5
MAX_SENTENCES = 60
"""Sentences that the model is shown at most, from the beginning."""
TOKENS_PER_LINE = 40
_ASKS = re.compile(r"[?？]|\b(?:calculate|compute|estimate|determine)\b", re.IGNORECASE)


class Origin(StrEnum):
    """Who read a value."""

    PATTERN = "pattern"
    MODEL = "model"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedValue:
    """A value to be confirmed."""

    key: str
    name: str
    written: str
    """As an input reads it."""
    words: str
    """The words of the question that it comes from."""
    start: int
    """First character of the words in the question."""
    end: int
    origin: Origin
    others: tuple[str, ...] = ()
    """What else the question gives for the same input, further on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A calculator that fits the question, with what the question gives for it."""

    calculator: Calculator
    values: tuple[ProposedValue, ...]
    missing: tuple[Input, ...]
    """Inputs that must be given and were not found."""
    result: Result | None
    """``None`` while something is missing or cannot be."""
    problem: str | None = None
    """Why there is no result, in a sentence."""

    @property
    def given(self) -> dict[str, str]:
        """The values as the calculator takes them."""
        return {value.key: value.written for value in self.values}


def propose(question: str, calculator: Calculator | None = None) -> tuple[Proposal, ...]:
    """Return the calculators that a question asks for, the best first, filled by patterns.

    A calculator counts when its name or one of its phrases stands in what is asked: the sentences that ask or
    tell to compute, or the whole text where there are none.

    Args:
        question: any length; a case may stand before it.
        calculator: the one that is wanted, where it is known.
    """
    found = find_values(question)
    if calculator is not None:
        return (_fill(calculator, question, found),)
    asked = " ".join(question[a:b] for a, b in sentences(question) if _ASKS.search(question[a:b]))
    return tuple(_rank(asked or question, question, found)[:MAX_PROPOSALS])


def _rank(asked: str, question: str, found: Sequence[FoundValue]) -> list[Proposal]:
    weights = {c.name: _asks_for(c, asked) for c in CALCULATORS}
    wanted = [_fill(c, question, found) for c in CALCULATORS if weights[c.name]]
    # The most specific words first; among equals the one that can be computed, then the one with most values.
    return sorted(wanted, key=lambda p: (-weights[p.calculator.name], p.result is None, -len(p.values)))


def _asks_for(calculator: Calculator, text: str) -> int:
    """Return how many characters of a text ask for a calculator."""
    plain = text.lower()
    phrases = {*calculator.phrases, calculator.name, calculator.title.lower()}
    return sum(len(phrase) for phrase in phrases if re.search(rf"(?<![\w-]){re.escape(phrase)}(?!\w)", plain))


def _fill(calculator: Calculator, question: str, found: Sequence[FoundValue]) -> Proposal:
    values = []
    for wanted in calculator.inputs:
        of_key = [value for value in found if value.key == wanted.key]
        if of_key:
            first, *others = of_key
            values.append(
                ProposedValue(
                    key=wanted.key,
                    name=wanted.name,
                    written=first.written,
                    words=question[first.start : first.end],
                    start=first.start,
                    end=first.end,
                    origin=Origin.PATTERN,
                    others=tuple(dict.fromkeys(o.written for o in others if o.written != first.written)),
                )
            )
    return complete(calculator, tuple(values))


def complete(calculator: Calculator, values: tuple[ProposedValue, ...]) -> Proposal:
    """Compute with some values, or say what is missing."""
    proposal = Proposal(
        calculator=calculator,
        values=values,
        missing=calculator.missing({value.key: value for value in values}),
        result=None,
    )
    try:
        return replace(proposal, result=calculator.calculate(proposal.given))
    except CalculatorError as e:
        return replace(proposal, problem=str(e))


def read_with_model(
    proposal: Proposal,
    question: str,
    *,
    model: ChatModel,
    prompts: PromptLibrary,
    cancel: threading.Event,
) -> Proposal:
    """Let the model read what the patterns left open; its values are marked as such.

    Raises:
        ModelError: it cannot be loaded, or the question does not fit its context.
    """
    spans = sentences(question)[:MAX_SENTENCES]
    taken = {value.key for value in proposal.values}
    wanted = [i for i in proposal.calculator.inputs if i.key not in taken]
    answers = {i.key: _answers(i, question, len(spans)) for i in wanted}
    wanted = [i for i in wanted if len(answers[i.key]) > 1]
    if not wanted or not spans:
        return proposal
    messages = prompts.load(PROMPT).render(
        sentences="\n".join(f"[{n}] {' '.join(question[a:b].split())}" for n, (a, b) in enumerate(spans, 1)),
        title=proposal.calculator.title,
        items="\n".join(f"{i.key}: {i.name} ({i.accepts})" for i in wanted),
    )
    sampling = Sampling(
        max_tokens=TOKENS_PER_LINE * len(wanted),
        grammar=make_grammar({i.key: answers[i.key] for i in wanted}),
    )
    text = ""
    for event in model.stream(messages, sampling=sampling, cancel=cancel):
        if isinstance(event, TextDelta):
            text += event.text
        if isinstance(event, Finished) and event.reason is FinishReason.CANCELLED:
            return proposal
    read = _parse(text, wanted, question, spans)
    return complete(proposal.calculator, (*proposal.values, *read))


def make_grammar(answers: Mapping[str, Sequence[str]]) -> str:
    """Return a GBNF grammar of one line for each key, with nothing but its answers behind it."""
    lines = " ".join(
        f'"{key}: " ({" | ".join(map(_quote, options))}) "\\n"' for key, options in answers.items()
    )
    return f"root ::= {lines}\n"


def _answers(wanted: Input, question: str, n_sentences: int) -> tuple[str, ...]:
    """Return all that may be written for an input; ``none`` is always among them."""
    marks = [f" [{number}]" for number in range(1, n_sentences + 1)]
    if isinstance(wanted, Number):
        units = wanted.quantity.units
        fitting = [m for m in find_mentions(question) if m.unit in units or (m.unit is None and "" in units)]
        return ("none", *dict.fromkeys(question[m.start : m.end] for m in fitting))
    options = (
        ("yes", "no") if isinstance(wanted, Flag) else wanted.options if isinstance(wanted, Choice) else ()
    )
    return ("none", *(f"{option}{mark}" for option in options for mark in marks))


def _parse(
    text: str, wanted: Sequence[Input], question: str, spans: Sequence[tuple[int, int]]
) -> tuple[ProposedValue, ...]:
    """Read the lines; the last one may have been cut off and is then left out."""
    said = dict(line.split(": ", 1) for line in text.split("\n")[:-1] if ": " in line)
    values = []
    for i in wanted:
        answer = said.get(i.key, "none")
        place = None if answer == "none" else _place(answer, i, question, spans)
        if place is not None:
            start, end = place
            values.append(
                ProposedValue(
                    key=i.key,
                    name=i.name,
                    written=answer.partition(" [")[0],
                    words=" ".join(question[start:end].split()),
                    start=start,
                    end=end,
                    origin=Origin.MODEL,
                )
            )
    return tuple(values)


def _place(
    answer: str, wanted: Input, question: str, spans: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """Return where the words of an answer stand: the sentence that it names, or that has its number."""
    if not isinstance(wanted, Number):
        number = re.search(r"\[(\d+)\]$", answer)
        return spans[int(number[1]) - 1] if number else None
    at = next((m.start for m in find_mentions(question) if question[m.start : m.end] == answer), None)
    return None if at is None else next(((a, b) for a, b in spans if a <= at < b), None)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
