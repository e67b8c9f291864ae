"""What the nodes of the answer graph hand to each other. Values only: live objects travel in the context."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from agents.answer import AnswerSentence, AnswerStatus, Conflict, NearestSource
from agents.passages import Candidate, Excerpt, Piece
from agents.whole_document import WholeRequest
from llm.types import TokenCounts
from rag.types import ChunkId, SearchHit


@dataclass(frozen=True, slots=True, kw_only=True)
class SubQuestion:
    """A question from another angle."""

    text: str
    round: int
    """The search it is for, from 1."""


class AnswerState(TypedDict, total=False):
    """State of one run. A field is absent until the node that makes it has run."""

    question: str
    """As it was asked; it is what the answer keeps."""
    standalone: str
    """The question as it is understood without the conversation."""
    sub_questions: Annotated[tuple[SubQuestion, ...], operator.add]
    round: int
    """Searches so far."""
    hits: tuple[SearchHit, ...]
    """Passages in the order of the prompt; a later round adds to the end, so that nothing is read anew."""
    reading: tuple[Excerpt, ...]
    """What the model reads of them, once it has read any."""
    scores: dict[ChunkId, float]
    """Of each hit: its share of the best score for its query, 0 to 1."""
    grades: dict[ChunkId, float]
    """The model's grade of a hit, 0 to 3; those that were not graded are missing."""
    overall_grade: float
    """The model's grade of all hits together."""
    useless: frozenset[ChunkId]
    """Hits that no sentence may be taken from."""
    similarities: tuple[float, ...]
    """Cosine of the question and each sentence of the hits, in the order of their numbers."""
    log_odds: tuple[float, ...]
    """That each of these sentences answers (:mod:`agents.sentence_ranking`)."""
    sufficiency: float
    """Probability that the hits hold an answer."""
    is_sufficient: bool
    open_parts: tuple[str, ...]
    """Parts of the question without evidence."""
    whole_document: WholeRequest
    """What is asked of all of one document."""
    chosen: tuple[Candidate, ...]
    """Sentences in the order of the answer, not yet verified."""
    told: int
    """How many of them, from the first one, were verified and shown while the others were being chosen."""
    text: str
    """Freely written text."""
    quotes: tuple[Piece, ...]
    """Pieces of passages that the decoder copied into the text (method ``quote``)."""
    sentences: tuple[AnswerSentence, ...]
    conflicts: tuple[Conflict, ...]
    nearest: tuple[NearestSource, ...]
    status: AnswerStatus
    prompts: Annotated[Mapping[str, str], lambda old, new: {**old, **new}]
    """Fingerprints by name."""
    retrieval_seconds: Annotated[float, operator.add]
    first_token: float | None
    """Seconds from the question to the first token of the answer."""
    tokens: Annotated[TokenCounts, operator.add]
    trace: Annotated[tuple[dict[str, Any], ...], operator.add]
