"""An answer as it is shown, printed and saved: sentences, each with its citations, and how it came about."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerStatus(StrEnum):
    """How answering ended."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    """Stopped by the user, or only a part of the question has evidence."""
    ABSTAINED = "abstained"


class Arm(StrEnum):
    """What an answer is made from."""

    CLOSED = "closed"
    """The model alone, without the library."""
    RAG = "rag"
    """Passages found for the question."""
    ADDREP = "addrep"
    """Passages that agents look for until they suffice: adaptive retrieval and augmentation."""


class Method(StrEnum):
    """How the answer's text is made."""

    CP_ORDER = "cp-order"
    """Sentences of the passages, chosen by number."""
    CP_LINK = "cp-link"
    """The same, with short transitions between them."""
    CP_REFINE = "cp-refine"
    """Written under rules of copying, reviewed and written again until enough of it is copied."""
    QUOTE = "quote"
    """Written freely around quotes that can only be pieces of the passages."""
    ATTRIBUTED = "attributed"
    """Written freely, "only from the passages": a baseline."""
    CITATIONS = "citations"
    """Written freely, with the number of a passage after each sentence: a baseline."""
    BASE = "base"
    """Written freely, without context."""


class FlagKind(StrEnum):
    """Why a piece of text is not to be relied on."""

    NUMBER = "number"
    """The number stands in no passage."""
    UNIT = "unit"
    """The number stands in the passages with another unit."""
    NEGATION = "negation"
    """The passages say the opposite."""
    DRUG = "drug"
    """The drug is named in no passage."""
    UNSUPPORTED = "unsupported"
    """Nothing in the passages says so."""


class Flag(_Record):
    """A piece of text that is not to be relied on; offsets into the text it is attached to."""

    kind: FlagKind
    start: int
    end: int
    text: str


class Citation(_Record):
    """Where a quote stands: ``page_text[start:end] == quote``, checked character by character."""

    document: str
    file: str
    title: str
    page: int | None
    """Physical page from 1; ``None`` where the format has none."""
    start: int
    end: int
    quote: str
    verbatim: bool
    """Whether the sentence that cites it holds the quote word for word."""
    year: int | None = None
    """Of the document's publication."""

    @property
    def page_index(self) -> int:
        """Position of the page in its document, from 0."""
        return (self.page or 1) - 1


class AnswerSentence(_Record):
    """One sentence; a quote that crosses a page border has a citation for each page."""

    text: str
    flags: tuple[Flag, ...] = ()
    citations: tuple[Citation, ...] = ()


class Copying(_Record):
    """Copying degree of the answer against the passages (NEWSROOM; see docs/methods)."""

    coverage: float
    density: float
    score: float


class Conflict(_Record):
    """Two sentences of an answer, from different documents, that do not agree; shown side by side."""

    first: int
    """Index among the answer's sentences, from 0; the newer source."""
    second: int
    reason: str
    """In a few words."""


class NearestSource(_Record):
    """A source that is shown when the library does not hold the answer."""

    document: str
    file: str
    title: str
    page: int | None
    start: int
    end: int
    similarity: float
    year: int | None = None
    """Of the document's publication."""


class Tokens(_Record):
    """Tokens read, found already read, and written."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0


class Seconds(_Record):
    """Time spent; ``first_token`` and ``total`` count from the question."""

    retrieval: float = 0.0
    first_token: float | None = None
    total: float = 0.0


class Answer(_Record):
    """One whole answer. Its JSON is what ``bedside ask --json`` prints and what a conversation keeps."""

    question: str
    standalone: str = ""
    """The question as it was understood without the conversation; empty in answers of earlier versions."""
    answer: str
    """The sentences joined with a space."""
    status: AnswerStatus
    sentences: tuple[AnswerSentence, ...] = ()
    copying: Copying = Copying(coverage=0.0, density=0.0, score=0.0)
    flags: tuple[Flag, ...] = ()
    """Offsets into ``answer``."""
    conflicts: tuple[Conflict, ...] = ()
    nearest: tuple[NearestSource, ...] = ()
    trace: tuple[dict[str, Any], ...] = ()
    """A row for each step: ``step``, ``seconds`` and what that step counted."""
    tokens: Tokens = Tokens()
    seconds: Seconds = Seconds()
    arm: Arm
    method: Method
    model: str
    prompts: dict[str, str] = {}
    """Fingerprints of the prompts that were used, by name."""
    conversation: str | None = None

    @property
    def open_parts(self) -> tuple[str, ...]:
        """Parts of the question that the library has no evidence for, as the last look at it found."""
        looks = [row for row in self.trace if row.get("step") == "sufficiency"]
        return tuple(looks[-1].get("open_parts", ())) if looks else ()

    @property
    def is_cut(self) -> bool:
        """Whether there would have been more than an answer may be long; it ends with a whole sentence."""
        return any(row.get("cut") is True for row in self.trace)


def flags_of_whole(sentences: Sequence[AnswerSentence]) -> tuple[Flag, ...]:
    """Return all flags with their places in the whole answer, whose sentences are joined with a space."""
    begin, flags = 0, []
    for sentence in sentences:
        flags += [
            flag.model_copy(update={"start": begin + flag.start, "end": begin + flag.end})
            for flag in sentence.flags
        ]
        begin += len(sentence.text) + 1
    return tuple(flags)
