"""What an answer costs and what it is worth: the agents, copying, faithfulness, abstention.

Parts can be run by themselves; ``chain`` is the one that compares AddRep with the published fixed chain.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks import answer_abstention, answer_chain, answer_faithfulness, answer_sentences
from app.benchmarks.answer_sets import Bench, bioasq_library, draw_bioasq, make_context
from app.errors import AppError

if TYPE_CHECKING:
    from llm.chat_model import ChatModel

METHODS = ("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations")
SLOW_METHODS = ("cp-refine",)
"""For which a quarter of the items has to do."""


def measure(
    models: Path,
    data: Path,
    *,
    model: str | None = None,
    questions: int = 6,
    parts: tuple[str, ...] = (),
    rows: Path | None = None,
) -> dict[str, Any]:
    """Run the parts, all by default, with the largest model or the one that is named.

    Args:
        models: the models folder.
        data: development data.
        model: name of the chat model.
        questions: asked of each set in ``chain`` and ``copying``; ``faithfulness`` takes five times as many.
        parts: of :data:`PARTS`.
        rows: a file to which a line is added for every answer of ``faithfulness``.

    Raises:
        AppError: there is no such model.
    """
    bench = Bench(models=models, data=data, model=model or _largest(models), questions=questions)
    figures: dict[str, Any] = {"model": bench.model}
    for part in parts or tuple(PARTS):
        found = PARTS[part](bench, rows)
        if part == "chain":  # the figures of the contract stand at the top
            figures |= {name: value for name, value in found.items() if not isinstance(value, dict)}
        figures[part] = found
    return figures


def _chain(bench: Bench, _: Path | None) -> dict[str, Any]:
    return answer_chain.measure(bench)


def _sentences(bench: Bench, _: Path | None) -> dict[str, Any]:
    return answer_sentences.measure(bench.models, bench.data)


def _abstention(bench: Bench, _: Path | None) -> dict[str, Any]:
    with _model(bench) as model:
        return answer_abstention.measure(bench, model)


def _copying(bench: Bench, _: Path | None) -> dict[str, Any]:
    """Coverage and density of each method, share of verbatim quotes, sentences that nothing supports."""
    from agents.answer import Method
    from agents.events import AnswerFinished
    from agents.service import answer_question

    figures: dict[str, Any] = {}
    with _model(bench) as model, bioasq_library(bench) as library:
        for method in METHODS:
            answers = [
                event.answer
                for question in draw_bioasq(bench.data, bench.questions)
                for event in answer_question(
                    question.text, context=make_context(library, model, bench, method=Method(method))
                )
                if isinstance(event, AnswerFinished)
            ]
            given = [answer for answer in answers if answer.sentences]
            quotes = [citation for a in given for sentence in a.sentences for citation in sentence.citations]
            figures[method] = {
                "n": len(answers),
                "answered": len(given),
                "coverage": mean([answer.copying.coverage for answer in given] or [0.0]),
                "density": mean([answer.copying.density for answer in given] or [0.0]),
                "quotes": len(quotes),
                "verbatim": mean([citation.verbatim for citation in quotes] or [0.0]),
                "unsupported_sentences": mean(
                    [sum(bool(sentence.flags) for sentence in answer.sentences) for answer in given] or [0.0]
                ),
                "seconds": mean(answer.seconds.total for answer in answers),
            }
    return figures


def _faithfulness(bench: Bench, rows: Path | None) -> dict[str, Any]:
    from agents.answer import Method

    count = 5 * bench.questions
    fast = [Method(method) for method in METHODS if method not in SLOW_METHODS]
    with _model(bench) as model, bioasq_library(bench) as library:
        counts = {"faitheval": count, "squad": count, "musique": count}
        figures, answers = answer_faithfulness.measure(bench, model, library, fast, counts)
        slow = [Method.ATTRIBUTED, *map(Method, SLOW_METHODS)]
        fewer = {name: number // 4 for name, number in counts.items()}
        slow_figures, more = answer_faithfulness.measure(bench, model, library, slow, fewer)
        for name, by_method in slow_figures.items():
            figures[name] |= {method: by_method[method] for method in SLOW_METHODS}
        figures["timeqa"] = answer_faithfulness.measure_unknown(
            bench, model, library, [Method.CP_ORDER, Method.ATTRIBUTED], count
        )
    if rows is not None:
        with rows.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"model": bench.model, **row}) + "\n" for row in [*answers, *more])
    return figures


PARTS: dict[str, Callable[[Bench, Path | None], dict[str, Any]]] = {
    "chain": _chain,
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
