"""How much of an answer is copied, whether its quotes are verbatim, and what nothing supports."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import (
    Bench,
    bioasq_library,
    draw_bioasq,
    draw_pubmedqa,
    make_context,
    pubmedqa_library,
)
from app.benchmarks.intervals import mean_interval
from app.benchmarks.sentence_sets import SentenceQuestion
from app.errors import AppError

if TYPE_CHECKING:
    from agents.answer import Answer, Method
    from llm.chat_model import ChatModel
    from rag.library import Library

_PART = "copying"
_DRAW: Mapping[str, Callable[[Path, int], list[SentenceQuestion]]] = {
    "bioasq": draw_bioasq,
    "pubmedqa": draw_pubmedqa,
}


def measure(bench: Bench, model: "ChatModel", methods: "Sequence[Method]") -> dict[str, Any]:
    """Return figures ``{set: {method: {n, answered, coverage, ...}}}`` of the rows there are.

    Answers that have no row yet are made first, until the bench's time is over.

    Args:
        bench: models, data and rows.
        model: that answers.
        methods: of the answers.
    """
    libraries: Mapping[str, Callable[[Bench], AbstractContextManager[Library]]] = {
        "bioasq": bioasq_library,
        "pubmedqa": pubmedqa_library,
    }
    figures: dict[str, Any] = {}
    for name in (each for each in _DRAW if not bench.sets or each in bench.sets):
        left = _find_left(name, bench, methods)
        if left and not bench.rows.is_over:
            with libraries[name](bench) as library:
                _add_rows(name, left, bench, model, library)
        figures[name] = _summarise(bench.rows.select(model=bench.model, part=_PART, set=name))
    return figures


def _find_left(
    name: str, bench: Bench, methods: "Sequence[Method]"
) -> "list[tuple[SentenceQuestion, Method]]":
    return [
        (question, method)
        for question in _DRAW[name](bench.data, bench.questions)
        for method in methods
        if not bench.rows.holds(model=bench.model, part=_PART, set=name, id=question.id, method=method.value)
    ]


def _add_rows(
    name: str,
    left: "Sequence[tuple[SentenceQuestion, Method]]",
    bench: Bench,
    model: "ChatModel",
    library: "Library",
) -> None:
    for question, method in left:
        if bench.rows.is_over:
            return
        answer = _answer(question.text, method, bench, model, library)
        key = {"model": bench.model, "part": _PART, "set": name, "id": question.id, "method": method.value}
        bench.rows.add(key | _count(answer))


def _answer(
    question: str, method: "Method", bench: Bench, model: "ChatModel", library: "Library"
) -> "Answer":
    from agents.events import AnswerFinished
    from agents.service import answer_question

    for event in answer_question(question, context=make_context(library, model, bench, method=method)):
        if isinstance(event, AnswerFinished):
            return event.answer
    raise AppError("The answer did not come to its end.")


def _count(answer: "Answer") -> Row:
    from agents.answer import FlagKind

    quotes = [citation for sentence in answer.sentences for citation in sentence.citations]
    flags = [{flag.kind for flag in sentence.flags} for sentence in answer.sentences]
    dropped = [kind for step in answer.trace if step["step"] == "check" for kind in step["dropped"]]
    return {
        "status": answer.status.value,
        "sentences": len(answer.sentences),
        "coverage": round(answer.copying.coverage, 3),
        "density": round(answer.copying.density, 2),
        "quotes": len(quotes),
        "verbatim": sum(quote.verbatim for quote in quotes),
        "unsupported": sum(FlagKind.UNSUPPORTED in kinds for kinds in flags),
        "flagged": sum(map(bool, flags)),
        "dropped": len(dropped),
        "seconds": round(answer.seconds.total, 2),
    }


def _summarise(rows: Sequence[Row]) -> dict[str, Any]:
    methods = dict.fromkeys(row["method"] for row in rows)
    return {method: _rate([row for row in rows if row["method"] == method]) for method in methods}


def _rate(rows: Sequence[Row]) -> dict[str, Any]:
    given = [row for row in rows if row["sentences"]]
    quotes = sum(row["quotes"] for row in given)

    def average(name: str) -> float:
        return mean([row[name] for row in given] or [0.0])

    return {
        "n": len(rows),
        "answered": len(given),
        "coverage": average("coverage"),
        "coverage_interval": mean_interval([row["coverage"] for row in given]),
        "density": average("density"),
        "density_interval": mean_interval([row["density"] for row in given]),
        "quotes": quotes,
        "verbatim": sum(row["verbatim"] for row in given) / quotes if quotes else None,
        "sentences": average("sentences"),
        "unsupported_sentences": average("unsupported"),
        "flagged_sentences": average("flagged"),
        "dropped_sentences": average("dropped"),
        "seconds": mean(row["seconds"] for row in rows),
    }
