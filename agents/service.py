"""Answering as a service: one function for every front end."""

from collections.abc import Iterator
from typing import cast

from agents.answer import Arm
from agents.context import AnswerContext
from agents.errors import EmptyLibrary, EmptyQuestion
from agents.events import AnswerEvent


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
        context.history.answers(context.conversation)  # said now, not after the work
    if context.arm is not Arm.CLOSED and not context.library.has_documents():
        raise EmptyLibrary("The library is empty; please add documents before you ask.")
    events = build_graph().stream({"question": question}, context=context, stream_mode="custom")
    yield from cast(Iterator[AnswerEvent], events)
