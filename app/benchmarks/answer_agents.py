"""The agents one by one: what the evidence is without each of them, and what it costs.

Follow-up questions are a set of their own, as refinement has nothing to do elsewhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.benchmarks.answer_chain import read_sentences
from app.benchmarks.answer_rows import Row
from app.benchmarks.answer_sets import (
    SETS,
    Bench,
    draw_follow_ups,
    make_context,
    medquad_library,
    pending,
)
from app.benchmarks.intervals import mean_interval
from app.benchmarks.process_tree import own_cpu_seconds
from app.benchmarks.retrieval_sets import FollowUp

if TYPE_CHECKING:
    from agents.context import AddRepSettings, AnswerContext
    from llm.chat_model import ChatModel
    from rag.library import Library

PART = "agents"
ALL = "all"
FOLLOW_UPS = "follow-ups"


def measure(bench: Bench, model: "ChatModel") -> dict[str, Any]:
    """Return by choice of agents how often gold is read, what it takes, and how often anything changes."""
    choices = list_choices()
    sets = {**SETS, FOLLOW_UPS: (medquad_library, draw_follow_ups)}
    for library, asked, key in pending(bench, PART, sets, choices):
        each = asked if isinstance(asked, FollowUp) else FollowUp(earlier="", question=asked)
        context = _make_context(each, library, model, bench, choices[key["method"]])
        bench.rows.add(key | _look(each, context))
    return {name: _compare(bench.rows.select(model=bench.model, part=PART, set=name)) for name in sets}


def list_choices() -> "dict[str, AddRepSettings]":
    """Return all agents, all but each of them, and none."""
    from agents.context import AddRepSettings, Agent, Divergence

    full = AddRepSettings()
    return {
        ALL: full,
        **{f"without {agent}": full.without([agent]) for agent in Agent},
        "sub-questions never": replace(full, divergence=Divergence.NEVER),
        "sub-questions always": replace(full, divergence=Divergence.ALWAYS),
        "none": replace(full, divergence=Divergence.NEVER).without(list(Agent)),
    }


def _make_context(
    asked: FollowUp, library: "Library", model: "ChatModel", bench: Bench, settings: "AddRepSettings"
) -> "AnswerContext":
    context = make_context(library, model, bench)
    context = replace(context, settings=replace(context.settings, addrep=settings))
    return _with_history(asked.earlier, context) if asked.earlier else context


def _with_history(earlier: str, context: "AnswerContext") -> "AnswerContext":
    """Let a question have been asked before, which was not answered."""
    from agents.answer import Answer, AnswerStatus
    from agents.history import History

    history = History(Path(":memory:"))
    conversation = history.create(earlier).id
    answer = Answer(
        question=earlier,
        standalone=earlier,
        answer="",
        status=AnswerStatus.ABSTAINED,
        arm=context.arm,
        method=context.method,
        model=context.model.name,
    )
    history.append(conversation, answer)
    return replace(context, history=history, conversation=conversation)


def _look(asked: FollowUp, context: "AnswerContext") -> Row:
    from agents.evidence import gather_evidence

    started, cpu = perf_counter(), own_cpu_seconds()
    evidence = gather_evidence(asked.question.text, context=context)
    seconds, cpu = perf_counter() - started, own_cpu_seconds() - cpu
    texts = read_sentences(evidence, asked.question, context)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "is_sufficient": evidence.is_sufficient,
        "chunks": sorted(hit.chunk.id for hit in evidence.hits),
        "sentences": len(texts),
        "holds_gold": any(map(asked.question.is_gold, texts)),
    }


def _compare(rows: Sequence[Row]) -> dict[str, Any]:
    whole = {row["id"]: row for row in rows if row["method"] == ALL}
    return {
        choice: _summarise([row for row in rows if row["method"] == choice and row["id"] in whole], whole)
        for choice in dict.fromkeys(row["method"] for row in rows)
    }


def _summarise(rows: Sequence[Row], whole: dict[str, Row]) -> dict[str, Any]:
    """Say what was found, and for how many questions passages or decision are other than with all."""
    gold = [float(row["holds_gold"]) for row in rows]
    return {
        "n": len(rows),
        "evidence_recall": mean(gold),
        "evidence_recall_interval": mean_interval(gold),
        "sufficient": mean(row["is_sufficient"] for row in rows),
        "sentences": mean(row["sentences"] for row in rows),
        "seconds": mean(row["seconds"] for row in rows),
        "cpu_seconds": mean(row["cpu_seconds"] for row in rows),
        "other_passages": sum(row["chunks"] != whole[row["id"]]["chunks"] for row in rows),
        "other_decision": sum(row["is_sufficient"] != whole[row["id"]]["is_sufficient"] for row in rows),
    }
