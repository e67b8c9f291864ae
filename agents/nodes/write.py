"""Node: the model answers from what it learned (arm ``closed``); every sentence is flagged as unsupported."""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.loading import load_model
from agents.state import AnswerState
from agents.steps import StepResult
from agents.writing import write_text

PROMPT = "answer_closed"


def write(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Stream an answer without the library.

    Raises:
        ContextLengthError: the question does not fit.
    """
    if not load_model(context, emit):
        return StepResult(update={"text": "", "sentences": (), "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    written = write_text(prompt.render(question=state["question"]), context, emit)
    return StepResult(
        update={
            "text": written.text,
            "sentences": (),
            "status": written.status,
            "tokens": written.tokens,
            "first_token": written.first_token,
            "prompts": {PROMPT: prompt.fingerprint},
        },
        details={"generated": written.tokens.generated, "cut": written.is_cut},
    )
