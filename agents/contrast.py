"""Sources that contradict each other are shown side by side, never blended or silently chosen between."""

from collections.abc import Sequence

from agents.answer import AnswerSentence, Conflict
from agents.citations import cite
from agents.conflicts import Statement, find_contradictions
from agents.passages import Candidate, number_sentences
from agents.sources import PassageSource
from agents.state import AnswerState

CANDIDATES = 12
"""Sentences nearest to the question, chosen or not, that are compared with the answer's."""
MOST_ADDED = 2
"""Sentences that are added because they contradict one of the answer."""


def contrast(
    sentences: Sequence[AnswerSentence], state: AnswerState, library: PassageSource
) -> tuple[tuple[AnswerSentence, ...], tuple[Conflict, ...]]:
    """Add what contradicts the answer in another document, and name all pairs that do not agree.

    A sentence that is added comes right behind the one that it contradicts; of two the newer source counts
    as the first.
    """
    shown = list(sentences)
    for other in _contradicting(shown, state)[:MOST_ADDED]:
        place, candidate = other
        cited = cite(candidate, library)
        if cited is not None:
            shown.insert(shown.index(sentences[place]) + 1, cited)
    conflicts = tuple(
        Conflict(first=found.first, second=found.second, reason=found.reason)
        for found in find_contradictions([_statement(sentence) for sentence in shown])
    )
    return tuple(shown), conflicts


def _contradicting(sentences: Sequence[AnswerSentence], state: AnswerState) -> list[tuple[int, Candidate]]:
    """Return sentences that were not chosen, each with the index of the one of the answer it contradicts."""
    texts = {_flat(sentence.text) for sentence in sentences}
    useless = state.get("useless", frozenset())
    candidates = number_sentences(state.get("hits", ()))
    similarities = state.get("similarities", ())
    ranked = sorted(zip(similarities, candidates, strict=False), key=lambda pair: (-pair[0], pair[1].number))
    others = [
        candidate
        for _, candidate in ranked[:CANDIDATES]
        if candidate.hit.chunk.id not in useless and _flat(candidate.text) not in texts
    ]
    statements = [_statement(sentence) for sentence in sentences]
    found = []
    for candidate in others:
        document = candidate.hit.document
        other = Statement(text=candidate.text, document=document.id, title=document.title, year=document.year)
        for place, statement in enumerate(statements):
            if find_contradictions([statement, other]):
                found.append((place, candidate))
                break
    return found


def _statement(sentence: AnswerSentence) -> Statement:
    if not sentence.citations:
        return Statement(text=sentence.text, document="")
    first = sentence.citations[0]
    return Statement(text=sentence.text, document=first.document, title=first.title, year=first.year)


def _flat(text: str) -> str:
    return " ".join(text.split())
