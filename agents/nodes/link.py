"""Node: short transitions between the sentences, which stay as they are (method ``cp-link``)."""

from itertools import pairwise

from agents.answer import AnswerSentence, AnswerStatus
from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult
from agents.transitions import check_transition
from agents.writing import write_text
from llm.errors import ContextLengthError
from llm.types import TokenCounts

PROMPT = "link_sentences"
MAX_TOKENS = 24
_GRAMMAR = 'root ::= [A-Z\u4e00-\u9fff] [^\\n\\[\\]«»"]{2,100} [,:，：]'


def link(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Write a transition before every sentence but the first; code drops one that brings anything new."""
    sentences = state["sentences"]
    prompt = context.prompts.load(PROMPT)
    linked = list(sentences[:1])
    tokens, dropped, is_stopped = TokenCounts(), 0, False
    for before, after in pairwise(sentences):
        text = ""
        if not is_stopped and state["status"] is not AnswerStatus.PARTIAL:
            messages = prompt.render(
                question=state["standalone"], before=_flat(before.text), after=_flat(after.text)
            )
            try:
                written = write_text(
                    messages, context, emit, max_tokens=MAX_TOKENS, grammar=_GRAMMAR, is_shown=False
                )
            except ContextLengthError:  # of two long sentences; they stand without a transition
                dropped += 1
            else:
                tokens += written.tokens
                is_stopped = written.status is AnswerStatus.PARTIAL
                text = check_transition(written.text, f"{before.text} {after.text} {state['standalone']}")
                dropped += not text
        linked.append(_prepend(text, after))
    update: AnswerState = {
        "sentences": tuple(linked),
        "tokens": tokens,
        "prompts": {PROMPT: prompt.fingerprint},
    }
    if is_stopped:
        update["status"] = AnswerStatus.PARTIAL
    return StepResult(
        update=update,
        details={"transitions": max(len(sentences) - 1, 0) - dropped, "dropped": dropped},
    )


def _prepend(transition: str, sentence: AnswerSentence) -> AnswerSentence:
    return sentence.model_copy(update={"text": f"{transition} {sentence.text}".strip()})


def _flat(text: str) -> str:
    return " ".join(text.split())
