"""Node: the model answers from what it learned (arm ``closed``); every sentence is flagged as unsupported."""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading, TextAdded
from agents.loading import load_model
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, PromptRead, Sampling, TextDelta, TokenCounts

PROMPT = "answer_closed"


def write(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Stream an answer without the library.

    Raises:
        ContextLengthError: the question does not fit.
    """
    if not load_model(context, emit):
        return StepResult(update={"text": "", "sentences": (), "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    pieces: list[str] = []
    first_token: float | None = None
    status = AnswerStatus.ANSWERED
    tokens = TokenCounts()
    events = context.model.stream(
        prompt.render(question=state["question"]),
        sampling=Sampling(max_tokens=context.settings.max_tokens),
        cancel=context.cancel,
    )
    for event in events:
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case TextDelta():
                first_token = first_token or context.elapsed()
                pieces.append(event.text)
                emit(TextAdded(text=event.text))
            case Finished():
                tokens = event.tokens
                if event.reason is FinishReason.CANCELLED:
                    status = AnswerStatus.PARTIAL
    return StepResult(
        update={
            "text": "".join(pieces).strip(),
            "sentences": (),
            "status": status,
            "tokens": tokens,
            "first_token": first_token,
            "prompts": {PROMPT: prompt.fingerprint},
        },
        details={"generated": tokens.generated},
    )
