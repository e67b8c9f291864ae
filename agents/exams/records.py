"""What a run keeps on disk: its manifest, and a row for each item."""

from enum import StrEnum
from typing import Any

from agents.answer import Method
from agents.exams.items import AnswerKind
from agents.run_records import ModelRecord, Record


class ExamArm(StrEnum):
    """What an item is answered from."""

    CLOSED = "closed"
    """The model alone."""
    RAG = "rag"
    """Passages found with the question, without its options."""
    ADDREP = "addrep"
    """Passages gathered and judged by the agents; too little of them is an abstention."""
    CONTEXT = "context"
    """The item's own context."""
    ORACLE = "oracle"
    """What a perfect search would find: gold passage or explanation."""


class Scoring(StrEnum):
    """How the model's choice is read."""

    LIKELIHOOD = "likelihood"
    GENERATE = "generate"


class RunSettings(Record):
    """What is asked how. Two runs with equal settings, items, model and library give the same choices."""

    arm: ExamArm
    method: Method | None = None
    """Whose answer the letters' likelihoods see in place of the passages."""
    scoring: Scoring = Scoring.LIKELIHOOD
    orders: int = 1
    """Orders of the options each item is asked in."""
    seed: int = 0
    limit: int | None = None
    """Items asked at most, the first ones."""
    passages: int = 5
    """Passages that a search finds for an item."""
    shown_cases: int = 3
    """Past wrong answers shown with an item, where there is a bank of them."""
    max_tokens: int = 64
    """Tokens of a free answer."""


class LibraryRecord(Record):
    """The library of a run. ``state`` changes when anything changes that a search could find."""

    state: str
    documents: int
    chunks: int
    embedding_model: str


class Manifest(Record):
    """All that decides the rows of a run, and what it was made with."""

    format: int = 1
    exam: str
    """Name of the file of items."""
    exam_sha256: str
    """Of the items asked, in their order."""
    items: dict[str, str]
    """Fingerprint of each item asked, by id, in order."""
    left_out: dict[str, dict[str, str]]
    """Id and detail of what is not asked, by reason."""
    settings: RunSettings
    model: ModelRecord
    library: LibraryRecord | None = None
    """Where the arm or the method searches."""
    cases_sha256: str | None = None
    """Of the bank of past wrong answers."""
    prompts: dict[str, str]
    """Fingerprints of the prompts, by name."""
    versions: dict[str, str]
    started: str
    """UTC, ISO 8601."""


class PassageRecord(Record):
    """A passage that an item was answered from."""

    text: str
    title: str = ""
    chunk: str | None = None
    document: str | None = None
    page: int | None = None
    heading: str = ""
    score: float | None = None


class OrderRecord(Record):
    """One order of the options and what came of it."""

    order: tuple[int, ...]
    """Number of the option at each place."""
    probabilities: tuple[float, ...] = ()
    """Of each option, in the order of the file; of several right ones each by itself."""
    choice: tuple[int, ...] = ()
    text: str = ""
    """What was generated."""


class TokenRecord(Record):
    """Tokens read, found already read, and written."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0


class TimeRecord(Record):
    """Seconds."""

    retrieval: float = 0.0
    """Of the search, when it was made; 0 where its result was taken over."""
    model: float = 0.0
    total: float = 0.0


class ExamRow(Record):
    """One item's result. Options are numbers from 0 in the order of the file."""

    id: str
    fingerprint: str
    kind: AnswerKind
    topic: str = ""
    source: str = ""
    question: str
    options: tuple[str, ...] = ()
    correct: tuple[int, ...] = ()
    accepted: tuple[str, ...] = ()
    explanation: str = ""
    choice: tuple[int, ...] = ()
    """The options chosen over all orders; also where the run abstained: what it would have said."""
    probabilities: tuple[float, ...] = ()
    """Of each option, mean over the orders."""
    orders: tuple[OrderRecord, ...] = ()
    answer: str = ""
    """A free answer."""
    is_parsed: bool = True
    is_abstained: bool = False
    is_right: bool
    """Whether choice or answer is right, whatever is abstained from."""
    f1: float
    prompt: str
    """Of the first order, as it is before the model's own markup is put around it."""
    passages: tuple[PassageRecord, ...] = ()
    left_out_passages: int = 0
    """Found but without room in the model's context."""
    sufficiency: float | None = None
    """Of the evidence, 0 to 1, where it was judged."""
    method_answer: str | None = None
    cases: tuple[str, ...] = ()
    """Ids of the past wrong answers that were shown."""
    trace: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    """Why it could not be asked, in a sentence; then it counts as wrong."""
    tokens: TokenRecord = TokenRecord()
    seconds: TimeRecord = TimeRecord()

    @property
    def is_correct(self) -> bool:
        """Whether it counts as right: an abstention does not."""
        return self.is_right and not self.is_abstained

    @property
    def confidence(self) -> float | None:
        """How sure the model was of its choice, 0 to 1; nothing for free answers."""
        if not self.probabilities or self.error is not None:
            return None
        if self.kind is AnswerKind.MULTIPLE:
            sure = [p if number in self.choice else 1 - p for number, p in enumerate(self.probabilities)]
            return min(sure)
        return max(self.probabilities)
