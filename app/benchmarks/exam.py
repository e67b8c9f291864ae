"""How much an exam by likelihood costs, beside plain loops of llama-cpp-python over the same prompts.

- *closed*: items by themselves. *passages*: with five passages before the question, others for each item.
- *orders*: four orders of an item, one after the other. *single*: the order of the file. *rounds*: all items
  in one order, then all in the next, as four runs would ask them.
- *interface*: ``create_completion(logprobs=…)``, the way in which llama-cpp-python gives log probabilities.
  *plain*: ``Llama(logits_all=True)``, and the row of logits taken from its array. *lean*: without
  ``logits_all``, and the last row taken past its interface. All reuse what a prompt shares with the last one.

Costs are seconds of the processor, so that what else the machine does counts for little; ratios are theirs
over ours. ``token_ratio`` is what the ratio would be if a token cost the same in every batch.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.benchmarks.decode import read_passages
from app.benchmarks.plain_generation import PlainModel, Weighed, open_plain_model
from app.errors import AppError
from llm.types import Finished, Message, RuntimeOptions, Scored

if TYPE_CHECKING:
    import psutil

    from llm.types import ModelRow
    from llm.worker import ModelProcess

N_CTX = 2048
LETTERS = tuple("ABCD")
ORDERS = 4
ITEMS = {"closed": 13, "passages": 5}
"""The first one warms up."""
PASSAGES = 5
INTERFACE_ITEMS = 3
NEAR_TIE = 0.25
"""Nats between the two best letters below which the size of a batch may decide."""

Prompts = list[list[Sequence[Message]]]
"""By item, then by order."""


def measure(models: Path, data: Path, name: str | None = None) -> dict[str, Any]:
    """Return ``{closed: {...}, passages: {...}}`` for a model, by default the smallest."""
    from llm.model_store import ModelStore

    store = ModelStore(models)
    rows = [row for row in store.rows() if row.problem is None and row.has_chat_template]
    if not rows:
        raise AppError("There is no chat model to measure; add one with: bedside models add FILE")
    row = store.find(name) if name else min(rows, key=lambda row: row.n_params)
    sets = {kind: _make_prompts(data, kind) for kind in ITEMS}
    return {"model": row.name} | {kind: _measure_set(row, prompts) for kind, prompts in sets.items()}


def _measure_set(row: "ModelRow", prompts: Prompts) -> dict[str, Any]:
    from llm.worker import ModelProcess

    model = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=N_CTX))
    try:
        with open_plain_model(row.path, N_CTX, logits_all=True) as plain:
            orders, single = _compare(model, plain, prompts), _compare(model, plain, _firsts(prompts))
            interface = [_compare_interface(model, plain, some) for some in (prompts, _firsts(prompts))]
        with open_plain_model(row.path, N_CTX) as lean:
            orders_lean, single_lean = _compare(model, lean, prompts), _compare(model, lean, _firsts(prompts))
            rounds = [item[order] for order in range(ORDERS) for item in prompts[1:]]
            weighed = lean.weigh(rounds, LETTERS)
    finally:
        model.close()
    return {
        "orders_speedup_interface": interface[0],
        "single_speedup_interface": interface[1],
        "orders_speedup": orders.speedup,
        "single_speedup": single.speedup,
        "orders_speedup_lean": orders_lean.speedup,
        "single_speedup_lean": single_lean.speedup,
        "rounds_speedup_lean": weighed.seconds / orders_lean.seconds,
        "token_ratio": {
            "orders": orders_lean.token_ratio,
            "single": single_lean.token_ratio,
            "rounds": weighed.tokens / orders_lean.tokens,
        },
        "tokens_an_item": orders_lean.tokens / (len(prompts) - 1),
        "seconds_an_item": orders_lean.seconds / (len(prompts) - 1),
        "same_choices": orders_lean.same,
        "near_ties": orders_lean.near,
        "prompts": orders_lean.prompts,
    }


@dataclass(slots=True)
class _Comparison:
    """Ours and a plain loop over the same prompts."""

    tokens: int = 0
    """Read by us; ``their_tokens`` by the loop."""
    seconds: float = 0.0
    """Of the processor, by us; ``their_seconds`` by the loop."""
    their_tokens: int = 0
    their_seconds: float = 0.0
    same: int = 0
    near: int = 0
    prompts: int = 0

    @property
    def speedup(self) -> float:
        return self.their_seconds / self.seconds

    @property
    def token_ratio(self) -> float:
        return self.their_tokens / self.tokens

    def add(self, mine: Weighed, theirs: Weighed) -> None:
        self.tokens += mine.tokens
        self.seconds += mine.seconds
        self.their_tokens += theirs.tokens
        self.their_seconds += theirs.seconds
        for one, other in zip(mine.rows, theirs.rows, strict=True):
            best, second = sorted(other, reverse=True)[:2]
            is_same = one.index(max(one)) == other.index(best)
            self.prompts += 1
            self.same += is_same
            self.near += not is_same and best - second < NEAR_TIE


def _compare(model: "ModelProcess", plain: PlainModel, prompts: Prompts) -> _Comparison:
    """Score item by item, in turns, so that what else the machine does meets both alike."""
    _score(model, prompts[0])
    plain.weigh(prompts[0], LETTERS)
    found = _Comparison()
    for item in prompts[1:]:
        found.add(_score(model, item), plain.weigh(item, LETTERS))
    return found


def _compare_interface(model: "ModelProcess", plain: PlainModel, prompts: Prompts) -> float:
    """Return how much more the interface costs, on a few items: it is slow."""
    ours = theirs = 0.0
    for item in prompts[1 : 1 + INTERFACE_ITEMS]:
        ours += _score(model, item).seconds
        theirs += plain.complete(item, top=len(LETTERS))
    return theirs / ours


def _score(model: "ModelProcess", item: Sequence[Sequence[Message]]) -> Weighed:
    import psutil

    model.load()
    child = psutil.Process(model.pid)
    started = _processor_seconds(child)
    events = list(model.score(item, answers=LETTERS, is_repeatable=True, cancel=threading.Event()))
    seconds = _processor_seconds(child) - started
    (finished,) = (event for event in events if isinstance(event, Finished))
    rows = [list(event.log_probabilities) for event in events if isinstance(event, Scored)]
    return Weighed(rows=rows, tokens=finished.tokens.prompt, seconds=seconds)


def _processor_seconds(process: "psutil.Process") -> float:
    times = process.cpu_times()
    return times.user + times.system


def _firsts(prompts: Prompts) -> Prompts:
    return [item[:1] for item in prompts]


def _make_prompts(data: Path, kind: str) -> Prompts:
    from agents.exams.importing import import_exam
    from agents.exams.orders import shuffle_orders
    from agents.exams.prompting import ItemPrompts, Material
    from agents.exams.records import PassageRecord
    from llm.prompts import PromptLibrary

    exam = import_exam(data / "exams" / "all" / "mmlu.dev.jsonl")
    items = [item for item in exam.items if len(item.options) == len(LETTERS)]
    prompts = ItemPrompts(PromptLibrary())
    texts = iter(read_passages(data, ITEMS[kind] * PASSAGES))
    made: Prompts = []
    for item in items[: ITEMS[kind]]:
        passages = _take(texts) if kind == "passages" else ()
        material = Material(passages=tuple(PassageRecord(text=text) for text in passages))
        orders = shuffle_orders(item.id, len(item.options), count=ORDERS, seed=0)
        made.append([prompts.choice(item, order, material) for order in orders])
    return made


def _take(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice(texts, PASSAGES))
