"""How much longer an answer of ``cp-order`` takes than reading its passages, in both arms."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from app.benchmarks.answer_chain import find_answer
from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import SETS, Bench, make_context, pending
from app.benchmarks.process_tree import own_cpu_seconds
from app.benchmarks.sentence_sets import SentenceQuestion

if TYPE_CHECKING:
    from agents.answer import Arm
    from llm.chat_model import ChatModel
    from llm.types import Finished, Message, PromptRead, Selected
    from rag.library import Library

PART = "reading"
_ANEW = "Anew. "
"""Before the prompt, so that nothing of it is known from the answer."""

_LEAST_CPU = 0.01
"""Seconds: the processor's time is counted in such steps."""


def measure(bench: Bench, model: "ChatModel") -> dict[str, Any]:
    """Return by arm the time of answers over that of one reading of their prompts, by clock and processor."""
    from agents.answer import Arm

    arms = {arm.value: arm for arm in (Arm.RAG, Arm.ADDREP)}
    for library, question, key in pending(bench, PART, SETS, arms):
        bench.rows.add(key | _time(question, library, model, bench, arms[key["method"]]))
    return {arm: _summarise(bench.rows.select(model=bench.model, part=PART, method=arm)) for arm in arms}


def _time(
    question: SentenceQuestion, library: "Library", model: "ChatModel", bench: Bench, arm: "Arm"
) -> Row:
    noting = _Noting(model)
    context = make_context(library, cast("ChatModel", noting), bench, arm=arm)
    started, cpu = perf_counter(), own_cpu_seconds()
    answer = find_answer(question.text, context)
    seconds, cpu = perf_counter() - started, own_cpu_seconds() - cpu
    row: Row = {"status": answer.status.value, "seconds": seconds, "cpu_seconds": cpu, "is_read": False}
    if noting.messages is None:
        return row
    first, *others = noting.messages
    anew = [replace(first, content=_ANEW + first.content), *others]
    started, cpu = perf_counter(), own_cpu_seconds()
    for _ in model.score([anew], answers=("1",), cancel=threading.Event()):
        pass
    reading, reading_cpu = perf_counter() - started, own_cpu_seconds() - cpu
    return {
        **row,
        "is_read": True,
        "reading_seconds": reading,
        "reading_cpu_seconds": max(reading_cpu, _LEAST_CPU),
    }


class _Noting:
    """A chat model that keeps the prompt in which sentences are chosen."""

    def __init__(self, model: "ChatModel") -> None:
        self._model = model
        self.messages: Sequence[Message] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def select(
        self, messages: "Sequence[Message]", **options: Any
    ) -> "Iterator[PromptRead | Selected | Finished]":
        self.messages = messages
        return self._model.select(messages, **options)


def _summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Compare answers with readings; where what was found did not suffice, there is nothing to compare."""
    read = [row for row in rows if row["is_read"]]
    if not read:
        return {"n": 0}
    total, reading, cpu, reading_cpu = (
        sum(row[name] for row in read)
        for name in ("seconds", "reading_seconds", "cpu_seconds", "reading_cpu_seconds")
    )
    return {
        "n": len(read),
        "not_read": len(rows) - len(read),
        "time_ratio_to_reading": total / reading,
        "cpu_ratio_to_reading": cpu / reading_cpu,
        "worst_cpu_ratio": max(row["cpu_seconds"] / row["reading_cpu_seconds"] for row in read),
        "seconds": mean(row["seconds"] for row in read),
        "reading_seconds": mean(row["reading_seconds"] for row in read),
    }
