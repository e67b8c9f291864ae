"""Reading a model's choice: by the likelihood of the letters, or by what it writes under a strict grammar."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from agents.exams.items import LETTERS, AnswerKind, ExamItem
from agents.exams.orders import Order, unshuffle
from agents.exams.prompting import (
    ONE_LINE,
    YES_NO,
    ItemPrompts,
    Material,
    Messages,
    letter_grammar,
    parse_letters,
)
from agents.exams.records import OrderRecord, Scoring, TokenRecord
from agents.language import language_of
from llm.chat_model import ChatModel
from llm.errors import ModelCancelled
from llm.types import Finished, FinishReason, Sampling, Scored, TextDelta, TokenCounts

PROMPTS_AT_ONCE = 8
"""Prompts in one call to the model; between calls a person who asks is answered first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the model said to one item."""

    choice: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()
    orders: tuple[OrderRecord, ...] = ()
    answer: str = ""
    is_parsed: bool = True
    prompt: str
    tokens: TokenRecord
    seconds: float


@dataclass(slots=True)
class _Costs:
    tokens: TokenCounts = field(default_factory=TokenCounts)
    started: float = field(default_factory=perf_counter)

    def record(self) -> tuple[TokenRecord, float]:
        counts = self.tokens
        return (
            TokenRecord(prompt=counts.prompt, reused=counts.reused, generated=counts.generated),
            perf_counter() - self.started,
        )


class ItemScorer:
    """Asks one model one item after the other. The same call gives the same outcome to the last digit."""

    def __init__(self, model: ChatModel, prompts: ItemPrompts, *, scoring: Scoring, max_tokens: int) -> None:
        """``max_tokens`` bounds a free answer."""
        self._model = model
        self._prompts = prompts
        self._scoring = scoring
        self._max_tokens = max_tokens

    def ask(
        self, item: ExamItem, orders: Sequence[Order], material: Material, *, cancel: threading.Event
    ) -> Outcome:
        """Ask an item in all orders of its options.

        Raises:
            ContextLengthError: it does not fit the model.
            ModelCancelled: ``cancel`` was set.
        """
        if item.kind is AnswerKind.FREE:
            return self._write_free(item, material, cancel)
        if self._scoring is Scoring.GENERATE:
            return self._generate(item, orders, material, cancel)
        if item.kind is AnswerKind.MULTIPLE:
            return self._weigh_options(item, orders, material, cancel)
        return self._weigh_letters(item, orders, material, cancel)

    def _weigh_letters(
        self, item: ExamItem, orders: Sequence[Order], material: Material, cancel: threading.Event
    ) -> Outcome:
        """Exact log probabilities of the letters after each order's prompt, made to sum to one."""
        costs = _Costs()
        prompts = [self._prompts.choice(item, order, material) for order in orders]
        scores = self._score(prompts, LETTERS[: len(item.options)], costs, cancel)
        records = []
        for order, row in zip(orders, scores, strict=True):
            by_option = unshuffle(order, softmax(row))
            records.append(OrderRecord(order=order, probabilities=by_option, choice=(best(by_option),)))
        mean = tuple(np.mean([record.probabilities for record in records], axis=0).tolist())
        return _outcome(prompts[0], costs, choice=(best(mean),), probabilities=mean, orders=tuple(records))

    def _weigh_options(
        self, item: ExamItem, orders: Sequence[Order], material: Material, cancel: threading.Event
    ) -> Outcome:
        """Each option by itself: yes against no. All over one half are chosen, else the likeliest."""
        costs = _Costs()
        places = range(len(item.options))
        prompts = [self._prompts.option(item, order, place, material) for order in orders for place in places]
        sure = [
            softmax(row)[0] for row in self._score(prompts, YES_NO[language_of(item.question)], costs, cancel)
        ]
        records = []
        for number, order in enumerate(orders):
            by_option = unshuffle(order, sure[number * len(places) : (number + 1) * len(places)])
            records.append(OrderRecord(order=order, probabilities=by_option, choice=over_half(by_option)))
        mean = tuple(np.mean([record.probabilities for record in records], axis=0).tolist())
        return _outcome(prompts[0], costs, choice=over_half(mean), probabilities=mean, orders=tuple(records))

    def _generate(
        self, item: ExamItem, orders: Sequence[Order], material: Material, cancel: threading.Event
    ) -> Outcome:
        """What is written after each order; over the orders the options with most votes."""
        costs = _Costs()
        several = item.kind is AnswerKind.MULTIPLE
        grammar = letter_grammar(len(item.options), several=several)
        prompts = [self._prompts.choice(item, order, material) for order in orders]
        records = []
        for order, prompt in zip(orders, prompts, strict=True):
            text = self._write(prompt, grammar, 3 * len(item.options) if several else 1, costs, cancel)
            places = parse_letters(text, len(item.options)) or ()
            choice = tuple(sorted(order[place] for place in places))
            records.append(OrderRecord(order=order, choice=choice, text=text))
        votes = Counter(number for record in records for number in record.choice)
        shares = tuple(votes[number] / len(records) for number in range(len(item.options)))
        is_parsed = any(record.choice for record in records)
        choice = (over_half(shares) if several else (best(shares),)) if is_parsed else ()
        return _outcome(
            prompts[0],
            costs,
            choice=choice,
            probabilities=shares if len(orders) > 1 else (),
            orders=tuple(records),
            is_parsed=is_parsed,
        )

    def _write_free(self, item: ExamItem, material: Material, cancel: threading.Event) -> Outcome:
        costs = _Costs()
        prompt = self._prompts.free(item, material)
        text = self._write(prompt, ONE_LINE, self._max_tokens, costs, cancel).strip()
        return _outcome(prompt, costs, answer=text, is_parsed=bool(text))

    def _score(
        self, prompts: Sequence[Messages], answers: Sequence[str], costs: _Costs, cancel: threading.Event
    ) -> list[tuple[float, ...]]:
        rows: list[tuple[float, ...]] = []
        for start in range(0, len(prompts), PROMPTS_AT_ONCE):
            events = self._model.score(
                prompts[start : start + PROMPTS_AT_ONCE], answers=answers, is_repeatable=True, cancel=cancel
            )
            for event in events:
                if isinstance(event, Scored):
                    rows.append(event.log_probabilities)
                elif isinstance(event, Finished):
                    _take(event, costs)
        return rows

    def _write(
        self, prompt: Messages, grammar: str, max_tokens: int, costs: _Costs, cancel: threading.Event
    ) -> str:
        sampling = Sampling(max_tokens=max_tokens, grammar=grammar)
        pieces: list[str] = []
        for event in self._model.stream(prompt, sampling=sampling, is_repeatable=True, cancel=cancel):
            if isinstance(event, TextDelta):
                pieces.append(event.text)
            elif isinstance(event, Finished):
                _take(event, costs)
        return "".join(pieces)


def softmax(log_probabilities: Sequence[float]) -> tuple[float, ...]:
    """Return shares that sum to one."""
    values = np.exp(np.array(log_probabilities) - max(log_probabilities))
    return tuple((values / values.sum()).tolist())


def best(values: Sequence[float]) -> int:
    """Return the number of the largest value, of equal ones the first."""
    return max(range(len(values)), key=lambda number: (values[number], -number))


def over_half(values: Sequence[float]) -> tuple[int, ...]:
    """Return the numbers of all values over one half, or of the largest one."""
    return tuple(number for number, value in enumerate(values) if value > 0.5) or (best(values),)


def _take(finished: Finished, costs: _Costs) -> None:
    if finished.reason is FinishReason.CANCELLED:
        raise ModelCancelled("The exam was stopped.")
    costs.tokens = costs.tokens + finished.tokens


def _outcome(
    prompt: Messages,
    costs: _Costs,
    *,
    choice: tuple[int, ...] = (),
    probabilities: tuple[float, ...] = (),
    orders: tuple[OrderRecord, ...] = (),
    answer: str = "",
    is_parsed: bool = True,
) -> Outcome:
    tokens, seconds = costs.record()
    return Outcome(
        choice=choice,
        probabilities=probabilities,
        orders=orders,
        answer=answer,
        is_parsed=is_parsed,
        prompt=show_prompt(prompt),
        tokens=tokens,
        seconds=seconds,
    )


def show_prompt(messages: Messages) -> str:
    """Write a prompt out for a reader."""
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)
