"""The live objects of one answer: what is asked of whom, and how it is stopped."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from agents.answer import Arm, Method
from agents.events import AnswerEvent
from agents.history import ConversationId, History
from llm.chat_model import ChatModel
from llm.prompts import PromptLibrary
from rag.library import Library
from rag.types import DocumentId

Emit = Callable[[AnswerEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """What can be tuned without code. docs/methods.md says how the defaults were found."""

    top_k: int = 5
    """Chunks retrieved for a question."""
    max_sentences: int = 4
    """Sentences an answer may have."""
    similarity_floor: float = 0.50
    """Cosine of question and sentence: when no sentence reaches it the library does not hold the answer."""
    similarity_margin: float = 0.10
    """How far below the best sentence's similarity adding another one and ending are equally likely, before
    the model is asked."""
    prior_weight: float = 20.0
    """How much a sentence's similarity to the question counts beside the model's own choice, in nats."""
    prior_weight_small: float = 80.0
    """The same for models below :attr:`small_model`, whose own choice is hardly more than noise."""
    small_model: int = 1_000_000_000
    """Parameters."""
    max_tokens: int = 400
    """Tokens of a freely written answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """Travels beside the state; never saved."""

    arm: Arm
    method: Method
    library: Library
    model: ChatModel
    prompts: PromptLibrary
    history: History
    conversation: ConversationId | None
    """The conversation that the answer belongs to; ``None`` begins a new one."""
    documents: frozenset[DocumentId] | None = None
    """Answer only from these; ``None`` is the whole library."""
    save: bool = True
    """False keeps the answer out of the history."""
    cancel: threading.Event
    settings: AnswerSettings = AnswerSettings()
    started: float = field(default_factory=perf_counter)

    def elapsed(self) -> float:
        """Seconds since the question."""
        return perf_counter() - self.started
