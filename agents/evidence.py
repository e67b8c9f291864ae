"""The evidence for a question without an answer: what exams and measurements ask for."""

from dataclasses import dataclass
from typing import Any, cast

from agents.context import AnswerContext
from agents.kept_hits import log_odds_of, useful_hits
from agents.passages import number_sentences
from agents.state import AnswerState
from llm.types import TokenCounts
from rag.types import SearchHit


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an answer would be made from."""

    hits: tuple[SearchHit, ...]
    """The passages that are kept, in the order of the prompt."""
    log_odds: tuple[float, ...]
    """That each of their sentences answers, as :func:`agents.passages.number_sentences` numbers them."""
    sufficiency: float
    """Probability that they hold the answer, 0 to 1."""
    is_sufficient: bool
    rounds: int
    """Searches that were made."""
    trace: tuple[dict[str, Any], ...]
    """As in :class:`agents.answer.Answer`."""
    tokens: TokenCounts


def gather_evidence(question: str, *, context: AnswerContext) -> Evidence:
    """Look for evidence as the arm of the context does (``rag`` or ``addrep``).

    What the model can read of it at once depends on the prompt around it: see :mod:`agents.fitting`.

    Raises:
        LibraryError, ModelError: in a sentence for the user.
    """
    from agents.graph import build_graph

    state = cast(AnswerState, build_graph(is_answering=False).invoke(begin_state(question), context=context))
    hits = useful_hits(state) if "log_odds" in state else ()
    return Evidence(
        hits=hits,
        log_odds=tuple(log_odds_of(number_sentences(hits), state)) if hits else (),
        sufficiency=state.get("sufficiency", 0.0),
        is_sufficient=state.get("is_sufficient", False),
        rounds=state.get("round", 1),
        trace=state.get("trace", ()),
        tokens=state.get("tokens", TokenCounts()),
    )


def begin_state(question: str) -> AnswerState:
    """Return the state that a run begins with."""
    return {"question": question, "standalone": question}
