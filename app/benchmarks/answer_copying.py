"""How much of an answer is copied, whether its quotes are verbatim, and what nothing supports."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_chain import find_answer
from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import (
    Bench,
    DrawSet,
    OpenSet,
    bioasq_library,
    draw_bioasq,
    draw_pubmedqa,
    make_context,
    pending,
    pubmedqa_library,
)
from app.benchmarks.intervals import mean_interval

if TYPE_CHECKING:
    from agents.answer import Answer, Method
    from llm.chat_model import ChatModel

PART = "copying"
SETS: Mapping[str, tuple[OpenSet, DrawSet]] = {
    "bioasq": (bioasq_library, draw_bioasq),
    "pubmedqa": (pubmedqa_library, draw_pubmedqa),
}


def measure(bench: Bench, model: "ChatModel", methods: "Sequence[Method]") -> dict[str, Any]:
    """Return figures ``{set: {method: {n, answered, coverage, ...}}}`` of the rows there are.

    Answers that have no row yet are made first, until the bench's time is over.

    Args:
        bench: models, data and rows.
        model: that answers.
        methods: of the answers.
    """
    sets = {name: each for name, each in SETS.items() if not bench.sets or name in bench.sets}
    by_name = {method.value: method for method in methods}
    for library, question, key in pending(bench, PART, sets, by_name):
        context = make_context(library, model, bench, method=by_name[key["method"]])
        bench.rows.add(key | _count(find_answer(question.text, context)))
    return {name: _summarise(bench.rows.select(model=bench.model, part=PART, set=name)) for name in sets}


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
