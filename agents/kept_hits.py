"""Which of the passages that were found an answer is made from, and what is known of their sentences."""

from collections.abc import Iterable

from agents.passages import Candidate, number_sentences
from agents.state import AnswerState
from rag.types import SearchHit


def useful_hits(state: AnswerState) -> tuple[SearchHit, ...]:
    """Return the passages that were not judged useless."""
    useless = state.get("useless", frozenset())
    return tuple(hit for hit in state["hits"] if hit.chunk.id not in useless)


def log_odds_of(candidates: Iterable[Candidate], state: AnswerState) -> list[float]:
    """Return what is known of some sentences of the state's hits, whatever numbers they have.

    Args:
        candidates: as they are numbered in a prompt.
        state: after its sentences were ranked.
    """
    numbered = zip(number_sentences(state["hits"]), state["log_odds"], strict=True)
    known = {(each.hit.chunk.id, each.start): value for each, value in numbered}
    return [known[each.hit.chunk.id, each.start] for each in candidates]


def read_texts(state: AnswerState) -> list[str]:
    """Return what the model read of the passages, each piece by itself; all of them where it read none."""
    if "reading" in state:
        return [piece.text for excerpt in state["reading"] for piece in excerpt.pieces]
    return [hit.chunk.text for hit in state.get("hits", ())]
