"""Which of the passages that were found an answer is made from, and what is known of their sentences."""

from collections.abc import Collection

from agents.passages import number_sentences
from agents.state import AnswerState
from rag.types import SearchHit


def useful_hits(state: AnswerState) -> tuple[SearchHit, ...]:
    """Return the passages that were not judged useless."""
    useless = state.get("useless", frozenset())
    return tuple(hit for hit in state["hits"] if hit.chunk.id not in useless)


def similarities_of(hits: Collection[SearchHit], state: AnswerState) -> tuple[float, ...]:
    """Return the similarities of the sentences of some of the state's hits, as they are numbered alone.

    Args:
        hits: in the state's order.
        state: after its sufficiency was looked at.
    """
    kept = {hit.chunk.id for hit in hits}
    known = zip(number_sentences(state["hits"]), state["similarities"], strict=True)
    return tuple(similarity for candidate, similarity in known if candidate.hit.chunk.id in kept)
