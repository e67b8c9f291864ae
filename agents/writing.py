"""One free text of the model, with what it quoted and what it cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading, TextAdded
from agents.phrases import ends_sentence
from llm.types import (
    Finished,
    FinishReason,
    Message,
    PromptRead,
    Quotable,
    Quoted,
    Sampling,
    TextDelta,
    TokenCounts,
)
from rag.chunking.sentences import split_sentences

_REFUSES = re.compile(r"the passages? do(?:es)?(?: not|n['’]t) say\b", re.IGNORECASE)
"""How models say that there is no answer in what they read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of one call."""

    text: str
    quotes: tuple[Quoted, ...]
    tokens: TokenCounts
    first_token: float | None
    """Seconds from the question."""
    status: AnswerStatus
    is_cut: bool = False
    """Whether it came to the most tokens it may have; then :attr:`text` ends with its last whole sentence."""

    @property
    def is_refusal(self) -> bool:
        """Whether the model said that the passages hold no answer, or nothing at all."""
        return not self.text or is_refusal(self.text)


def is_refusal(text: str) -> bool:
    """Tell whether a text begins by saying that the passages do not hold the answer."""
    return _REFUSES.match(text) is not None


def write_text(
    messages: Sequence[Message],
    context: AnswerContext,
    emit: Emit,
    *,
    quotable: Quotable | None = None,
    max_tokens: int | None = None,
    grammar: str | None = None,
    stop: tuple[str, ...] = (),
    is_shown: bool = True,
) -> Written:
    """Write one text; ``is_shown`` tells its pieces as they come.

    Args:
        messages: the prompt.
        context: whose model writes.
        emit: told of the reading, and of the text.
        quotable: what may stand between quote marks.
        max_tokens: by default those of an answer.
        grammar: GBNF that the text keeps to.
        stop: texts at which it ends.
        is_shown: whether the pieces of the text are told.

    Raises:
        ContextLengthError: the prompt does not fit.
    """
    pieces: list[str] = []
    quotes: list[Quoted] = []
    first_token: float | None = None
    finished: Finished | None = None
    events = context.model.stream(
        messages,
        sampling=Sampling(max_tokens=max_tokens or context.settings.max_tokens, grammar=grammar, stop=stop),
        quotable=quotable,
        cancel=context.cancel,
    )
    for event in events:
        match event:
            case PromptRead():
                emit(PromptReading(done=event.done, total=event.total))
            case TextDelta():
                first_token = first_token or context.elapsed()
                pieces.append(event.text)
                if is_shown:
                    emit(TextAdded(text=event.text))
            case Quoted():
                quotes.append(event)
            case Finished():
                finished = event
    text = "".join(pieces).strip()
    reason = finished.reason if finished else FinishReason.CANCELLED
    is_cut = reason is FinishReason.LENGTH
    return Written(
        text=whole_sentences(text) if is_cut else text,
        quotes=tuple(quotes),
        tokens=finished.tokens if finished else TokenCounts(),
        first_token=first_token,
        status=AnswerStatus.PARTIAL if reason is FinishReason.CANCELLED else AnswerStatus.ANSWERED,
        is_cut=is_cut,
    )


def whole_sentences(text: str) -> str:
    """Return a text that was cut, up to its last whole sentence: half a sentence may say the opposite."""
    spans = split_sentences(text)
    while spans and not ends_sentence(text[slice(*spans[-1])]):
        spans.pop()
    return text[: spans[-1][1]] if spans else ""
