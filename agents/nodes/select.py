"""Node: the model chooses sentences by number (CP-Order); code will insert their text."""

from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.loading import load_model
from agents.passages import Candidate, number_sentences, render_passages
from agents.state import AnswerState
from agents.steps import StepResult
from llm.errors import ContextLengthError
from llm.types import Finished, FinishReason, Message, PromptRead, Selected, TokenCounts
from rag.types import SearchHit

PROMPT = "select_sentences"
ANSWER_TOKENS = 64
"""Room kept free in the context for the numbers."""


def select(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Read the passages that fit the context once and choose among their sentences.

    Each sentence's prior is its similarity to the question, so that a small model is led by the retriever.

    Raises:
        ContextLengthError: not even the question fits.
    """
    if not load_model(context, emit):
        return StepResult(update={"chosen": (), "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    fitting = fit_passages(state["question"], state["hits"], context)
    candidates = number_sentences(fitting)
    messages = prompt.render(passages=render_passages(candidates), question=state["question"])
    # The passages that fit are the first ones, and so are their sentences.
    similarities = state["similarities"][: len(candidates)]
    chosen, finished, first_token = _choose(messages, candidates, similarities, context, emit)
    left_out = [
        {"document": hit.document.id, "title": hit.document.title, "page": hit.page}
        for hit in state["hits"][len(fitting) :]
    ]
    is_stopped = finished.reason is FinishReason.CANCELLED
    return StepResult(
        update={
            "chosen": chosen,
            "status": AnswerStatus.PARTIAL if is_stopped else AnswerStatus.ANSWERED,
            "tokens": finished.tokens,
            "first_token": first_token,
            "prompts": {PROMPT: prompt.fingerprint},
        },
        details={
            "passages": len(fitting),
            "left_out": left_out,
            "candidates": len(candidates),
            "chosen": [candidate.number for candidate in chosen],
        },
    )


def fit_passages(question: str, hits: Sequence[SearchHit], context: AnswerContext) -> tuple[SearchHit, ...]:
    """Keep the best hits, as many as the model's context holds beside the question.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    loaded = context.model.load()
    prompt = context.prompts.load(PROMPT)
    fixed = "".join(message.content for message in prompt.render(passages="", question=question))
    # Chat markup is a few tokens a message; the same reserve covers tokens that merge differently.
    reserve = ANSWER_TOKENS + 16 * len(hits) + 64
    counted = context.model.count_tokens([fixed, *(render_passages(number_sentences([h])) for h in hits)])
    room = loaded.n_ctx - reserve - counted[0]
    kept: list[SearchHit] = []
    for hit, tokens in zip(hits, counted[1:], strict=True):
        # A passage after others costs more digits in its numbers than it was counted with.
        cost = tokens + len(hit.chunk.sentences)
        if cost > room:
            break
        room -= cost
        kept.append(hit)
    if not kept:
        smallest = min(counted[1:], default=0)
        raise ContextLengthError(counted[0] + reserve + smallest, loaded.n_ctx)
    return tuple(kept)


def _choose(
    messages: Sequence[Message],
    candidates: Sequence[Candidate],
    similarities: Sequence[float],
    context: AnswerContext,
    emit: Emit,
) -> tuple[tuple[Candidate, ...], Finished, float | None]:
    settings = context.settings
    is_small = context.model.load().n_params < settings.small_model
    weight = settings.prior_weight_small if is_small else settings.prior_weight
    chosen: list[Candidate] = []
    first_token: float | None = None
    finished = Finished(
        reason=FinishReason.CANCELLED, tokens=TokenCounts(), seconds_to_first_token=0.0, seconds=0.0
    )
    events = context.model.select(
        messages,
        count=len(candidates),
        at_most=settings.max_sentences,
        log_prior=[weight * similarity for similarity in similarities],
        log_prior_end=weight * max(settings.similarity_floor, max(similarities) - settings.similarity_margin),
        cancel=context.cancel,
    )
    for event in events:
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case Selected():
                first_token = first_token or context.elapsed()
                chosen.append(candidates[event.number - 1])
            case Finished():
                finished = event
    return tuple(chosen), finished, first_token
