"""Node: a follow-up question is made to stand alone. Only here is the conversation used."""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.follow_up import is_faithful, join_question, needs_conversation, recent
from agents.loading import load_model
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, PromptRead, Sampling, TextDelta, TokenCounts

PROMPT = "refine_question"
MAX_TOKENS = 64


def query_refinement(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Let the model rewrite a question that refers back; does nothing where it already stands alone.

    What the model writes is taken only where it keeps the question's own words and takes all others from the
    conversation. Else the question before is looked up together with this one.
    """
    question = state["question"]
    turns = _turns(context)
    if not turns or not needs_conversation(question):
        return StepResult(update={"standalone": question}, details={"refers_back": False})
    if not load_model(context, emit):
        return StepResult(update={"standalone": question, "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    conversation = recent(turns)
    pieces: list[str] = []
    tokens, is_stopped = TokenCounts(), False
    events = context.model.stream(
        prompt.render(conversation=conversation, question=question),
        sampling=Sampling(max_tokens=MAX_TOKENS, stop=("\n",)),
        cancel=context.cancel,
    )
    for event in events:
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case TextDelta():
                pieces.append(event.text)
            case Finished():
                tokens, is_stopped = event.tokens, event.reason is FinishReason.CANCELLED
    written = "".join(pieces).strip()
    is_taken = is_faithful(written, question, conversation, [answer for _, answer in turns])
    standalone = written if is_taken else join_question(question, turns[-1][0])
    update: AnswerState = {
        "standalone": standalone,
        "tokens": tokens,
        "prompts": {PROMPT: prompt.fingerprint},
    }
    if is_stopped:
        update["status"] = AnswerStatus.PARTIAL
    return StepResult(
        update=update,
        details={"refers_back": True, "standalone": standalone, "by_model": is_taken},
    )


def _turns(context: AnswerContext) -> list[tuple[str, str]]:
    """Return questions, as they were understood, and answers of the conversation so far."""
    return [(answer.standalone or answer.question, answer.answer) for answer in context.earlier()]
