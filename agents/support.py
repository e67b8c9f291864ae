"""Asks a local model whether evidence supports a statement: the probability of Yes against No.

docs/methods.md says how well models of this size tell, and why nothing relies on it unasked.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from llm.chat_model import ChatModel
from llm.errors import ModelCancelled
from llm.prompts import Prompt, PromptLibrary
from llm.types import Finished, FinishReason, Scored

PROMPT = "judge_support"
YES, NO = "Yes", "No"
"""The two answers that the prompt names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPair:
    """A statement and what it is to be checked against."""

    evidence: str
    claim: str


def score_support(
    pairs: Sequence[SupportPair], *, model: ChatModel, prompts: PromptLibrary, cancel: threading.Event
) -> list[float]:
    """Return for each pair the probability, 0 to 1, that the evidence supports the claim.

    Pairs with the same evidence one after the other share its reading: evidence stands first in the prompt.

    Raises:
        ModelCancelled: ``cancel`` was set before all were scored.
        ContextLengthError: a pair does not fit the context.
    """
    prompt = prompts.load(PROMPT)
    scores: list[float] = []
    for _, group in groupby(pairs, key=lambda pair: pair.evidence):
        scores += _score(list(group), prompt, model, cancel)
    return scores


def _score(
    pairs: Sequence[SupportPair], prompt: Prompt, model: ChatModel, cancel: threading.Event
) -> list[float]:
    rendered = [prompt.render(evidence=pair.evidence, claim=pair.claim) for pair in pairs]
    scores = [0.0] * len(pairs)
    for event in model.score(rendered, answers=(YES, NO), cancel=cancel):
        match event:
            case Scored():
                yes, no = event.log_probabilities
                scores[event.prompt] = 1 / (1 + math.exp(no - yes))
            case Finished(reason=FinishReason.CANCELLED):
                raise ModelCancelled("Checking whether the evidence supports the answer was stopped.")
    return scores
