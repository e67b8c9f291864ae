"""The live objects of one answer: what is asked of whom, and how it is stopped."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import perf_counter

from agents.answer import Answer, Arm, Method
from agents.calibration import DEFAULT, Calibration
from agents.events import AnswerEvent
from agents.history import ConversationId, History
from agents.sources import PassageSource
from agents.turns import Branch
from llm.chat_model import ChatModel
from llm.prompts import PromptLibrary
from rag.types import DocumentId

Emit = Callable[[AnswerEvent], None]


class Divergence(StrEnum):
    """When sub-questions from other angles are asked."""

    NEVER = "never"
    ALWAYS = "always"
    """Before the first search."""
    WHEN_NEEDED = "when-needed"
    """Only where what was found does not suffice, before another search."""


class Agent(StrEnum):
    """What can be switched off beside the sub-questions."""

    REFINEMENT = "refinement"
    JUDGEMENT = "judgement"
    LOOP = "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRepSettings:
    """The agents of arm ``addrep``; each can be switched off, so that what it brings can be measured."""

    refinement: bool = True
    """A follow-up question is made to stand alone."""
    divergence: Divergence = Divergence.WHEN_NEEDED
    judgement: bool = True
    """The model grades the passages, where its calibration says that this helps."""
    max_rounds: int = 2
    """Searches at most; 1 for no loop."""
    sub_questions: int = 3
    top_k: int = 12
    """Chunks for the question; of each as much is read as :attr:`passage_tokens` holds."""
    top_k_sub_question: int = 3
    """Chunks for each sub-question."""
    passage_tokens: int = 1100
    """Tokens of passages that are read at most, a later round's own included (docs/methods.md)."""
    reading_span: float = 3.5
    """Sentences whose log-odds lie further below those of the best one are not read."""

    def without(self, agents: Collection[Agent]) -> "AddRepSettings":
        """Return the settings with some agents switched off."""
        return replace(
            self,
            refinement=self.refinement and Agent.REFINEMENT not in agents,
            judgement=self.judgement and Agent.JUDGEMENT not in agents,
            max_rounds=1 if Agent.LOOP in agents else self.max_rounds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """What can be tuned without code. docs/methods.md says how the defaults were found."""

    top_k: int = 5
    """Chunks retrieved for a question."""
    max_sentences: int = 6
    """Sentences an answer may have."""
    similarity_floor: float = 0.50
    """Cosine of the question and the best sentence from which, with :attr:`words_floor`, it is answered."""
    similarity_weight: float = 20.0
    """Log-odds that the library holds the answer, for each unit of that cosine."""
    words_floor: float = 0.40
    """Share of the question's words, rare ones counting more, that one passage has to hold beside it."""
    words_weight: float = 8.0
    """Log-odds for each unit of that share; more of one makes up for less of the other."""
    similarity_margin: float = 0.10
    """In the summary of a whole document: how far below the best sentence's similarity adding another one and
    ending are equally likely, before the model is asked."""
    model_share: float = 0.1
    """What the log probability that the model gives a sentence's number counts beside the sentence's own
    log-odds (:mod:`agents.sentence_ranking`)."""
    model_share_small: float = 0.05
    """The same for models below :attr:`small_model`, whose own choice is hardly more than noise."""
    begin_share: float = 0.2
    """What the log probability of a sentence's first words counts (:mod:`agents.sentence_begins`); 0 for not
    asking. Models below :attr:`small_model` are not asked."""
    prior_weight: float = 20.0
    """In a whole document: how much a sentence's similarity to the question counts beside the model's own
    choice, in nats."""
    prior_weight_small: float = 80.0
    """The same for models below :attr:`small_model`."""
    small_model: int = 1_000_000_000
    """Parameters."""
    max_tokens: int = 400
    """Tokens of a freely written answer."""
    addrep: AddRepSettings = AddRepSettings()
    copying_target: float = 0.85
    """Copying score from which ``cp-refine`` is content."""
    refine_rounds: int = 5
    """Drafts of ``cp-refine`` at most."""
    support_coverage: float = 0.6
    """Share of a freely written sentence's tokens that passages must hold; below it is flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """Travels beside the state; never saved."""

    arm: Arm
    method: Method
    library: PassageSource
    model: ChatModel
    prompts: PromptLibrary
    history: History
    conversation: ConversationId | None
    """The conversation that the answer belongs to; ``None`` begins a new one."""
    branch: Branch | None = None
    """Where in it the question is asked; ``None`` is its end."""
    documents: frozenset[DocumentId] | None = None
    """Answer only from these; ``None`` is the whole library."""
    save: bool = True
    """False keeps the answer out of the history."""
    cancel: threading.Event
    settings: AnswerSettings = AnswerSettings()
    calibration: Calibration = DEFAULT
    """Of :attr:`model`."""
    started: float = field(default_factory=perf_counter)

    def earlier(self) -> list[Answer]:
        """Return what was answered on the way to this question, oldest first."""
        return [] if self.conversation is None else self.history.answers(self.conversation, self.branch)

    def elapsed(self) -> float:
        """Seconds since the question."""
        return perf_counter() - self.started
