"""What the nodes of the answer graph hand to each other. Values only: live objects travel in the context."""

import operator
from typing import Annotated, Any, TypedDict

from agents.answer import AnswerSentence, AnswerStatus, NearestSource
from agents.passages import Candidate
from llm.types import TokenCounts
from rag.types import SearchHit


class AnswerState(TypedDict, total=False):
    """State of one run. A field is absent until the node that makes it has run."""

    question: str
    hits: tuple[SearchHit, ...]
    similarities: tuple[float, ...]
    """Cosine of the question and each sentence of the hits, in the order of their numbers."""
    is_sufficient: bool
    chosen: tuple[Candidate, ...]
    """Sentences in the order of the answer, not yet verified."""
    text: str
    """Freely written text (arm ``closed``)."""
    sentences: tuple[AnswerSentence, ...]
    nearest: tuple[NearestSource, ...]
    status: AnswerStatus
    prompts: dict[str, str]
    retrieval_seconds: float
    first_token: float | None
    """Seconds from the question to the first token."""
    tokens: Annotated[TokenCounts, operator.add]
    trace: Annotated[tuple[dict[str, Any], ...], operator.add]
