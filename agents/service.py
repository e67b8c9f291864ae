"""Answering as a service: one function for every front end."""

from collections.abc import Iterator
from typing import cast

from agents.answer import Arm, Method
from agents.context import AnswerContext
from agents.errors import EmptyLibrary, EmptyQuestion, EmptyScope, UnfitMethod
from agents.events import AnswerEvent
from agents.evidence import begin_state
from agents.whole_document import WholeRequest, find_whole_request
from llm.errors import ContextLengthError, ModelCancelled

SHORT_QUESTION = 1000
"""Characters that fit any context; only for longer questions the model is loaded before the search."""
RESERVED_TOKENS = 128
"""For the prompt around the question and the begin of an answer."""


def answer_question(question: str, *, context: AnswerContext) -> Iterator[AnswerEvent]:
    """Answer a question; the last event is :class:`~agents.events.AnswerFinished`.

    Setting ``context.cancel`` ends it within a second with a partial answer, which is saved like any other.

    Raises:
        AnswerError, LibraryError, ModelError: in a sentence for the user; nothing is saved then.
    """
    from agents.graph import build_graph  # LangGraph takes half a second to import

    question = question.strip()
    if not question:
        raise EmptyQuestion("Please type a question first.")
    if context.save and context.conversation is not None:
        context.history.answers(context.conversation, context.branch)  # said now, not after the work
    if context.arm is not Arm.CLOSED:
        _refuse_method(context)
        _refuse_empty(context)
    _refuse_long(question, context)
    state = begin_state(question)
    if context.arm is not Arm.CLOSED and (whole := _whole_request(question, context)) is not None:
        state["whole_document"] = whole
    events = build_graph().stream(state, context=context, stream_mode="custom")
    yield from cast(Iterator[AnswerEvent], events)


def _refuse_method(context: AnswerContext) -> None:
    if context.method is Method.BASE:
        raise UnfitMethod(
            "The method base answers without the library, so it goes with the arm closed only; "
            "please choose that arm or another method."
        )


def _refuse_empty(context: AnswerContext) -> None:
    """Say that there is nothing to search, which is another thing than finding nothing."""
    if not context.library.has_documents():
        raise EmptyLibrary("The library is empty; please add documents before you ask.")
    if not context.library.has_documents(context.documents):
        raise EmptyScope(
            "There is no document to search in what you chose to ask; please choose another collection or "
            "tag, or put documents into it or enable them."
        )


def _whole_request(question: str, context: AnswerContext) -> WholeRequest | None:
    conversation = context.earlier()
    return find_whole_request(question, context.library.documents(), context.documents, conversation)


def _refuse_long(question: str, context: AnswerContext) -> None:
    """Say that a question does not fit before anything is searched: the search reads only its begin."""
    if len(question) <= SHORT_QUESTION:
        return
    try:
        available = context.model.load(cancel=context.cancel).n_ctx
    except ModelCancelled:
        return  # the steps that follow end at once
    needed = context.model.count_tokens([question])[0] + RESERVED_TOKENS
    if needed > available:
        raise ContextLengthError(needed, available)
