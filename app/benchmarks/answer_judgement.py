"""Does the model's grade of a passage tell gold from the rest, beside the score of the search alone?

AUROC within each question, over the passages that are read; both fused by the sum of their ranks.
"""

from collections.abc import Sequence
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import SETS, Bench, holds_gold, make_context, pending
from app.benchmarks.intervals import auroc, mean_interval
from app.benchmarks.sentence_sets import SentenceQuestion

if TYPE_CHECKING:
    from agents.context import AnswerContext
    from llm.chat_model import ChatModel

PART, METHOD = "judgement", "grade"
SCORES = ("search", "grade", "both")


def measure(bench: Bench, model: "ChatModel") -> dict[str, Any]:
    """Return by set, and of all questions, the mean AUROC of the grade, of the search, and of both."""
    for library, question, key in pending(bench, PART, SETS, [METHOD]):
        bench.rows.add(key | _grade(question, make_context(library, model, bench)))
    by_set = {name: bench.rows.select(model=bench.model, part=PART, set=name) for name in SETS}
    everything = [row for rows in by_set.values() for row in rows]
    return _summarise(everything) | {name: _summarise(rows) for name, rows in by_set.items()}


def _grade(question: SentenceQuestion, context: "AnswerContext") -> Row:
    """Search, rank and grade as arm ``addrep`` does with a model that is calibrated to be asked."""
    from agents.calibrating import reading_all
    from agents.evidence import begin_state
    from agents.nodes.relevance_judgement import grade, read_for_grading
    from agents.nodes.retrieval import retrieval
    from agents.nodes.sentence_ranking import sentence_ranking

    context = reading_all(context)
    state = begin_state(question.text)
    for node in (retrieval, sentence_ranking):
        state |= node(state, context, lambda _: None).update
    reading = read_for_grading(state, context)
    started = perf_counter()
    grades, tokens, _ = grade(reading, range(1, len(reading) + 1), question.text, context, lambda _: None)
    return {
        "seconds": perf_counter() - started,
        "tokens": tokens.prompt,
        "search": [state["scores"].get(excerpt.hit.chunk.id, 0.0) for excerpt in reading],
        "grade": grades[:-1],
        "is_gold": [holds_gold([excerpt.hit], question) for excerpt in reading],
    }


def _summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Take the questions that have gold among their passages, and others."""
    told = [row for row in rows if any(row["is_gold"]) and not all(row["is_gold"])]
    found = {name: [_auroc(_scores(row, name), row["is_gold"]) for row in told] for name in SCORES}
    figures: dict[str, Any] = {"n": len(told), "passages": sum(len(row["grade"]) for row in told)}
    for name, values in found.items():
        if values:
            figures |= {f"auroc_{name}": mean(values), f"auroc_{name}_interval": mean_interval(values)}
    if told:
        difference = [both - alone for both, alone in zip(found["both"], found["search"], strict=True)]
        figures["difference_interval"] = mean_interval(difference)
        figures["seconds"] = mean(row["seconds"] for row in told)
    return figures


def _scores(row: Row, name: str) -> list[float]:
    if name != "both":
        return list(row[name])
    ranks = [_rank(row[part]) for part in ("search", "grade")]
    return [-sum(pair) for pair in zip(*ranks, strict=True)]


def _rank(values: Sequence[float]) -> list[float]:
    """Return the rank of each, the best being 0; equals share theirs."""
    return [
        sum(other > value for other in values) + (sum(other == value for other in values) - 1) / 2
        for value in values
    ]


def _auroc(scores: Sequence[float], is_gold: Sequence[bool]) -> float:
    return auroc(
        [score for score, gold in zip(scores, is_gold, strict=True) if gold],
        [score for score, gold in zip(scores, is_gold, strict=True) if not gold],
    )
