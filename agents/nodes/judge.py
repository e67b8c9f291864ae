"""Node: is what was found enough to answer from?"""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.passages import number_sentences
from agents.state import AnswerState
from agents.steps import StepResult
from rag.errors import Cancelled


def judge(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Compare the cosine similarity of the question and the best sentence with the floor.

    The fused rank score cannot tell "nothing fits" from "one fits": the first rank is always the first rank.
    A whole chunk's similarity sinks with all that stands around its one good sentence (see docs/methods.md).
    """
    candidates = number_sentences(state["hits"])
    texts = [candidate.text for candidate in candidates]
    try:
        similarities = context.library.similarities(state["question"], texts, cancel=context.cancel)
    except Cancelled:
        return StepResult(update={"is_sufficient": False, "status": AnswerStatus.PARTIAL})
    best = max(similarities, default=0.0)
    is_sufficient = best >= context.settings.similarity_floor
    return StepResult(
        update={"similarities": tuple(similarities), "is_sufficient": is_sufficient},
        details={
            "best_similarity": round(best, 4),
            "floor": context.settings.similarity_floor,
            "is_sufficient": is_sufficient,
        },
    )
