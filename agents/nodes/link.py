"""Node: short transitions between the sentences, which stay as they are (method ``cp-link``)."""

from itertools import pairwise

from agents.answer import AnswerSentence, AnswerStatus
from agents.context import AnswerContext, Emit
from agents.state import AnswerState
from agents.steps import StepResult
from agents.transitions import choose_transition, find_transitions, join, make_answers
from llm.errors import ContextLengthError
from llm.types import Finished, FinishReason, Message, Scored, TokenCounts

PROMPT = "link_sentences"


def link(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Put a transition before every sentence that is likelier behind it, the first one apart."""
    sentences = state["sentences"]
    prompt = context.prompts.load(PROMPT)
    linked = list(sentences[:1])
    tokens = TokenCounts()
    is_stopped = state["status"] is AnswerStatus.PARTIAL
    for before, after in pairwise(sentences):
        transition = ""
        if not is_stopped:
            messages = prompt.render(question=state["standalone"], before=" ".join(before.text.split()))
            transition, used, is_stopped = _ask(messages, after.text, context)
            tokens += used
        linked.append(_prepend(transition, after))
    update: AnswerState = {
        "sentences": tuple(linked),
        "tokens": tokens,
        "prompts": {PROMPT: prompt.fingerprint},
    }
    if is_stopped:
        update["status"] = AnswerStatus.PARTIAL
    transitions = sum(old is not new for old, new in zip(sentences, linked, strict=True))
    return StepResult(update=update, details={"transitions": transitions})


def _ask(
    messages: tuple[Message, ...], sentence: str, context: AnswerContext
) -> tuple[str, TokenCounts, bool]:
    """Return the transition or nothing, what asking cost, and whether it was stopped."""
    transitions = find_transitions(sentence)
    answers = make_answers(sentence, transitions)
    transition, tokens, is_stopped = "", TokenCounts(), False
    try:
        for event in context.model.score([messages], answers=answers, cancel=context.cancel):
            match event:
                case Scored():
                    transition = choose_transition(transitions, event.log_probabilities)
                case Finished():
                    tokens, is_stopped = event.tokens, event.reason is FinishReason.CANCELLED
    except ContextLengthError:  # of a very long sentence; the next one stands without a transition
        pass
    return transition, tokens, is_stopped


def _prepend(transition: str, sentence: AnswerSentence) -> AnswerSentence:
    return sentence.model_copy(update={"text": join(transition, sentence.text)}) if transition else sentence
