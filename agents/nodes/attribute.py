"""Node: freely written text becomes sentences with citations, each quote checked against its page."""

from agents.answer import AnswerSentence, AnswerStatus, Method
from agents.attribution import attribute, cite_numbers, split_answer
from agents.context import AnswerContext, Emit
from agents.events import SentenceAdded
from agents.state import AnswerState
from agents.steps import StepResult
from agents.writing import is_refusal


def attribute_text(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Cite what each sentence copies; with ``citations``, what it names. A refusal leaves no sentence."""
    reading, quotes = state.get("reading", ()), state.get("quotes", ())
    sentences: list[AnswerSentence] = []
    unknown = 0
    for text in split_answer(state["text"]):
        if context.method is Method.CITATIONS:
            sentence, more = cite_numbers(text, reading, context.library)
            unknown += more
        else:
            sentence = attribute(text, reading, context.library, quotes)
        if sentence.text and not is_refusal(sentence.text):
            sentences.append(sentence)
    for sentence in sentences:
        emit(SentenceAdded(sentence=sentence))
    update: AnswerState = {"sentences": tuple(sentences)}
    if state["status"] is not AnswerStatus.PARTIAL:
        update["status"] = AnswerStatus.ANSWERED
    return StepResult(
        update=update,
        details={
            "sentences": len(sentences),
            "quotes": sum(citation.verbatim for s in sentences for citation in s.citations),
            "unknown_numbers": unknown,
        },
    )
