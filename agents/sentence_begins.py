"""How likely the model is to copy a sentence where it is asked for the one that answers.

A small model hardly knows which number a sentence has, but it knows how to go on with a text it has read
(docs/methods.md). So the likeliest sentences' first words are scored as the begin of its answer.
"""

import math
import re
from collections.abc import Sequence

from agents.context import AnswerContext, Emit
from agents.events import PromptReading
from agents.passages import Candidate, render_passages
from llm.errors import ContextLengthError
from llm.types import Finished, PromptRead, Scored, TokenCounts
from rag.storage.segmentation import is_mostly_cjk

PROMPT = "find_sentence"
WORDS = 3
"""Of a sentence that are scored: five tell no more (docs/methods.md) and cost twice as much."""
CHARACTERS = 6
"""Where a language has no spaces between words."""
ASKED = 12
"""Sentences that are scored at most, the likeliest by what is known without the model."""
_WORD = re.compile(r"\S+")


def score_begins(
    candidates: Sequence[Candidate],
    log_odds: Sequence[float],
    question: str,
    context: AnswerContext,
    emit: Emit,
) -> tuple[list[float], TokenCounts]:
    """Return what the model adds to each sentence, and what asking it cost.

    Args:
        candidates: all that the model reads.
        log_odds: of each, without the model; by these the likeliest are asked.
        question: that stands alone.
        context: whose model is asked.
        emit: told of the reading.

    Returns:
        The log probability of a sentence's first words less that of the likeliest ones, 0 or less; of a
        sentence that was not asked the least of them. All 0 where it was stopped, or the context has no
        room for it.
    """
    usable = [place for place, value in enumerate(log_odds) if math.isfinite(value)]
    asked = sorted(usable, key=lambda place: -log_odds[place])[:ASKED]
    prompt = context.prompts.load(PROMPT)
    messages = prompt.render(passages=render_passages(candidates), question=question)
    found: dict[int, float] = {}
    tokens = TokenCounts()
    begins = [first_words(candidates[place].text) for place in asked]
    try:
        for event in context.model.score([messages], answers=begins, cancel=context.cancel):
            match event:
                case PromptRead():
                    emit(PromptReading(done=event.done, total=event.total))
                case Scored():
                    found = dict(zip(asked, event.log_probabilities, strict=False))
                case Finished():
                    tokens = event.tokens
    except ContextLengthError:  # the passages fill the context: the number alone is asked
        pass
    best, least = max(found.values(), default=0.0), min(found.values(), default=0.0)
    return [found.get(place, least) - best for place in range(len(candidates))], tokens


def first_words(sentence: str) -> str:
    """Return the begin of a sentence that is scored, its white space as the model is shown it."""
    words = _WORD.findall(sentence)
    text = " ".join(words[:WORDS])
    return text[:CHARACTERS] if is_mostly_cjk(text) else text
