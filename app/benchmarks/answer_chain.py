"""AddRep beside the published fixed chain: time, calls, and whether the evidence is among what is kept.

Both search the same library with the same search and run the same model on the same machine, question by
question in turns. A row is kept of each, so that a run that was ended goes on where it was.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import SETS, Bench, holds_gold, make_context, pending
from app.benchmarks.fixed_chain import run_chain
from app.benchmarks.intervals import mean_interval
from app.benchmarks.plain_generation import PlainModel, open_plain_model
from app.benchmarks.process_tree import own_cpu_seconds
from app.benchmarks.sentence_sets import SentenceQuestion

if TYPE_CHECKING:
    from agents.answer import Answer
    from agents.context import AnswerContext
    from agents.evidence import Evidence
    from llm.chat_model import ChatModel
    from rag.library import Library

N_CTX = 4096
PART, METHOD = "chain", "cp-order"
_ASKING = ("divergent_thinking", "select", "compose", "write")
"""Steps that ask the model once."""


def measure(bench: Bench) -> dict[str, Any]:
    """Return the figures of both sets together, and of each by itself."""
    from llm.model_store import ModelStore
    from llm.types import RuntimeOptions
    from llm.worker import ModelProcess

    row = ModelStore(bench.models).find(bench.model)
    ours = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=N_CTX))
    try:
        ours.load()
        with open_plain_model(row.path, N_CTX) as plain:
            for library, question, key in pending(bench, PART, SETS, [METHOD]):
                bench.rows.add(key | _compare(question, library, ours, plain, bench))
    finally:
        ours.close()
    by_set = {name: bench.rows.select(model=bench.model, part=PART, set=name) for name in SETS}
    figures = _summarise([row for rows in by_set.values() for row in rows])
    return figures | {name: _summarise(rows) for name, rows in by_set.items()}


def _compare(
    question: SentenceQuestion, library: "Library", ours: "ChatModel", plain: PlainModel, bench: Bench
) -> Row:
    context = make_context(library, ours, bench)
    started, cpu = perf_counter(), own_cpu_seconds()
    answer = find_answer(question.text, context)
    seconds, cpu = perf_counter() - started, own_cpu_seconds() - cpu
    chain_cpu = own_cpu_seconds()
    chain = run_chain(question.text, library, plain)
    chain_cpu = own_cpu_seconds() - chain_cpu
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "status": answer.status.value,
        "steps": [step["step"] for step in answer.trace],
        "calls": _count_calls(answer),
        "tokens": answer.tokens.prompt,
        "holds_gold": reads_gold(question, make_context(library, ours, bench)),
        "chain_seconds": chain.seconds,
        "chain_cpu_seconds": chain_cpu,
        "chain_calls": chain.calls,
        "chain_tokens": chain.prompt_tokens,
        "chain_holds_gold": holds_gold(chain.kept, question),
        "chain_kept": len(chain.kept),
    }


def find_answer(question: str, context: "AnswerContext") -> "Answer":
    """Return the answer to a question."""
    from agents.events import AnswerFinished
    from agents.service import answer_question

    *_, last = answer_question(question, context=context)
    assert isinstance(last, AnswerFinished)  # noqa: S101 - it always ends with one
    return last.answer


def _count_calls(answer: "Answer") -> int:
    """Count what the model was asked: forks of one reading are one call, as they are read together."""
    steps = [row["step"] for row in answer.trace]
    asked = sum(bool(row.get("by_model") or row.get("asked")) for row in answer.trace)
    return asked + sum(step in _ASKING for step in steps)


def reads_gold(question: SentenceQuestion, context: "AnswerContext") -> bool:
    """Tell whether a gold sentence is among what is read, of the passages that are kept."""
    from agents.evidence import gather_evidence

    evidence = gather_evidence(question.text, context=context)
    return any(map(question.is_gold, read_sentences(evidence, question, context)))


def read_sentences(evidence: "Evidence", question: SentenceQuestion, context: "AnswerContext") -> list[str]:
    """Return the sentences that are read to answer from some evidence."""
    from agents.fitting import fit_passages

    searches = sum(row["step"] == "retrieval" for row in evidence.trace)
    reading = fit_passages(question.text, evidence.hits, evidence.log_odds, context, rounds=searches)
    return [excerpt.hit.chunk.text[start:end] for excerpt in reading for start, end in excerpt.sentences]


def _summarise(rows: Sequence[Row]) -> dict[str, Any]:
    if not rows:
        return {"n": 0}
    seconds, chain, cpu, chain_cpu = (
        sum(row[name] for row in rows)
        for name in ("seconds", "chain_seconds", "cpu_seconds", "chain_cpu_seconds")
    )
    gold, chain_gold = ([float(row[name]) for row in rows] for name in ("holds_gold", "chain_holds_gold"))
    edges = Counter(
        f"{before} > {after}"
        for row in rows
        for before, after in zip(row["steps"], row["steps"][1:], strict=False)
    )
    return {
        "n": len(rows),
        "time_ratio_to_fixed_chain": seconds / chain,
        "cpu_ratio_to_fixed_chain": cpu / chain_cpu,
        "seconds": mean(row["seconds"] for row in rows),
        "seconds_fixed_chain": mean(row["chain_seconds"] for row in rows),
        "calls": mean(row["calls"] for row in rows),
        "calls_fixed_chain": mean(row["chain_calls"] for row in rows),
        "evidence_recall": mean(gold),
        "evidence_recall_interval": mean_interval(gold),
        "evidence_recall_fixed_chain": mean(chain_gold),
        "evidence_recall_fixed_chain_interval": mean_interval(chain_gold),
        "evidence_recall_difference_interval": mean_interval(
            [one - other for one, other in zip(gold, chain_gold, strict=True)]
        ),
        "abstained": sum(row["status"] == "abstained" for row in rows),
        "edges": dict(edges),
    }
