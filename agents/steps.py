"""Nodes are plain functions; this makes them steps of a graph that are timed, told and kept in the trace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol, cast

from langgraph.runtime import Runtime

from agents.context import AnswerContext, Emit
from agents.events import AnswerFinished, StepFinished, StepStarted
from agents.state import AnswerState


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What a node changes in the state, and what it counted on the way."""

    update: AnswerState
    details: Mapping[str, object] = field(default_factory=dict)
    outcome: AnswerFinished | None = None
    """Told after the end of the step, as the last event of all."""


Node = Callable[[AnswerState, AnswerContext, Emit], StepResult]


class Step(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: AnswerState, *, runtime: Runtime[AnswerContext]) -> AnswerState:
        """Run the node and return what changes in the state."""
        ...


def as_step(name: str, node: Node) -> Step:
    """Wrap a node for LangGraph: its events go to the custom stream, its time and counts into the trace."""

    def run(state: AnswerState, *, runtime: Runtime[AnswerContext]) -> AnswerState:
        emit = runtime.stream_writer
        emit(StepStarted(step=name))
        started = perf_counter()
        result = node(state, runtime.context, emit)
        seconds = perf_counter() - started
        emit(StepFinished(step=name, seconds=seconds, details=result.details))
        if result.outcome is not None:
            emit(result.outcome)
        row: dict[str, Any] = {"step": name, "seconds": round(seconds, 4), **result.details}
        return cast(AnswerState, {**result.update, "trace": (row,)})

    return run
