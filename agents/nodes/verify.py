"""Node: every chosen sentence is checked character by character; what the pages do not hold is dropped."""

from agents.citations import cite
from agents.context import AnswerContext, Emit
from agents.events import SentenceAdded
from agents.repetition import join_repeated
from agents.state import AnswerState
from agents.steps import StepResult


def verify(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Turn chosen sentences into cited ones; what is said twice is said once, and cites both places."""
    cited = [cite(candidate, context.library) for candidate in state["chosen"]]
    verified = [sentence for sentence in cited if sentence is not None]
    sentences = join_repeated(verified)
    for sentence in sentences[state.get("told", 0) :]:
        emit(SentenceAdded(sentence=sentence))
    return StepResult(
        update={"sentences": sentences},
        details={
            "verified": len(verified),
            "dropped": len(cited) - len(verified),
            "repeated": len(verified) - len(sentences),
        },
    )
