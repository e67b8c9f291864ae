"""Node: the model grades every passage against the question, all of them in one reading.

The grade is fused with the retriever's score and never used alone; how much it counts was found for this
model (:mod:`agents.calibration`), down to nothing: then the model is not asked.
"""

import math
from collections.abc import Sequence

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.fitting import describe_reading, fit_passages
from agents.loading import load_model
from agents.passages import Excerpt, number_excerpts, passage_label, render_passages
from agents.state import AnswerState
from agents.steps import StepResult
from llm.types import Finished, FinishReason, PromptRead, Scored, TokenCounts
from rag.types import ChunkId, SearchHit

PROMPT = "judge_passages"
GRADES = ("0", "1", "2", "3")
ALL = "all passages together"
"""What is graded for sufficiency."""


def relevance_judgement(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Grade the passages that are new, and all of them together; mark those that are of no use.

    A passage is graded by what is read of it.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    if not context.settings.addrep.judgement or not context.calibration.asks_model or not state["hits"]:
        return StepResult(update={}, details={"asked": False})
    if not load_model(context, emit):
        return StepResult(update={"status": AnswerStatus.PARTIAL})
    known = state.get("grades", {})
    reading = read_for_grading(state, context)
    hits = [excerpt.hit for excerpt in reading]
    new = [number for number, hit in enumerate(hits, 1) if hit.chunk.id not in known]
    expected, tokens, is_stopped = grade(reading, new, state["standalone"], context, emit)
    if is_stopped:
        return StepResult(update={"tokens": tokens, "status": AnswerStatus.PARTIAL})
    grades = {
        **known,
        **{hits[number - 1].chunk.id: value for number, value in zip(new, expected[:-1], strict=True)},
    }
    probabilities = _fuse(hits, grades, state["scores"], context)
    useless = _find_useless(probabilities, context.calibration.relevance.useless_below)
    return StepResult(
        update={
            "reading": reading,
            "grades": grades,
            "overall_grade": expected[-1],
            "useless": useless,
            "tokens": tokens,
            "prompts": {PROMPT: context.prompts.load(PROMPT).fingerprint},
        },
        details={
            "asked": True,
            "grades": [_describe(hit, grades, probabilities, useless) for hit in hits],
            "grade_of_all": round(expected[-1], 3),
            **describe_reading(state["hits"], reading),
        },
    )


def read_for_grading(state: AnswerState, context: AnswerContext) -> tuple[Excerpt, ...]:
    """Return what is read of the passages; one of nothing but captions is not shown, and not graded.

    Raises:
        ContextLengthError: the question leaves no room for any sentence.
    """
    messages = context.prompts.load(PROMPT).render(passages="", question=state["standalone"], subject=ALL)
    reading = fit_passages(
        "".join(message.content for message in messages),
        state["hits"],
        state["log_odds"],
        context,
        before=state.get("reading", ()),
        rounds=state["round"],
    )
    return tuple(excerpt for excerpt in reading if number_excerpts([excerpt]))


def grade(
    reading: Sequence[Excerpt], numbers: Sequence[int], question: str, context: AnswerContext, emit: Emit
) -> tuple[list[float], TokenCounts, bool]:
    """Let the model grade some passages, and all together, in one reading.

    Args:
        reading: what is read, all of it shown.
        numbers: of the passages that are graded, from 1.
        question: as it stands alone.
        context: whose model grades.
        emit: told of the reading.

    Returns:
        The expected grades, 0 to 3, that of all passages at the end; what it cost; whether it was stopped.
    """
    prompt, passages = context.prompts.load(PROMPT), render_passages(number_excerpts(reading))
    subjects = [*(f"passage [{passage_label(number)}]" for number in numbers), ALL]
    prompts = [prompt.render(passages=passages, question=question, subject=subject) for subject in subjects]
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
    best = max(probabilities, key=lambda chunk: probabilities[chunk], default=None)
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
