"""Asks a local model whether a piece of a document is content, where the rules of filtering are in doubt."""

import logging
import math
import threading
from collections.abc import Callable, Sequence

from llm.chat_model import ChatModel
from llm.errors import ContextLengthError, ModelCancelled, ModelClosed, ModelError
from llm.prompts import PromptLibrary
from llm.types import Selected

PROMPT = "judge_content"
_CONTENT, _NO_CONTENT = 1, 2
"""The numbers that the prompt gives to its two answers."""
_SURE = math.log(0.9)
"""Log probability from which a no is believed: what is kept in error costs less than what is lost."""

logger = logging.getLogger(__name__)


class ModelContentJudge:
    """Keeps :class:`rag.chunking.filtering.ContentJudge`. For one thread at a time.

    The model is made when it is first needed. Once it has failed it is not asked again before :meth:`close`.
    """

    def __init__(self, *, make_model: Callable[[], ChatModel], prompts: PromptLibrary) -> None:
        """``make_model`` gives a model, which is closed at the end; it may raise a ``ModelError``."""
        self._make_model = make_model
        self._prompts = prompts
        self._model: ChatModel | None = None
        self._has_failed = False

    def is_content(self, heading_path: Sequence[str], text: str, *, cancel: threading.Event) -> bool | None:
        """See the protocol."""
        if self._has_failed or cancel.is_set():
            return None
        try:
            return self._ask(heading_path, text, cancel)
        except (ContextLengthError, ModelCancelled):
            return None
        except ModelClosed:  # Another one was chosen meanwhile; the next text is for that.
            self._model = None
            return None
        except ModelError as e:
            logger.warning("the model cannot judge documents, all that is in doubt is kept: %s", e)
            self._has_failed = True
            return None

    def close(self) -> None:
        """Free the model's memory."""
        model, self._model, self._has_failed = self._model, None, False
        if model is not None:
            model.close()

    def _ask(self, heading_path: Sequence[str], text: str, cancel: threading.Event) -> bool | None:
        if self._model is None:
            self._model = self._make_model()
        self._model.load(cancel=cancel)
        messages = self._prompts.load(PROMPT).render(heading=" > ".join(heading_path) or "(none)", text=text)
        for event in self._model.select(
            messages, count=_NO_CONTENT, at_most=1, log_prior_end=-math.inf, cancel=cancel
        ):
            if isinstance(event, Selected):
                return event.number == _CONTENT or event.log_probability < _SURE
        return None
