"""Node: the model chooses sentences by number (CP-Order); code will insert their text."""

import math
from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.fitting import describe_left_out, fit_passages
from agents.loading import load_model
from agents.passages import Candidate, number_sentences, render_passages
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, Message, PromptRead, Selected, TokenCounts
from rag.types import ChunkId

PROMPT = "select_sentences"


def select(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Read the passages that fit the context once and choose among their sentences.

    Each sentence's prior is its similarity to the question, so that a small model is led by the retriever.

    Raises:
        ContextLengthError: not even the question fits.
    """
    if not load_model(context, emit):
        return StepResult(update={"chosen": (), "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    question = state["standalone"]
    around = "".join(message.content for message in prompt.render(passages="", question=question))
    fitting = fit_passages(around, state["hits"], context, rounds=state["round"])
    candidates = number_sentences(fitting)
    messages = prompt.render(passages=render_passages(candidates), question=question)
    # The passages that fit are the first ones, and so are their sentences.
    similarities = state["similarities"][: len(candidates)]
    chosen, finished, first_token = _choose(
        messages, candidates, similarities, state.get("useless", frozenset()), context, emit
    )
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
            "left_out": describe_left_out(state["hits"], fitting),
            "candidates": len(candidates),
            "chosen": [candidate.number for candidate in chosen],
        },
    )


def _choose(
    messages: Sequence[Message],
    candidates: Sequence[Candidate],
    similarities: Sequence[float],
    useless: frozenset[ChunkId],
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
        # A passage that was judged useless stays in the prompt, which has been read, but gives no sentence.
        log_prior=[
            -math.inf if candidate.hit.chunk.id in useless else weight * similarity
            for candidate, similarity in zip(candidates, similarities, strict=True)
        ],
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
