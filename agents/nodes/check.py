"""Node: guards beside the copying degree. What they flag is dropped, or kept with its flags."""

from collections.abc import Sequence

from agents.answer import AnswerSentence, Flag, FlagKind, Method
from agents.context import AnswerContext, Emit
from agents.contrast import contrast
from agents.kept_hits import read_texts
from agents.repetition import join_repeated
from agents.state import AnswerState
from agents.steps import StepResult
from agents.transitions import without_transition
from llm.copying.copying_degree import measure_copying
from llm.copying.guards import check_sentence

COPYING_METHODS = frozenset({Method.CP_ORDER, Method.CP_LINK, Method.CP_REFINE, Method.QUOTE})
"""Methods that promise to copy: a flagged sentence is dropped. In the others it stays, with its flags."""


def check(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Compare numbers, units, negations and names of drugs with the passages; see what is copied at all.

    What is said twice is said once. Then sources that contradict each other are put side by side.
    """
    passages = read_texts(state)
    coverage = context.settings.support_coverage
    checked = [flag_sentence(sentence, passages, coverage) for sentence in state["sentences"]]
    kept = [s for s in checked if not s.flags] if context.method in COPYING_METHODS else checked
    is_whole = "whole_document" in state  # one document does not contradict itself
    joined = join_repeated(kept)
    sentences, conflicts = (joined, ()) if is_whole else contrast(joined, state, context.library)
    flagged = [flag.kind.value for sentence in checked for flag in sentence.flags]
    return StepResult(
        update={"sentences": sentences, "conflicts": conflicts},
        details={
            "flags": {kind: flagged.count(kind) for kind in sorted(set(flagged))},
            "dropped": [flag.kind.value for s in checked if s not in kept for flag in s.flags],
            "repeated": len(kept) - len(joined),
            "contrasted": len(sentences) - len(joined),
            "conflicts": len(conflicts),
        },
    )


def flag_sentence(sentence: AnswerSentence, passages: Sequence[str], least_coverage: float) -> AnswerSentence:
    """Attach to a sentence what is wrong with it.

    Args:
        sentence: with its citations.
        passages: that the model read.
        least_coverage: share of its tokens that the passages must hold; below it nothing supports it.
    """
    if is_copied_whole(sentence):
        return sentence
    flags = [
        Flag(kind=FlagKind(found.kind.value), start=found.start, end=found.end, text=found.text)
        for found in check_sentence(sentence.text, passages)
    ]
    if measure_copying(sentence.text, "\n".join(passages)).coverage < least_coverage:
        flags.append(Flag(kind=FlagKind.UNSUPPORTED, start=0, end=len(sentence.text), text=sentence.text))
    return sentence.model_copy(update={"flags": tuple(flags)})


def is_copied_whole(sentence: AnswerSentence) -> bool:
    """Whether a sentence is what it quotes, behind a transition perhaps; such a one needs no other guard."""
    quoted = " ".join(citation.quote for citation in sentence.citations if citation.verbatim)
    return bool(quoted) and quoted.split() in (
        sentence.text.split(),
        without_transition(sentence.text).split(),
    )
