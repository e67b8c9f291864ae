"""Node: is what was found enough to answer from?"""

import re
from collections.abc import Sequence

from agents.answer import AnswerStatus, Arm
from agents.calibration import SufficiencyCurve
from agents.context import AnswerContext, AnswerSettings, Emit
from agents.follow_up import join_question, needs_conversation
from agents.kept_hits import useful_hits
from agents.passages import Candidate, number_sentences
from agents.sources import PassageSource
from agents.state import AnswerState
from agents.steps import StepResult
from rag.errors import Cancelled
from rag.types import SearchHit

_PART_CANDIDATES = 24
"""Sentences, nearest to the whole question, among which a part of it looks for its evidence."""
_QUESTION_WORD = (
    r"(?:how|what|when|which|why|who|whom|where|is|are|does|do|should|can|must|may|in\s+wh(?:at|ich|om))"
)
_PART_BORDER = re.compile(
    r"(?<=[?？])\s+(?=\S)"
    r"|(?<=？)(?=[^\s？?！!”’」』）)\]])|(?<=\?)(?=[\u4e00-\u9fff])"  # Chinese has no space behind it
    rf"|,?\s+and\s+(?={_QUESTION_WORD}\b)|[;；]\s*",
    re.IGNORECASE,
)
_SHORTEST_PART = 3
"""Words."""


def sufficiency(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Turn the best sentence's cosine, the words found, and the model's grade into a probability.

    The fused rank score cannot tell "nothing fits" from "one fits": the first rank is always the first rank.
    A whole chunk's similarity sinks with all that stands around its one good sentence (see docs/methods.md).
    Of a question of several parts, those without evidence are named.
    """
    candidates = number_sentences(state["hits"])
    useless = state.get("useless", frozenset())
    useful = [
        (similarity, candidate)
        for similarity, candidate in zip(state["similarities"], candidates, strict=True)
        if candidate.hit.chunk.id not in useless
    ]
    try:
        curve = choose_curve(context)
        overall = state.get("overall_grade", 0.0)
        best = max((similarity for similarity, _ in useful), default=0.0)
        words = share_words(state["standalone"], useful_hits(state), context.library)
        whole = curve.probability(best, words, overall)
        parts = _judge_parts(state, useful, curve, context)
        probability = max(whole, *parts.values()) if parts else whole
        is_sufficient = bool(useful) and probability >= curve.threshold
        open_parts = tuple(part for part, found in parts.items() if found < curve.threshold)
    except Cancelled:
        return StepResult(update={"is_sufficient": False, "status": AnswerStatus.PARTIAL})
    return StepResult(
        update={
            "sufficiency": probability,
            "is_sufficient": is_sufficient,
            "open_parts": open_parts,
        },
        details={
            "best_similarity": round(best, 4),
            "words": round(words, 4),
            "sufficiency": round(probability, 4),
            "threshold": curve.threshold,
            "is_sufficient": is_sufficient,
            "open_parts": list(open_parts),
        },
    )


def choose_curve(context: AnswerContext) -> SufficiencyCurve:
    """Return the model's curve; without the model's grade, or without calibration, one around the floor."""
    curve = context.calibration.sufficiency
    is_usable = context.calibration.is_measured and (curve.grade == 0.0 or _is_graded(context))
    return curve if is_usable else default_curve(context.settings)


def default_curve(settings: AnswerSettings) -> SufficiencyCurve:
    """Return the curve that goes through one half where cosine and words are at their floors."""
    at_floors = (
        settings.similarity_weight * settings.similarity_floor + settings.words_weight * settings.words_floor
    )
    return SufficiencyCurve(
        intercept=-at_floors, similarity=settings.similarity_weight, words=settings.words_weight
    )


def share_words(question: str, hits: Sequence[SearchHit], library: PassageSource) -> float:
    """Return the largest share of the question's words that one passage holds, 0 to 1.

    A word counts by its BM25 in the question itself, so a rare one counts more. What is asked outside the
    library may be near a passage by meaning, but hardly by its names.
    """
    own, *scores = library.score_words(question, [question, *(hit.chunk.text for hit in hits)])
    return min(max(scores, default=0.0) / own, 1.0) if own > 0 else 0.0


def split_parts(question: str) -> tuple[str, ...]:
    """Return the parts of a question that asks several things; only itself where it asks one."""
    parts = [part.strip() for part in _PART_BORDER.split(question)]
    long_enough = [part for part in parts if len(part.split()) >= _SHORTEST_PART or not part.isascii()]
    return tuple(long_enough) if len(long_enough) > 1 else (question,)


def _is_graded(context: AnswerContext) -> bool:
    return context.arm is Arm.ADDREP and context.settings.addrep.judgement


def _judge_parts(
    state: AnswerState,
    useful: Sequence[tuple[float, Candidate]],
    curve: SufficiencyCurve,
    context: AnswerContext,
) -> dict[str, float]:
    """Return the probability for each part of the question; nothing where it asks only one thing."""
    parts = split_parts(state["standalone"])
    if len(parts) == 1:
        return {}
    nearest = sorted(useful, key=lambda pair: -pair[0])[:_PART_CANDIDATES]
    texts = [candidate.text for _, candidate in nearest]
    found = {}
    for part in parts:
        whole = join_question(part, parts[0]) if needs_conversation(part) else part
        similarities = context.library.similarities(whole, texts, cancel=context.cancel)
        words = share_words(whole, useful_hits(state), context.library)
        best = max(similarities, default=0.0)
        found[part] = curve.probability(best, words, state.get("overall_grade", 0.0))
    return found
