"""Node: how likely each sentence of what was found is to answer, as far as that is seen without the model."""

from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.passages import number_sentences
from agents.sentence_ranking import score_sentences
from agents.state import AnswerState
from agents.steps import StepResult
from rag.errors import Cancelled


def sentence_ranking(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Compare the question with every sentence; those of an earlier round are not compared again.

    What is read, whether it suffices, and which sentences are chosen all follow from this.
    """
    candidates = number_sentences(state["hits"])
    texts = [candidate.text for candidate in candidates]
    try:
        similarities = _compare(state, texts, context)
    except Cancelled:
        return StepResult(update={"status": AnswerStatus.PARTIAL})
    log_odds = score_sentences(
        candidates,
        similarities=similarities,
        words=context.library.score_words(state["standalone"], texts),
        shares=state["scores"],
    )
    return StepResult(
        update={"similarities": similarities, "log_odds": tuple(log_odds)}, details={"sentences": len(texts)}
    )


def _compare(state: AnswerState, texts: Sequence[str], context: AnswerContext) -> tuple[float, ...]:
    """Return the cosines; a later round's hits stand behind the earlier ones, and so do their sentences."""
    known = state.get("similarities", ())
    new = texts[len(known) :]
    if not new:
        return known
    return (*known, *context.library.similarities(state["standalone"], new, cancel=context.cancel))
