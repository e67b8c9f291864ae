"""Node: passages for the question, from the library. No model call."""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult
from rag.errors import Cancelled


def retrieve(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Search the library with the question as it was asked; stopped, there are no hits."""
    try:
        result = context.library.search(
            state["question"],
            top_k=context.settings.top_k,
            documents=context.documents,
            cancel=context.cancel,
        )
    except Cancelled:
        return StepResult(update={"hits": (), "status": AnswerStatus.PARTIAL})
    return StepResult(
        update={"hits": result.hits, "retrieval_seconds": result.seconds},
        details={
            "hits": [
                {
                    "document": hit.document.id,
                    "title": hit.document.title,
                    "page": hit.page,
                    "score": round(hit.score, 5),
                    "similarity": round(hit.similarity, 4),
                }
                for hit in result.hits
            ]
        },
    )
