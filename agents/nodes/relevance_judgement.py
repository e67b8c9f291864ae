"""Node: the model grades every passage against the question, all of them in one reading.

The grade is fused with the retriever's score and never used alone; how much it counts was found for this
model (:mod:`agents.calibration`), down to nothing: then the model is not asked.
"""

import math
from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.fitting import describe_left_out, fit_passages
from agents.loading import load_model
from agents.passages import number_sentences, passage_label, render_passages
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, Message, PromptRead, Scored, TokenCounts
from rag.types import ChunkId, SearchHit

PROMPT = "judge_passages"
GRADES = ("0", "1", "2", "3")
ALL = "all passages together"
"""What is graded for sufficiency."""


def relevance_judgement(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Grade the passages that are new, and all of them together; mark those that are of no use.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    if not context.settings.addrep.judgement or not context.calibration.asks_model or not state["hits"]:
        return StepResult(update={}, details={"asked": False})
    if not load_model(context, emit):
        return StepResult(update={"status": AnswerStatus.PARTIAL})
    prompt = context.prompts.load(PROMPT)
    question = state["standalone"]
    around = "".join(m.content for m in prompt.render(passages="", question=question, subject=ALL))
    hits = fit_passages(around, state["hits"], context, rounds=state["round"])
    known = state.get("grades", {})
    new = [(number, hit) for number, hit in enumerate(hits, 1) if hit.chunk.id not in known]
    passages = render_passages(number_sentences(hits))
    subjects = [*(f"passage [{passage_label(number)}]" for number, _ in new), ALL]
    prompts = [prompt.render(passages=passages, question=question, subject=subject) for subject in subjects]
    expected, tokens, is_stopped = grade(prompts, context, emit)
    if is_stopped:
        return StepResult(update={"hits": hits, "tokens": tokens, "status": AnswerStatus.PARTIAL})
    grades = {
        **known,
        **{hit.chunk.id: value for (_, hit), value in zip(new, expected[:-1], strict=True)},
    }
    probabilities = _fuse(hits, grades, state["scores"], context)
    useless = _find_useless(probabilities, context.calibration.relevance.useless_below)
    return StepResult(
        update={
            "hits": hits,
            "grades": grades,
            "overall_grade": expected[-1],
            "useless": useless,
            "tokens": tokens,
            "prompts": {PROMPT: prompt.fingerprint},
        },
        details={
            "asked": True,
            "grades": [_describe(hit, grades, probabilities, useless) for hit in hits],
            "grade_of_all": round(expected[-1], 3),
            "left_out": describe_left_out(state["hits"], hits),
        },
    )


def grade(
    prompts: Sequence[Sequence[Message]], context: AnswerContext, emit: Emit
) -> tuple[list[float], TokenCounts, bool]:
    """Return the expected grade after each prompt, 0 to 3, what it cost, and whether it was stopped."""
    expected = [0.0] * len(prompts)
    tokens, is_stopped = TokenCounts(), False
    for event in context.model.score(prompts, answers=GRADES, cancel=context.cancel):
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case Scored():
                expected[event.prompt] = _expect(event.log_probabilities)
            case Finished():
                tokens, is_stopped = event.tokens, event.reason is FinishReason.CANCELLED
    return expected, tokens, is_stopped


def _expect(log_probabilities: Sequence[float]) -> float:
    """Return the mean grade under the probabilities of the four digits, made to sum to one."""
    highest = max(log_probabilities)
    weights = [math.exp(value - highest) for value in log_probabilities]
    return sum(grade * weight for grade, weight in enumerate(weights)) / sum(weights)


def _fuse(
    hits: Sequence[SearchHit],
    grades: dict[ChunkId, float],
    scores: dict[ChunkId, float],
    context: AnswerContext,
) -> dict[ChunkId, float]:
    curve = context.calibration.relevance
    return {
        hit.chunk.id: curve.probability(scores.get(hit.chunk.id, 0.0), grades[hit.chunk.id]) for hit in hits
    }


def _find_useless(probabilities: dict[ChunkId, float], below: float) -> frozenset[ChunkId]:
    """Return the passages below the cut, but never the best one."""
    best = max(probabilities, key=lambda chunk: probabilities[chunk])
    return frozenset(chunk for chunk, value in probabilities.items() if value < below and chunk != best)


def _describe(
    hit: SearchHit,
    grades: dict[ChunkId, float],
    probabilities: dict[ChunkId, float],
    useless: frozenset[ChunkId],
) -> dict[str, object]:
    return {
        "chunk": hit.chunk.id,
        "document": hit.document.id,
        "title": hit.document.title,
        "page": hit.page,
        "grade": round(grades[hit.chunk.id], 3),
        "relevance": round(probabilities[hit.chunk.id], 3),
        "is_kept": hit.chunk.id not in useless,
    }
