"""Node: say that the library does not hold the answer, and show what comes nearest."""

from agents.answer import AnswerStatus, NearestSource
from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult

ABSTENTION = "The library does not seem to hold the answer to this question."
"""The one sentence of an abstention: shown, printed and tested."""

NEAREST = 3
"""Sources shown with an abstention."""


def abstain(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """List the nearest sources, most similar first."""
    hits = sorted(state["hits"], key=lambda hit: hit.similarity, reverse=True)[:NEAREST]
    nearest = tuple(
        NearestSource(
            document=hit.document.id,
            file=hit.document.file,
            title=hit.document.title,
            page=hit.page,
            start=hit.chunk.spans[0].start,
            end=hit.chunk.spans[0].end,
            similarity=round(hit.similarity, 4),
            year=hit.document.year,
        )
        for hit in hits
    )
    return StepResult(
        update={"status": AnswerStatus.ABSTAINED, "nearest": nearest, "text": ABSTENTION},
        details={"nearest": len(nearest)},
    )
