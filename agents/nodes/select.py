"""Node: the model chooses sentences by number (CP-Order); code will insert their text."""

import math
from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.citations import cite
from agents.context import AnswerContext, Emit
from agents.events import PromptReading, SentenceAdded
from agents.fitting import describe_reading, fit_passages
from agents.kept_hits import log_odds_of
from agents.loading import load_model
from agents.passages import Candidate, number_excerpts, render_passages
from agents.sentence_begins import PROMPT as FIND_PROMPT
from agents.sentence_begins import score_begins
from agents.sentence_ranking import count_sentences, order_for_reading
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, Message, PromptRead, Selected, TokenCounts

PROMPT = "select_sentences"


def select(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Read the passages that fit the context once and choose among their sentences.

    The model's choice of a number, and how likely it is to copy a sentence's first words, are weighed against
    what is known of the sentence without it, and how many are taken is decided without it: a small model is
    led by the retriever.

    Raises:
        ContextLengthError: not even the question fits.
    """
    if not load_model(context, emit):
        return StepResult(update={"chosen": (), "status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    question = state["standalone"]
    around = "".join(message.content for message in prompt.render(passages="", question=question))
    reading = fit_passages(
        around,
        state["hits"],
        state["log_odds"],
        context,
        before=state.get("reading", ()),
        rounds=state["round"],
    )
    candidates = number_excerpts(reading)
    messages = prompt.render(passages=render_passages(candidates), question=question)
    log_odds = _score(state, candidates)
    told_of_reading = {**describe_reading(state["hits"], reading), "candidates": len(candidates)}
    at_most = count_sentences(log_odds, at_most=context.settings.max_sentences)
    if not at_most:  # what fits holds no sentence that may be taken: nothing to ask the model
        return StepResult(
            update={"chosen": (), "reading": reading, "status": AnswerStatus.ANSWERED},
            details={**told_of_reading, "chosen": []},
        )
    begins, asked_tokens, prompts = _ask_for_begins(candidates, log_odds, question, context, emit)
    log_odds = [value + begin for value, begin in zip(log_odds, begins, strict=True)]
    chosen, finished, first_token, told = _choose(messages, candidates, log_odds, at_most, context, emit)
    is_stopped = finished.reason is FinishReason.CANCELLED
    return StepResult(
        update={
            "chosen": order_for_reading(chosen),
            "reading": reading,
            "status": AnswerStatus.PARTIAL if is_stopped else AnswerStatus.ANSWERED,
            "tokens": asked_tokens + finished.tokens,
            "told": told,
            "first_token": first_token,
            "prompts": prompts | {PROMPT: prompt.fingerprint},
        },
        details={
            **told_of_reading,
            "chosen": [candidate.number for candidate in chosen],
            "log_odds": [round(log_odds[candidate.number - 1], 2) for candidate in chosen],
            "begins": [round(begins[candidate.number - 1], 2) for candidate in chosen],
        },
    )


def _score(state: AnswerState, candidates: Sequence[Candidate]) -> list[float]:
    """Return the sentences' log-odds; none of a passage that was judged useless, though it has been read."""
    useless = state.get("useless", frozenset())
    return [
        -math.inf if candidate.hit.chunk.id in useless else value
        for candidate, value in zip(candidates, log_odds_of(candidates, state), strict=True)
    ]


def _ask_for_begins(
    candidates: Sequence[Candidate],
    log_odds: Sequence[float],
    question: str,
    context: AnswerContext,
    emit: Emit,
) -> tuple[list[float], TokenCounts, dict[str, str]]:
    """Return what the sentences' first words add to their log-odds, what that cost, and the prompt asked."""
    share = context.settings.begin_share
    if not share or _is_small(context):
        return [0.0] * len(candidates), TokenCounts(), {}
    begins, tokens = score_begins(candidates, log_odds, question, context, emit)
    fingerprint = context.prompts.load(FIND_PROMPT).fingerprint
    return [share * begin for begin in begins], tokens, {FIND_PROMPT: fingerprint}


def _is_small(context: AnswerContext) -> bool:
    return context.model.load().n_params < context.settings.small_model


def _choose(
    messages: Sequence[Message],
    candidates: Sequence[Candidate],
    log_odds: Sequence[float],
    at_most: int,
    context: AnswerContext,
    emit: Emit,
) -> tuple[tuple[Candidate, ...], Finished, float | None, int]:
    """Choose; the first sentence, which stays the first, is verified and shown at once."""
    settings = context.settings
    share = settings.model_share_small if _is_small(context) else settings.model_share
    chosen: list[Candidate] = []
    first_token: float | None = None
    told = 0
    finished = Finished(
        reason=FinishReason.CANCELLED, tokens=TokenCounts(), seconds_to_first_token=0.0, seconds=0.0
    )
    events = context.model.select(
        messages,
        count=len(candidates),
        at_most=at_most,
        log_prior=[value / share for value in log_odds],
        log_prior_end=-math.inf,  # whether to answer at all was decided before
        is_ranked=True,  # what it knows of the next ones when it has written one is not worth the time
        cancel=context.cancel,
    )
    for event in events:
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case Selected():
                first_token = first_token or context.elapsed()
                chosen.append(candidates[event.number - 1])
                if len(chosen) == 1 and (sentence := cite(chosen[0], context.library)) is not None:
                    emit(SentenceAdded(sentence=sentence))
                    told = 1
            case Finished():
                finished = event
    return tuple(chosen), finished, first_token, told
