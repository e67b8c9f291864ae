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
    going = _Survey(state["standalone"], request, context, emit)
    found: list[Candidate] = []
    if request.pattern is not None:
        found = [candidate for candidate in candidates if _is_listed(candidate, request)]
        going.take_found(found)
    else:
        going.choose_by_parts(hits)
    return StepResult(
        update={
            "hits": tuple(hits),
            "round": 1,
            "sentences": tuple(going.sentences),
            "status": AnswerStatus.PARTIAL if going.is_stopped else AnswerStatus.ANSWERED,
            "tokens": going.tokens,
            "prompts": going.prompts,
        },
        details={
            "kind": request.kind.value,
            "document": request.document,
            "passages": len(hits),
            "sentences": len(candidates),
            "parts": going.parts,
            "found_by_form": len(found),
            "chosen": len(going.sentences),
            "cut": going.is_cut,
        },
    )


def _read_hits(request: WholeRequest, context: AnswerContext) -> Iterator[SearchHit]:
    document = context.library.document(request.document)
    chunks = [chunk for chunk in context.library.chunks(request.document) if chunk.is_retrievable]
    pages = context.library.first_pages(chunks)
    for before, chunk, after in zip([None, *chunks], chunks, [*chunks[1:], None], strict=False):
        yield SearchHit(
            chunk=chunk,
            document=document,
            page=pages.get(chunk.id),
            score=0.0,
            similarity=0.0,
            bm25=0.0,
            neighbours=tuple(
                each for each in (before, after) if each and each.heading_path == chunk.heading_path
            ),
        )


def _is_listed(candidate: Candidate, request: WholeRequest) -> bool:
    if request.pattern is None or not request.pattern.search(candidate.text):
        return False
    around = " ".join((candidate.text, *candidate.hit.chunk.heading_path)).lower()
    return not request.topic or any(word in around for word in request.topic)


class _Survey:
    """What has been taken of the document so far, at most :data:`_MOST_SENTENCES` sentences."""

    def __init__(self, question: str, request: WholeRequest, context: AnswerContext, emit: Emit) -> None:
        self._question, self._request = question, request
        self._context, self._emit = context, emit
        self.sentences: list[AnswerSentence] = []
        self.tokens = TokenCounts()
        self.prompts: dict[str, str] = {}
        self.parts = 1
        self.is_stopped = False
        self.is_cut = False
        """Whether there would have been more."""

    def take_found(self, candidates: Sequence[Candidate]) -> None:
        """Take sentences that were found by their form, until it is stopped."""
        for candidate in candidates:
            if self._context.cancel.is_set():
                self.is_stopped = True
                return
            self._take(candidate)

    def choose_by_parts(self, hits: Sequence[SearchHit]) -> None:
        """Let the model read one part of the document after the other and choose in each."""
        self.parts = 0
        if not load_model(self._context, self._emit):
            self.is_stopped = True
            return
        self.prompts = {PROMPT: self._context.prompts.load(PROMPT).fingerprint}
        parts = _split(hits, self._context)
        self.parts = len(parts)
        for number, part in enumerate(parts, 1):
            self.is_cut |= len(self.sentences) == _MOST_SENTENCES
            if self.is_stopped or self.is_cut:
                return
            self._emit(DocumentRead(done=number - 1, total=len(parts)))
            self._choose_in(number_sentences(part))

    def _choose_in(self, candidates: Sequence[Candidate]) -> None:
        try:
            chosen, cost, self.is_stopped = _choose(self._question, candidates, self._request, self._context)
        except Cancelled:
            self.is_stopped = True
            return
        self.tokens += cost
        # In the order of the document, as it is read; what was chosen before a stop is kept.
        for candidate in sorted(chosen, key=lambda each: each.number):
            self._take(candidate)

    def _take(self, candidate: Candidate) -> None:
        if len(self.sentences) == _MOST_SENTENCES:
            self.is_cut = True
            return
        sentence = cite(candidate, self._context.library)
        if sentence is not None:
            self.sentences.append(sentence)
            self._emit(SentenceAdded(sentence=sentence))


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
