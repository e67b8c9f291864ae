"""Short transitions between two quoted sentences: one of a closed list, or none, as the model weighs them.

A small model that may write a transition writes the next sentence anew, or repeats the example it was given
(docs/methods.md). What it does know is whether a sentence is likelier behind "For example," than without it.
"""

import re
from collections.abc import Sequence

from rag.storage.segmentation import is_mostly_cjk
from resources.terminology import read_phrases

GAIN = 1.0
"""Nats by which the begin of a sentence has to be likelier behind a transition than without one."""
_WORDS = 6
"""Of the sentence that are weighed."""
_CHARACTERS = 12
"""Where a language has no spaces between words."""
_WORD = re.compile(r"\S+")


def find_transitions(sentence: str) -> tuple[str, ...]:
    """Return the transitions in the language of a sentence."""
    is_cjk = is_mostly_cjk(sentence)
    return tuple(text for text in read_phrases("transitions") if text.isascii() is not is_cjk)


def join(transition: str, sentence: str) -> str:
    """Put a transition before a sentence; a Chinese one needs no space."""
    return f"{transition} {sentence}" if transition.isascii() else f"{transition}{sentence}"


def without_transition(text: str) -> str:
    """Return a sentence without the transition before it, if there is one."""
    transition = next((each for each in read_phrases("transitions") if text.startswith(each)), "")
    return text.removeprefix(transition).lstrip()


def make_answers(sentence: str, transitions: Sequence[str]) -> list[str]:
    """Return the texts to be scored: the sentence's begin, and each transition without and with it behind."""
    text = " ".join(_WORD.findall(sentence)[:_WORDS])
    begin = text[:_CHARACTERS] if is_mostly_cjk(text) else text
    return [begin, *transitions, *(join(transition, begin) for transition in transitions)]


def choose_transition(transitions: Sequence[str], log_probabilities: Sequence[float]) -> str:
    """Return the transition behind which the sentence gains most in likelihood, at least :data:`GAIN`; or "".

    The gain is the pointwise mutual information of transition and sentence, so how common a transition is
    does not count.

    Args:
        transitions: of :func:`find_transitions`.
        log_probabilities: of the texts of :func:`make_answers`.
    """
    count = len(transitions)
    alone, before, joined = (
        log_probabilities[0],
        log_probabilities[1 : 1 + count],
        log_probabilities[1 + count :],
    )
    gains = [both - first - alone for both, first in zip(joined, before, strict=True)]
    best = max(range(count), key=gains.__getitem__, default=None)
    return transitions[best] if best is not None and gains[best] >= GAIN else ""
