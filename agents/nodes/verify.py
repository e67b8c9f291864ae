"""Node: every chosen sentence is checked character by character; what the pages do not hold is dropped."""

from agents.citations import cite
from agents.context import AnswerContext, Emit
from agents.events import SentenceAdded
from agents.state import AnswerState
from agents.steps import StepResult


def verify(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Turn chosen sentences into cited ones."""
    sentences = []
    for candidate in state["chosen"]:
        sentence = cite(candidate, context.library)
        if sentence is not None:
            sentences.append(sentence)
            emit(SentenceAdded(sentence=sentence))
    return StepResult(
        update={"sentences": tuple(sentences)},
        details={"verified": len(sentences), "dropped": len(state["chosen"]) - len(sentences)},
    )
