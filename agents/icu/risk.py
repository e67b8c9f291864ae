"""Reading a probability of death: what the model gives to *yes* against *no* after a prompt."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from agents.exams.scoring import softmax
from llm.chat_model import ChatModel
from llm.errors import ModelCancelled
from llm.types import Finished, FinishReason, Message, Scored, TokenCounts

YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What a model said of one prompt."""

    probability: float
    """Of *yes* among *yes* and *no*. It orders patients; it is not calibrated."""
    tokens: TokenCounts
    seconds: float


class RiskReader:
    """Asks one model. The same prompt gives the same probability to the last digit."""

    def __init__(self, model: ChatModel, *, cancel: threading.Event) -> None:
        """``cancel`` may be set from any thread."""
        self._model = model
        self._cancel = cancel

    def read(self, prompt: Sequence[Message]) -> Risk:
        """Ask; what stands before the last message is not read again.

        Raises:
            ContextLengthError: the prompt does not fit the model.
            ModelCancelled: it was stopped.
        """
        probability: float | None = None
        events = self._model.score([prompt], answers=YES_NO, is_repeatable=True, cancel=self._cancel)
        for event in events:
            if isinstance(event, Scored):
                probability = softmax(event.log_probabilities)[0]
            elif isinstance(event, Finished) and probability is not None:
                if event.reason is FinishReason.CANCELLED:
                    break
                return Risk(probability=probability, tokens=event.tokens, seconds=event.seconds)
        raise ModelCancelled("The estimate was stopped.")
