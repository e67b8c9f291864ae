"""AddRep beside the published fixed chain: time, calls, and whether the evidence is among what is kept.

Both search the same library with the same search and run the same model on the same machine, question by
question in turns. Then the agents one by one: what each brings and costs, and how often each edge was taken.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_sets import (
    Bench,
    bioasq_library,
    draw_bioasq,
    draw_medquad,
    holds_gold,
    make_context,
    medquad_library,
)
from app.benchmarks.fixed_chain import ChainRun, run_chain
from app.benchmarks.intervals import mean_interval
from app.benchmarks.plain_generation import PlainModel, open_plain_model
from app.benchmarks.sentence_sets import SentenceQuestion

if TYPE_CHECKING:
    from agents.context import AddRepSettings, AnswerContext
    from agents.evidence import Evidence
    from llm.chat_model import ChatModel
    from rag.library import Library

N_CTX = 4096


def measure(bench: Bench) -> dict[str, Any]:
    """Return the figures of both sets together, and of each by itself."""
    from llm.model_store import ModelStore
    from llm.types import RuntimeOptions
    from llm.worker import ModelProcess

    row = ModelStore(bench.models).find(bench.model)
    ours = ModelProcess(row.path, name=row.name, options=RuntimeOptions(n_ctx=N_CTX))
    sets: dict[str, tuple[AbstractContextManager[Library], list[SentenceQuestion]]] = {
        "bioasq": (bioasq_library(bench), draw_bioasq(bench.data, bench.questions)),
        "medquad": (medquad_library(bench), draw_medquad(bench.data, bench.questions)),
    }
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {}
    try:
        ours.load()
        with open_plain_model(row.path, N_CTX) as plain:
            for name, (opened, questions) in sets.items():
                with opened as library:
                    new = [_compare(question, library, ours, plain, bench) for question in questions]
                    figures[name] = _summarise(new) | {
                        "arms": _compare_agents(questions, library, ours, bench)
                    }
                    rows += new
    finally:
        ours.close()
    return _summarise(rows) | figures


def _compare(
    question: SentenceQuestion, library: "Library", ours: "ChatModel", plain: PlainModel, bench: Bench
) -> dict[str, Any]:
    from agents.events import AnswerFinished
    from agents.evidence import gather_evidence
    from agents.service import answer_question

    context = make_context(library, ours, bench)
    evidence = gather_evidence(question.text, context=context)
    started = perf_counter()
    answers = [
        event.answer
        for event in answer_question(question.text, context=make_context(library, ours, bench))
        if isinstance(event, AnswerFinished)
    ]
    seconds = perf_counter() - started
    chain: ChainRun = run_chain(question.text, library, plain)
    return {
        "id": question.id,
        "seconds": seconds,
        "status": answers[0].status.value,
        "steps": [step["step"] for step in answers[0].trace],
        "tokens": answers[0].tokens.prompt,
        "holds_gold": _reads_gold(evidence, question, context),
        "chain_seconds": chain.seconds,
        "chain_calls": chain.calls,
        "chain_tokens": chain.prompt_tokens,
        "chain_holds_gold": holds_gold(chain.kept, question),
        "chain_kept": len(chain.kept),
    }


def _reads_gold(evidence: "Evidence", question: SentenceQuestion, context: "AnswerContext") -> bool:
    """Tell whether a gold sentence is among what is read to answer."""
    from agents.fitting import fit_passages

    searches = sum(row["step"] == "retrieval" for row in evidence.trace)
    reading = fit_passages(question.text, evidence.hits, evidence.log_odds, context, rounds=searches)
    return any(
        question.is_gold(excerpt.hit.chunk.text[start:end])
        for excerpt in reading
        for start, end in excerpt.sentences
    )


def _summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ours, chain = (sum(row[name] for row in rows) for name in ("seconds", "chain_seconds"))
    edges = Counter(
        f"{before} > {after}"
        for row in rows
        for before, after in zip(row["steps"], row["steps"][1:], strict=False)
    )
    return {
        "n": len(rows),
        "time_ratio_to_fixed_chain": ours / chain,
        "seconds": mean(row["seconds"] for row in rows),
        "seconds_fixed_chain": mean(row["chain_seconds"] for row in rows),
        "calls_fixed_chain": mean(row["chain_calls"] for row in rows),
        "evidence_recall": mean(row["holds_gold"] for row in rows),
        "evidence_recall_interval": mean_interval([float(row["holds_gold"]) for row in rows]),
        "evidence_recall_fixed_chain": mean(row["chain_holds_gold"] for row in rows),
        "evidence_recall_fixed_chain_interval": mean_interval(
            [float(row["chain_holds_gold"]) for row in rows]
        ),
        "abstained": sum(row["status"] == "abstained" for row in rows),
        "edges": dict(edges),
    }


def _compare_agents(
    questions: Sequence[SentenceQuestion], library: "Library", ours: "ChatModel", bench: Bench
) -> dict[str, Any]:
    """Return recall and seconds to the evidence with one agent more each time, and without each."""
    from agents.evidence import gather_evidence

    figures: dict[str, Any] = {}
    for name, settings in _ladder().items():
        context = make_context(library, ours, bench)
        context = replace(context, settings=replace(context.settings, addrep=settings))
        started = perf_counter()
        found = [gather_evidence(question.text, context=context) for question in questions]
        figures[name] = {
            "evidence_recall": mean(
                _reads_gold(evidence, question, context)
                for evidence, question in zip(found, questions, strict=True)
            ),
            "sufficient": mean(evidence.is_sufficient for evidence in found),
            "passages": mean(len(evidence.hits) for evidence in found),
            "seconds": (perf_counter() - started) / len(questions),
        }
    return figures


def _ladder() -> "dict[str, AddRepSettings]":
    from agents.context import AddRepSettings, Divergence

    naive = AddRepSettings(refinement=False, divergence=Divergence.NEVER, judgement=False, max_rounds=1)
    refined = replace(naive, refinement=True)
    divergent = replace(refined, divergence=Divergence.ALWAYS)
    judged = replace(divergent, judgement=True)
    return {
        "naive": naive,
        "+refinement": refined,
        "+divergent": divergent,
        "+judgement": judged,
        "+loop": AddRepSettings(),
    }
