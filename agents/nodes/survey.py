"""Node: all of one document is gone through, and the sentences are taken that were asked for."""

from collections.abc import Iterator, Sequence

from agents.answer import AnswerSentence, AnswerStatus
from agents.citations import cite
from agents.context import AnswerContext, Emit
from agents.events import DocumentRead, SentenceAdded
from agents.loading import load_model
from agents.passages import Candidate, number_sentences, render_passages
from agents.state import AnswerState
from agents.steps import StepResult
from agents.whole_document import WholeKind, WholeRequest
from llm.types import Finished, FinishReason, Selected, TokenCounts
from rag.errors import Cancelled
from rag.types import SearchHit

PROMPT = "select_sentences"
PART_TOKENS = 900
"""Of a document that the model reads at once."""
_SUMMARY_SENTENCES, _LIST_SENTENCES = 2, 6
"""That are taken of one part at most."""
_MOST_SENTENCES = 80


def survey(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Go through the document; every sentence that is taken is verified and told at once.

    What can be seen by its form (a dose, a threshold) is found by code in every sentence. Anything else is
    chosen by the model, which reads one part of the document after the other. Stopped, what was found stays.
    """
    request = state["whole_document"]
    hits = list(_read_hits(request, context))
    candidates = number_sentences(hits)
    if request.pattern is not None:
        found = [c for c in candidates if _is_listed(c, request)]
        tokens, is_stopped, parts = TokenCounts(), False, 1
        sentences = _verify(found[:_MOST_SENTENCES], context, emit)
    else:
        found = []
        sentences, tokens, is_stopped, parts = _choose_by_parts(
            state["standalone"], hits, request, context, emit
        )
    return StepResult(
        update={
            "hits": tuple(hits),
            "round": 1,
            "sentences": tuple(sentences),
            "status": AnswerStatus.PARTIAL if is_stopped else AnswerStatus.ANSWERED,
            "tokens": tokens,
        },
        details={
            "kind": request.kind.value,
            "document": request.document,
            "passages": len(hits),
            "sentences": len(candidates),
            "parts": parts,
            "found_by_form": len(found),
            "chosen": len(sentences),
        },
    )


def _read_hits(request: WholeRequest, context: AnswerContext) -> Iterator[SearchHit]:
    document = context.library.document(request.document)
    chunks = [chunk for chunk in context.library.chunks(request.document) if chunk.is_retrievable]
    pages = context.library.first_pages(chunks)
    for chunk in chunks:
        yield SearchHit(
            chunk=chunk, document=document, page=pages.get(chunk.id), score=0.0, similarity=0.0, bm25=0.0
        )


def _is_listed(candidate: Candidate, request: WholeRequest) -> bool:
    if request.pattern is None or not request.pattern.search(candidate.text):
        return False
    around = " ".join((candidate.text, *candidate.hit.chunk.heading_path)).lower()
    return not request.topic or any(word in around for word in request.topic)


def _choose_by_parts(
    question: str, hits: Sequence[SearchHit], request: WholeRequest, context: AnswerContext, emit: Emit
) -> tuple[list[AnswerSentence], TokenCounts, bool, int]:
    sentences: list[AnswerSentence] = []
    tokens = TokenCounts()
    if not load_model(context, emit):
        return sentences, tokens, True, 0
    parts = _split(hits, context)
    for number, part in enumerate(parts, 1):
        emit(DocumentRead(done=number - 1, total=len(parts)))
        try:
            chosen, cost, is_stopped = _choose(question, number_sentences(part), request, context)
        except Cancelled:
            return sentences, tokens, True, len(parts)
        tokens += cost
        # In the order of the document, as it is read.
        sentences += _verify(sorted(chosen, key=lambda candidate: candidate.number), context, emit)
        if is_stopped:
            return sentences, tokens, True, len(parts)
        if len(sentences) >= _MOST_SENTENCES:
            break
    return sentences, tokens, False, len(parts)


def _split(hits: Sequence[SearchHit], context: AnswerContext) -> list[list[SearchHit]]:
    """Divide the passages into parts that are read at once; a longer passage is a part of its own."""
    counts = context.model.count_tokens([render_passages(number_sentences([hit])) for hit in hits])
    parts: list[list[SearchHit]] = []
    room = 0
    for hit, count in zip(hits, counts, strict=True):
        if not parts or count > room:
            parts.append([])
            room = PART_TOKENS
        parts[-1].append(hit)
        room -= count
    return parts


def _choose(
    question: str, candidates: Sequence[Candidate], request: WholeRequest, context: AnswerContext
) -> tuple[list[Candidate], TokenCounts, bool]:
    if not candidates:
        return [], TokenCounts(), False
    settings = context.settings
    similarities = context.library.similarities(
        question, [candidate.text for candidate in candidates], cancel=context.cancel
    )
    is_small = context.model.load().n_params < settings.small_model
    weight = settings.prior_weight_small if is_small else settings.prior_weight
    is_summary = request.kind is WholeKind.SUMMARY
    end = max(similarities) - settings.similarity_margin if is_summary else settings.similarity_floor
    messages = context.prompts.load(PROMPT).render(passages=render_passages(candidates), question=question)
    chosen: list[Candidate] = []
    tokens, is_stopped = TokenCounts(), False
    for event in context.model.select(
        messages,
        count=len(candidates),
        at_most=_SUMMARY_SENTENCES if is_summary else _LIST_SENTENCES,
        log_prior=[weight * similarity for similarity in similarities],
        log_prior_end=weight * end,
        cancel=context.cancel,
    ):
        match event:
            case Selected():
                chosen.append(candidates[event.number - 1])
            case Finished():
                tokens, is_stopped = event.tokens, event.reason is FinishReason.CANCELLED
    return chosen, tokens, is_stopped


def _verify(candidates: Sequence[Candidate], context: AnswerContext, emit: Emit) -> list[AnswerSentence]:
    found = []
    for candidate in candidates:
        sentence = cite(candidate, context.library)
        if sentence is not None:
            found.append(sentence)
            emit(SentenceAdded(sentence=sentence))
    return found
