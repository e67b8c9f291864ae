"""How fast exams are scored by likelihood, beside plain loops of llama-cpp-python over the same prompts.

- *closed*: items by themselves. *passages*: with five passages before the question, others for each item.
- *orders*: four orders of an item, one after the other. *single*: the order of the file. *rounds*: all items
  in one order, then all in the next, as four runs would ask them.
- plain: ``Llama(logits_all=True)``, which llama-cpp-python needs for log probabilities. *lean*: without it,
  and the last row of logits taken past its interface. Both reuse what a prompt has in common with the last.
"""

import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.decode import read_passages
from app.benchmarks.plain_generation import PlainModel, open_plain_model
from app.errors import AppError
from llm.types import Message, RuntimeOptions, Scored

if TYPE_CHECKING:
    from llm.chat_model import ChatModel
    from llm.types import ModelRow

N_CTX = 2048
LETTERS = tuple("ABCD")
ORDERS = 4
ITEMS = {"closed": 12, "passages": 3}
PASSAGES = 5
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
        with open_plain_model(row.path, N_CTX) as lean:
            orders_lean, single_lean = _compare(model, lean, prompts), _compare(model, lean, _firsts(prompts))
            rounds = [[item[order]] for order in range(ORDERS) for item in prompts]
            seconds = _weigh(lean, rounds)[1]
    finally:
        model.close()
    return {
        "orders_speedup": orders["speedup"],
        "single_speedup": single["speedup"],
        "orders_speedup_lean": orders_lean["speedup"],
        "single_speedup_lean": single_lean["speedup"],
        "rounds_speedup_lean": seconds / orders_lean["ours"],
        "seconds_an_item": orders_lean["ours"] / len(prompts),
        "same_choices": orders_lean["same"],
        "near_ties": orders_lean["near"],
        "prompts": orders_lean["prompts"],
    }


def _compare(model: "ChatModel", plain: PlainModel, prompts: Prompts) -> dict[str, float]:
    """Score item by item, in turns, so that what else the machine does meets both alike."""
    _score(model, prompts[0])
    _weigh(plain, prompts[:1])
    ours: list[float] = []
    theirs: list[float] = []
    same = near = count = 0
    for item in prompts:
        mine, seconds = _score(model, item)
        ours.append(seconds)
        rows, seconds = _weigh(plain, [item])
        theirs.append(seconds)
        for one, other in zip(mine, rows, strict=True):
            count += 1
            best, second = sorted(other, reverse=True)[:2]
            is_same = one.index(max(one)) == other.index(best)
            same += is_same
            near += not is_same and best - second < NEAR_TIE
    return {
        "ours": sum(ours),
        "speedup": mean(theirs) / mean(ours),
        "same": same,
        "near": near,
        "prompts": count,
    }


def _score(model: "ChatModel", item: Sequence[Sequence[Message]]) -> tuple[list[list[float]], float]:
    started = perf_counter()
    events = model.score(item, answers=LETTERS, is_repeatable=True, cancel=threading.Event())
    rows = [list(event.log_probabilities) for event in events if isinstance(event, Scored)]
    return rows, perf_counter() - started


def _weigh(plain: PlainModel, items: Prompts) -> tuple[list[list[float]], float]:
    return plain.weigh([prompt for item in items for prompt in item], LETTERS)


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
