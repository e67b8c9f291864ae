"""Node: is what was found enough to answer from?"""

from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult


def judge(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Compare the best passage's cosine similarity with the floor.

    The fused rank score cannot tell "nothing fits" from "one fits": the first rank is always the first rank.
    """
    best = max((hit.similarity for hit in state["hits"]), default=0.0)
    floor = context.settings.similarity_floor
    return StepResult(
        update={"is_sufficient": best >= floor},
        details={"best_similarity": round(best, 4), "floor": floor, "is_sufficient": best >= floor},
    )
