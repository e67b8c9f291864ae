"""Node: guards beside the copying degree. What they flag is dropped, or kept with its flags."""

from collections.abc import Sequence

from agents.answer import AnswerSentence, Flag, FlagKind, Method
from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult
from llm.copying.copying_degree import measure_copying
from rag.types import SearchHit

COPYING_METHODS = frozenset({Method.CP_ORDER, Method.CP_LINK, Method.CP_REFINE, Method.QUOTE})
"""Methods that promise to copy: a flagged sentence is dropped. In the others it stays, with its flags."""


def check(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Compare numbers, units, negations and names of drugs with the passages; see what is copied at all."""
    hits = state.get("hits", ())
    checked = [flag_sentence(sentence, hits, context) for sentence in state["sentences"]]
    kept = [s for s in checked if not s.flags] if context.method in COPYING_METHODS else checked
    flagged = [flag.kind.value for sentence in checked for flag in sentence.flags]
    return StepResult(
        update={"sentences": tuple(kept)},
        details={
            "flags": {kind: flagged.count(kind) for kind in sorted(set(flagged))},
            "dropped": [flag.kind.value for s in checked if s not in kept for flag in s.flags],
        },
    )


def flag_sentence(
    sentence: AnswerSentence, hits: Sequence[SearchHit], context: AnswerContext
) -> AnswerSentence:
    """Attach to a sentence what is wrong with it."""
    if is_copied_whole(sentence):
        return sentence
    passages = [hit.chunk.text for hit in hits]
    flags = []
    coverage = measure_copying(sentence.text, "\n".join(passages)).coverage
    if coverage < context.settings.support_coverage:
        flags.append(Flag(kind=FlagKind.UNSUPPORTED, start=0, end=len(sentence.text), text=sentence.text))
    return sentence.model_copy(update={"flags": tuple(flags)})


def is_copied_whole(sentence: AnswerSentence) -> bool:
    """Whether nothing stands in a sentence but what it quotes; such a one needs no other guard."""
    quoted = " ".join(citation.quote for citation in sentence.citations if citation.verbatim)
    return bool(quoted) and quoted.split() == sentence.text.split()
