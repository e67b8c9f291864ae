"""The published chain of AddRep's agents, as the baseline: some nineteen calls in a row, no loop, no refusal.

Its constants are those of the publication: ten chunks for the question; three sub-questions, each in a call
of its own that sees the ones before, with two chunks each; a cut by distance; one call for each passage,
judged against the question that found it, at most sixteen tokens; then the answer from all that is left. It
runs on llama-cpp-python's own generation with its own reuse of a common prefix, and searches with Bedside's
search, so that nothing but the chain is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from app.benchmarks.plain_generation import PlainAnswer, PlainModel
from llm.types import Message, Role

if TYPE_CHECKING:
    from agents.sources import PassageSource
    from rag.types import ChunkId, SearchHit

CHUNKS, SUB_QUESTIONS, CHUNKS_PER_SUB_QUESTION = 10, 3, 2
SUB_QUESTION_TOKENS, JUDGEMENT_TOKENS, ANSWER_TOKENS = 48, 16, 200
LEAST_SIMILARITY = 0.2
"""Of question and chunk: the cut by distance."""
_SYSTEM = "You are a careful medical assistant."
_SUB_QUESTION = (
    "Question: {question}\n\n{before}Write one further question that looks at it from another angle. "
    "Write only the question."
)
_JUDGEMENT = (
    "Question: {question}\n\nPassage: {passage}\n\n"
    "Is this passage relevant to the question? Answer yes or no."
)
_ANSWER = (
    "Passages:\n\n{passages}\n\nQuestion: {question}\n\n"
    "Answer the question in a few sentences, only with what the passages say."
)


@dataclass(slots=True, kw_only=True)
class ChainRun:
    """What the chain did for one question."""

    kept: "list[SearchHit]" = field(default_factory=list)
    found: int = 0
    answer: str = ""
    calls: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    seconds_to_evidence: float = 0.0
    """Before the answer is written."""


def run_chain(question: str, library: "PassageSource", model: PlainModel) -> ChainRun:
    """Answer one question."""
    run = ChainRun()
    started = perf_counter()
    asked = [question]
    found: dict[ChunkId, tuple[str, SearchHit]] = {}
    _add(found, question, library.search(question, top_k=CHUNKS).hits)
    for _ in range(SUB_QUESTIONS):
        before = "".join(f"Already asked: {other}\n" for other in asked[1:])
        written = _call(
            run, model, _SUB_QUESTION.format(question=question, before=before), SUB_QUESTION_TOKENS
        )
        asked.append(" ".join(written.text.split()) or question)
        _add(found, asked[-1], library.search(asked[-1], top_k=CHUNKS_PER_SUB_QUESTION).hits)
    run.found = len(found)
    for asked_for, hit in found.values():
        prompt = _JUDGEMENT.format(question=asked_for, passage=hit.chunk.text)
        if _call(run, model, prompt, JUDGEMENT_TOKENS).text.strip().casefold().startswith("yes"):
            run.kept.append(hit)
    run.seconds_to_evidence = perf_counter() - started
    passages = "\n\n".join(hit.chunk.text for hit in run.kept)
    prompt = _ANSWER.format(passages=passages, question=question)
    run.answer = _call(run, model, prompt, ANSWER_TOKENS).text.strip()
    run.seconds = perf_counter() - started
    return run


def _add(found: "dict[ChunkId, tuple[str, SearchHit]]", question: str, hits: "Sequence[SearchHit]") -> None:
    for hit in hits:
        if hit.similarity >= LEAST_SIMILARITY:
            found.setdefault(hit.chunk.id, (question, hit))


def _call(run: ChainRun, model: PlainModel, text: str, max_tokens: int) -> PlainAnswer:
    messages = (Message(role=Role.SYSTEM, content=_SYSTEM), Message(role=Role.USER, content=text))
    written = model.write(messages, max_tokens=max_tokens)
    run.calls += 1
    run.prompt_tokens += written.prompt_tokens
    run.tokens += written.tokens
    return written
