"""Node: passages for the question and the sub-questions of this round, from the library. No model call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from agents.answer import AnswerStatus, Arm
from agents.context import AnswerContext, Emit
from agents.passages import harmless_sentences
from agents.state import AnswerState
from agents.steps import StepResult
from rag.errors import Cancelled
from rag.retrieval.fusion import fuse_reciprocal_ranks
from rag.retrieval.repetition import without_repetitions
from rag.types import Chunk, ChunkId, SearchHit, SearchResult

SUB_QUESTION_SHARE = 0.8
"""What the best hit for a sub-question counts beside the best one for the question."""
_REFILLS, _REFILL_GROWTH = 3, 4
"""More searches at most, each for so many times as many hits, where orders to a program were found."""
_CONTINUED = 3
"""Hits, from the best one, whose text is followed where it goes on in the next chunk."""


def retrieval(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Search, fuse the rankings (the question's counts twice), and add what is new behind what was found.

    Stopped, there is nothing new.
    """
    number = state.get("round", 0) + 1
    before = state.get("hits", ())
    try:
        results = list(_search(state, context, number))
    except Cancelled:
        return StepResult(update={"hits": before, "round": number, "status": AnswerStatus.PARTIAL})
    by_id = {hit.chunk.id: hit for result in reversed(results) for hit in result.hits}
    rankings = [[hit.chunk.id for hit in result.hits] for result in results]
    order = [chunk for chunk, _ in fuse_reciprocal_ranks([*rankings[:1], *rankings])]
    known = {hit.chunk.id for hit in before}
    fused = [by_id[chunk] for chunk in order if chunk not in known]
    if context.arm is Arm.ADDREP:
        fused = list(_follow(fused, context))
    hits = _without_repetitions(before, fused)
    return StepResult(
        update={
            "hits": hits,
            "scores": {**_share_scores(results, number), **state.get("scores", {})},
            "round": number,
            "retrieval_seconds": sum(result.seconds for result in results),
        },
        details={
            "round": number,
            "queries": [_describe_result(result) for result in results],
            "hits": [_describe_hit(hit) for hit in hits[len(before) :]],
        },
    )


def _search(state: AnswerState, context: AnswerContext, number: int) -> Iterator[SearchResult]:
    settings = context.settings
    is_addrep = context.arm is Arm.ADDREP
    queries = [(state["standalone"], settings.addrep.top_k if is_addrep else settings.top_k)]
    queries = queries if number == 1 else []
    queries += [
        (sub.text, settings.addrep.top_k_sub_question)
        for sub in state.get("sub_questions", ())
        if sub.round == number
    ]
    for text, top_k in queries:
        yield _find_harmless(text, top_k, context)


def _find_harmless(text: str, top_k: int, context: AnswerContext) -> SearchResult:
    """Search; a passage of nothing but orders to a program does not take the place of another one."""
    first = found = _find(text, top_k, context)
    harmless = [hit for hit in found.hits if harmless_sentences(hit.chunk)]
    for _ in range(_REFILLS):
        if len(harmless) >= len(first.hits) or len(found.hits) < top_k:
            break
        top_k *= _REFILL_GROWTH
        found = _find(text, top_k, context)
        harmless = [hit for hit in found.hits if harmless_sentences(hit.chunk)]
    return replace(found, hits=tuple(harmless[: len(first.hits)]))


def _find(text: str, top_k: int, context: AnswerContext) -> SearchResult:
    return context.library.search(text, top_k=top_k, documents=context.documents, cancel=context.cancel)


def _follow(hits: Iterable[SearchHit], context: AnswerContext) -> Iterator[SearchHit]:
    """Put the next chunk behind one of the first hits that ends in the middle of something."""
    for place, hit in enumerate(hits):
        yield hit
        following = next((chunk for chunk in hit.neighbours if chunk.ordinal > hit.chunk.ordinal), None)
        if place < _CONTINUED and following is not None and _goes_on(hit.chunk, following):
            page = context.library.first_pages([following]).get(following.id)
            yield replace(hit, chunk=following, page=page, neighbours=(hit.chunk,))


def _goes_on(chunk: Chunk, following: Chunk) -> bool:
    """Whether a text announces what comes next, or stops inside a sentence."""
    end, begin = chunk.text.rstrip()[-1:], following.text.lstrip()[:1]
    return end in ":：,;" or begin.islower()


def _without_repetitions(before: tuple[SearchHit, ...], new: list[SearchHit]) -> tuple[SearchHit, ...]:
    by_id = {hit.chunk.id: hit for hit in reversed([*before, *new])}
    chunks = without_repetitions(chain((hit.chunk for hit in before), (hit.chunk for hit in new)))
    kept: Mapping[ChunkId, Chunk] = {chunk.id: chunk for chunk in chunks}
    return (*before, *(by_id[chunk] for chunk in kept if chunk not in {hit.chunk.id for hit in before}))


def _share_scores(results: list[SearchResult], number: int) -> dict[ChunkId, float]:
    """Return each hit's share of the best score for its query, the largest of several."""
    scores: dict[ChunkId, float] = {}
    for place, result in enumerate(results):
        weight = 1.0 if place == 0 and number == 1 else SUB_QUESTION_SHARE
        best = max((hit.score for hit in result.hits), default=0.0)
        for hit in result.hits:
            share = weight * hit.score / best if best > 0 else 0.0
            scores[hit.chunk.id] = max(share, scores.get(hit.chunk.id, 0.0))
    return scores


def _describe_result(result: SearchResult) -> dict[str, object]:
    return {"query": result.query, "found": [hit.chunk.id for hit in result.hits]}


def _describe_hit(hit: SearchHit) -> dict[str, object]:
    return {
        "chunk": hit.chunk.id,
        "document": hit.document.id,
        "title": hit.document.title,
        "page": hit.page,
        "year": hit.document.year,
        "score": round(hit.score, 5),
        "similarity": round(hit.similarity, 4),
    }
