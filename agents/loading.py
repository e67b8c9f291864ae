"""Bring the chat model into memory on behalf of an answer."""

from agents.context import AnswerContext, Emit
from agents.events import ModelLoading
from llm.errors import ModelCancelled


def load_model(context: AnswerContext, emit: Emit) -> bool:
    """Load the model and tell how far it is; False when the user stopped it.

    Raises:
        ModelError: it cannot be loaded.
    """
    try:
        context.model.load(lambda fraction: emit(ModelLoading(fraction=fraction)), context.cancel)
    except ModelCancelled:
        return False
    return True
