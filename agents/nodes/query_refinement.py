"""Node: a follow-up question is made to stand alone. Only here is the conversation used."""

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.follow_up import (
    EarlierTurn,
    find_subject,
    is_faithful,
    join_question,
    needs_conversation,
    recent,
)
from agents.loading import load_model
from agents.state import AnswerState
from agents.steps import StepResult
from agents.writing import write_text

PROMPT = "refine_question"
MAX_TOKENS = 64


def query_refinement(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Let the model rewrite a question that refers back; does nothing where it already stands alone.

    What the model writes is taken only where it keeps the question's own words and takes all others from the
    conversation. Else the last question that stood alone is looked up together with this one.
    """
    question = state["question"]
    turns = [
        EarlierTurn(asked=answer.question, understood=answer.standalone, answer=answer.answer)
        for answer in context.earlier()
    ]
    if not turns or not needs_conversation(question):
        return StepResult(update={"standalone": question}, details={"refers_back": False})
    if not load_model(context, emit):
        return StepResult(update={"standalone": question, "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    conversation = recent(turns)
    messages = prompt.render(conversation=conversation, question=question)
    written = write_text(messages, context, emit, max_tokens=MAX_TOKENS, stop=("\n",), is_shown=False)
    is_taken = is_faithful(written.text, question, conversation, [turn.answer for turn in turns])
    standalone = written.text if is_taken else join_question(question, find_subject(turns))
    update: AnswerState = {
        "standalone": standalone,
        "tokens": written.tokens,
        "prompts": {PROMPT: prompt.fingerprint},
    }
    if written.status is AnswerStatus.PARTIAL:
        update["status"] = AnswerStatus.PARTIAL
    return StepResult(
        update=update,
        details={"refers_back": True, "standalone": standalone, "by_model": is_taken},
    )
