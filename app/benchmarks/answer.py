"""What an answer costs and what it is worth: the agents, copying, faithfulness, abstention.

Parts can be run by themselves; ``chain`` is the one that compares AddRep with the published fixed chain.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.benchmarks import (
    answer_abstention,
    answer_agents,
    answer_chain,
    answer_copying,
    answer_faithfulness,
    answer_judgement,
    answer_reading,
    answer_sentences,
)
from app.benchmarks.answer_rows import RowFile
from app.benchmarks.answer_sets import Bench, bioasq_library
from app.errors import AppError

if TYPE_CHECKING:
    from agents.answer import Method
    from llm.chat_model import ChatModel

METHODS = ("cp-order", "cp-link", "quote", "attributed", "citations", "cp-refine")
SLOW_METHODS = ("cp-refine",)
"""For which a quarter of the items has to do."""
TIMEQA = "timeqa"


def measure(
    models: Path,
    data: Path,
    *,
    model: str | None = None,
    questions: int = 6,
    parts: tuple[str, ...] = (),
    methods: tuple[str, ...] = (),
    sets: tuple[str, ...] = (),
    rows: Path | None = None,
    minutes: float = math.inf,
) -> dict[str, Any]:
    """Run the parts, all by default, with the largest model or the one that is named.

    Args:
        models: the models folder.
        data: development data.
        model: name of the chat model.
        questions: asked of each set; ``faithfulness`` takes five times as many.
        parts: of :data:`PARTS`.
        methods: that ``copying`` and ``faithfulness`` compare, all by default.
        sets: that they ask, all by default.
        rows: a file to which they add a line for every answer; what stands in it is not answered again.
        minutes: after which they begin no other answer; the figures are those of the rows there are.

    Raises:
        AppError: there is no such model.
    """
    bench = Bench(
        models=models,
        data=data,
        model=model or _largest(models),
        questions=questions,
        methods=methods,
        sets=sets,
        rows=RowFile(rows, minutes=minutes),
    )
    figures: dict[str, Any] = {"model": bench.model}
    for part in parts or tuple(PARTS):
        found = PARTS[part](bench)
        if part == "chain":  # the figures of the contract stand at the top
            figures |= {name: value for name, value in found.items() if not isinstance(value, dict)}
        figures[part] = found
    return figures


def _chain(bench: Bench) -> dict[str, Any]:
    return answer_chain.measure(bench)


def _agents(bench: Bench) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_agents.measure(bench, model)


def _judgement(bench: Bench) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_judgement.measure(bench, model)


def _reading(bench: Bench) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_reading.measure(bench, model)


def _sentences(bench: Bench) -> dict[str, Any]:
    return answer_sentences.measure(bench.models, bench.data)


def _abstention(bench: Bench) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_abstention.measure(bench, model)


def _copying(bench: Bench) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_copying.measure(bench, model, _methods(bench, METHODS))


def _faithfulness(bench: Bench) -> dict[str, Any]:
    """Answer from altered texts by every method; by a slow one a quarter of them."""
    count = 5 * bench.questions
    sets = [name for name in (*answer_faithfulness.FILES, TIMEQA) if not bench.sets or name in bench.sets]
    altered = [name for name in sets if name != TIMEQA]
    methods = _methods(bench, METHODS)
    fast = [method for method in methods if method not in SLOW_METHODS]
    slow = [method for method in methods if method in SLOW_METHODS]
    figures: dict[str, Any] = {}
    with _model(bench) as model, bioasq_library(bench) as library:
        for chosen, number in ((fast, count), (slow, count // 4)):
            figures = answer_faithfulness.measure(
                bench, model, library, chosen, dict.fromkeys(altered, number)
            )
        if TIMEQA in sets:
            figures[TIMEQA] = answer_faithfulness.measure_unknown(bench, model, library, methods, count)
    return figures


def _methods(bench: Bench, names: Sequence[str]) -> "list[Method]":
    from agents.answer import Method

    return [Method(name) for name in names if not bench.methods or name in bench.methods]


PARTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "chain": _chain,
    "agents": _agents,
    "judgement": _judgement,
    "reading": _reading,
    "sentences": _sentences,
    "abstention": _abstention,
    "copying": _copying,
    "faithfulness": _faithfulness,
}


@contextmanager
def _model(bench: Bench) -> "Iterator[ChatModel]":
    from llm.model_store import ModelStore
    from llm.types import RuntimeOptions
    from llm.worker import ModelProcess

    row = ModelStore(bench.models).find(bench.model)
    model = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=answer_chain.N_CTX))
    try:
        model.load()
        yield model
    finally:
        model.close()


def _largest(models: Path) -> str:
    from llm.model_store import ModelStore

    rows = [row for row in ModelStore(models).rows() if row.problem is None and row.has_chat_template]
    if not rows:
        raise AppError("There is no chat model to measure; add one with: bedside models add FILE")
    return max(rows, key=lambda row: row.n_params).name
