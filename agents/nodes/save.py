"""Node: put the whole answer together and keep it in its conversation."""

from agents.answer import (
    Answer,
    AnswerSentence,
    AnswerStatus,
    Arm,
    Copying,
    Flag,
    FlagKind,
    Seconds,
    Tokens,
    flags_of_whole,
)
from agents.context import AnswerContext, Emit
from agents.events import AnswerFinished
from agents.history import ConversationId
from agents.kept_hits import read_texts
from agents.state import AnswerState
from agents.steps import StepResult
from llm.copying.copying_degree import measure_copying
from llm.types import TokenCounts
from rag.errors import DocumentNotFound
from rag.types import DocumentId


def save(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Build the answer, append it to the conversation if there is one, and announce it."""
    conversation = context.conversation
    if context.save:
        conversation = conversation or context.history.create(state["question"]).id
    answer = build_answer(state, context, conversation)
    turn = None
    if context.save and conversation is not None:
        turn = context.history.append(conversation, answer, branch=context.branch)
        _forget_removed(answer, context)
    return StepResult(update={}, outcome=AnswerFinished(answer=answer, turn=turn))


def _forget_removed(answer: Answer, context: AnswerContext) -> None:
    """A document that was removed between verifying and saving leaves no quote behind either."""
    for document in {DocumentId(c.document) for s in answer.sentences for c in s.citations}:
        try:
            context.library.document(document)
        except DocumentNotFound:
            context.history.redact(document)


def build_answer(state: AnswerState, context: AnswerContext, conversation: ConversationId | None) -> Answer:
    """Put an answer together from the state's parts."""
    sentences = state.get("sentences", ())
    status = state["status"]
    is_cut = any(row.get("cut") is True for row in state.get("trace", ()))
    if status is AnswerStatus.ANSWERED and (state.get("open_parts") or is_cut):
        status = AnswerStatus.PARTIAL
    tokens = state.get("tokens", TokenCounts())
    if context.arm is Arm.CLOSED:
        sentences = _unsupported(state["text"])
    text = " ".join(sentence.text for sentence in sentences) or state.get("text", "")
    first_token = state.get("first_token")
    return Answer(
        question=state["question"],
        standalone=state["standalone"],
        answer=text,
        status=status,
        sentences=sentences,
        copying=_copying(text, state) if status is not AnswerStatus.ABSTAINED else _NOT_COPIED,
        flags=flags_of_whole(sentences),
        conflicts=state.get("conflicts", ()),
        nearest=state.get("nearest", ()),
        trace=state.get("trace", ()),
        tokens=Tokens(prompt=tokens.prompt, reused=tokens.reused, generated=tokens.generated),
        seconds=Seconds(
            retrieval=round(state.get("retrieval_seconds", 0.0), 4),
            first_token=None if first_token is None else round(first_token, 4),
            total=round(context.elapsed(), 4),
        ),
        arm=context.arm,
        method=context.method,
        model=context.model.name,
        prompts=dict(state.get("prompts", {})),
        conversation=conversation,
    )


_NOT_COPIED = Copying(coverage=0.0, density=0.0, score=0.0)


def _copying(text: str, state: AnswerState) -> Copying:
    """Compare with what was read; a sentence of a source that contradicts another may come from elsewhere."""
    cited = [c.quote for s in state.get("sentences", ()) for c in s.citations if c.verbatim]
    degree = measure_copying(text, "\n".join([*read_texts(state), *cited]))
    return Copying(coverage=degree.coverage, density=degree.density, score=degree.score)


def _unsupported(text: str) -> tuple[AnswerSentence, ...]:
    if not text:
        return ()
    flag = Flag(kind=FlagKind.UNSUPPORTED, start=0, end=len(text), text=text)
    return (AnswerSentence(text=text, flags=(flag,)),)
