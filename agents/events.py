"""What a running answer tells, step by step; the window and the command line show the same events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.answer import Answer, AnswerSentence
from agents.turns import TurnId


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A node of the graph began."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A node of the graph ended. ``details`` holds counts and scores, and goes into the answer's trace."""

    step: str
    seconds: float
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoading:
    """The model is being brought into memory."""

    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReading:
    """The model reads the passages; in tokens."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead:
    """How many parts of a whole document were gone through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceAdded:
    """A verified sentence of the answer; they come in the order of the answer."""

    sentence: AnswerSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAdded:
    """The next piece of freely written text, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFinished:
    """The last event: the whole answer, saved."""

    answer: Answer
    turn: TurnId | None = None
    """Its place in the conversation; ``None`` where it was not saved."""


AnswerEvent = (
    StepStarted
    | StepFinished
    | ModelLoading
    | PromptReading
    | DocumentRead
    | SentenceAdded
    | TextAdded
    | AnswerFinished
)
