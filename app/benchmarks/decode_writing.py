"""How fast answers are written: those that copy and those that copy nothing, ours beside plain generation.

An answer counts as one that copies by what *plain* generation writes: at least ``COVERAGE`` of its tokens are
copied, in runs of ``DENSITY`` tokens on average (:mod:`llm.copying.copying_degree`), for all models alike. A
small model that is asked to write a passage out rewrites it; two passages that have been written out before,
in the same conversation, show all of them how. All answers that were asked for are counted beside.

Speed is told by the clock and by the processor's time, which other programs on the machine change little.
With more than one thread the latter counts waiting for each other as well: ``taskset -c 0`` gives one.
"""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import mean
from typing import Any, Protocol

import psutil

from app.benchmarks.plain_generation import PlainAnswer, PlainModel
from app.errors import AppError
from llm.copying.copying_degree import CopyingDegree, measure_copying
from llm.types import Finished, Message, Role, Sampling, TextDelta
from llm.worker import ModelProcess

COVERAGE, DENSITY = 0.9, 20.0
COPIES, COPY_TOKENS = 5, 160
FREE_TOKENS = 96
FREE = (
    "Write a short story about a lighthouse keeper who finds a letter.",
    "Explain to a child why the sky is blue.",
    "Describe a morning at a fish market by the sea.",
    "Invent a recipe for a soup of autumn vegetables.",
)
Prompt = Sequence[Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two answers to one prompt."""

    ours: PlainAnswer
    plain: PlainAnswer
    degree: CopyingDegree
    """Of the plain one."""


class OpenBoth(Protocol):
    """Loads a model twice, once for each side."""

    def __call__(self, *, is_ours_first: bool) -> AbstractContextManager[tuple[ModelProcess, PlainModel]]:
        """Load one after the other."""
        ...


def compare_copying(open_both: OpenBoth, passages: Sequence[str]) -> dict[str, Any]:
    """Write passages out; figures ``copy_*``, of the answers that copy, and what the limit is.

    No batch of drafts is faster than reading: the limit is plain reading speed over plain writing speed.
    """
    asked = write_all(open_both, copy_prompts(passages), COPY_TOKENS)
    copied = [pair for pair in asked if pair.degree.coverage >= COVERAGE and pair.degree.density >= DENSITY]
    figures = _describe("copy", copied) | {
        "copy_asked": len(asked),
        "copy_speedup_of_all_asked": _speedup(asked),
        "copy_speedup_of_all_asked_cpu": _speedup(asked, is_cpu=True),
    }
    for suffix, is_cpu in (("", False), ("_cpu", True)):
        others = [pair.plain for pair in asked]
        limit = _ratio(_reading_rate(others, is_cpu=is_cpu), _rate(others, is_cpu=is_cpu))
        figures[f"copy_limit{suffix}"] = limit
        figures[f"copy_share_of_limit{suffix}"] = _ratio(figures[f"copy_speedup{suffix}"], limit)
    return figures


def compare_free_text(open_both: OpenBoth, _: Sequence[str]) -> dict[str, Any]:
    """Write texts that copy nothing; figures ``free_*``."""
    return _describe("free", write_all(open_both, [ask(text) for text in FREE], FREE_TOKENS))


def write_all(open_both: OpenBoth, prompts: Sequence[Prompt], max_tokens: int) -> list[Pair]:
    """Write every answer twice, each side being loaded first once.

    Of two processes with the same model the one that is loaded first writes up to 5 % slower, whichever it is
    (docs/methods.md): where the system puts their memory is not the same.
    """
    pairs: list[Pair] = []
    for is_ours_first in (True, False):
        with open_both(is_ours_first=is_ours_first) as (ours, plain):
            pairs += [_write_both(ours, plain, prompt, max_tokens) for prompt in prompts]
    return pairs


def copy_prompts(passages: Sequence[str]) -> list[Prompt]:
    """Ask for a passage after two others have been written out; three passages for each prompt."""
    return [_ask_for_second(*passages[start : start + 3]) for start in range(0, 3 * COPIES, 3)]


def _ask_for_second(first: str, second: str, third: str) -> Prompt:
    task = "Write out passage {} word for word."
    shown = show_passages((first, second, third))
    return (
        Message(role=Role.USER, content=f"{shown}\n\n{task.format(1)}"),
        Message(role=Role.ASSISTANT, content=f"Passage 1: {first}"),
        Message(role=Role.USER, content=task.format(3)),
        Message(role=Role.ASSISTANT, content=f"Passage 3: {third}"),
        Message(role=Role.USER, content=task.format(2)),
    )


def show_passages(passages: Sequence[str]) -> str:
    """Write passages out with their numbers."""
    return "\n\n".join(f"Passage {number}: {passage}" for number, passage in enumerate(passages, 1))


def ask(text: str) -> Prompt:
    """Return a prompt of one message."""
    return (Message(role=Role.USER, content=text),)


def write(model: ModelProcess, prompt: Prompt, max_tokens: int) -> PlainAnswer:
    """Write an answer with our decoder."""
    model.load()
    process = psutil.Process(model.pid)
    text: list[str] = []
    started, first, last = _cpu_seconds(process), None, None
    for event in model.stream(prompt, sampling=Sampling(max_tokens=max_tokens), cancel=threading.Event()):
        if isinstance(event, TextDelta):
            first = _cpu_seconds(process) if first is None else first
            text.append(event.text)
        last = event
    if not isinstance(last, Finished):
        raise AppError("The model did not come to its end.")
    ended = _cpu_seconds(process)
    return PlainAnswer(
        text="".join(text),
        prompt_tokens=last.tokens.prompt,
        tokens=last.tokens.generated,
        seconds_to_first=last.seconds_to_first_token,
        seconds=last.seconds - last.seconds_to_first_token,
        cpu_seconds_to_first=(ended if first is None else first) - started,
        cpu_seconds=0.0 if first is None else ended - first,
    )


def _write_both(ours: ModelProcess, plain: PlainModel, prompt: Prompt, max_tokens: int) -> Pair:
    answer = write(ours, prompt, max_tokens)
    other = plain.write(prompt, max_tokens=max_tokens)
    context = "\n".join(message.content for message in prompt)
    return Pair(ours=answer, plain=other, degree=measure_copying(other.text, context))


def _describe(name: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        f"{name}_speedup": _speedup(pairs),
        f"{name}_speedup_cpu": _speedup(pairs, is_cpu=True),
        f"{name}_tokens_per_second": _rate([pair.ours for pair in pairs]),
        f"{name}_tokens_per_second_plain": _rate([pair.plain for pair in pairs]),
        f"{name}_coverage_plain": mean(pair.degree.coverage for pair in pairs) if pairs else None,
        f"{name}_density_plain": mean(pair.degree.density for pair in pairs) if pairs else None,
        f"{name}_same_text": sum(pair.ours.text == pair.plain.text for pair in pairs),
        f"{name}_texts": len(pairs),
    }


def _speedup(pairs: Sequence[Pair], *, is_cpu: bool = False) -> float | None:
    ours, plain = [pair.ours for pair in pairs], [pair.plain for pair in pairs]
    return _ratio(_rate(ours, is_cpu=is_cpu), _rate(plain, is_cpu=is_cpu))


def _rate(answers: Sequence[PlainAnswer], *, is_cpu: bool = False) -> float | None:
    """Tokens a second after the first one."""
    seconds = sum(answer.cpu_seconds if is_cpu else answer.seconds for answer in answers)
    return _ratio(sum(answer.tokens - 1 for answer in answers), seconds)


def _reading_rate(answers: Sequence[PlainAnswer], *, is_cpu: bool) -> float | None:
    seconds = sum(answer.cpu_seconds_to_first if is_cpu else answer.seconds_to_first for answer in answers)
    return _ratio(sum(answer.prompt_tokens for answer in answers), seconds)


def _ratio(one: float | None, other: float | None) -> float | None:
    """Return ``None`` where there is nothing to compare: no answer, or none longer than a token."""
    return one / other if one is not None and other else None


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
