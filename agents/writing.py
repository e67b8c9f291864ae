"""One free text of the model, with what it quoted and what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.events import PromptReading, TextAdded
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

REFUSAL = "The passages do not say."
"""What prompts ask a model to write where the passages hold no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of one call."""

    text: str
    quotes: tuple[Quoted, ...]
    tokens: TokenCounts
    first_token: float | None
    """Seconds from the question."""
    status: AnswerStatus

    @property
    def is_refusal(self) -> bool:
        """Whether the model said that the passages hold no answer, or nothing at all."""
        return not self.text or self.text.casefold().startswith(REFUSAL.casefold().rstrip("."))


def write_text(
    messages: Sequence[Message],
    context: AnswerContext,
    emit: Emit,
    *,
    quotable: Quotable | None = None,
    max_tokens: int | None = None,
    grammar: str | None = None,
    is_shown: bool = True,
) -> Written:
    """Write one text; ``is_shown`` tells its pieces as they come.

    Raises:
        ContextLengthError: the prompt does not fit.
    """
    pieces: list[str] = []
    quotes: list[Quoted] = []
    first_token: float | None = None
    tokens, status = TokenCounts(), AnswerStatus.ANSWERED
    events = context.model.stream(
        messages,
        sampling=Sampling(max_tokens=max_tokens or context.settings.max_tokens, grammar=grammar),
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
                tokens = event.tokens
                if event.reason is FinishReason.CANCELLED:
                    status = AnswerStatus.PARTIAL
    return Written(
        text="".join(pieces).strip(),
        quotes=tuple(quotes),
        tokens=tokens,
        first_token=first_token,
        status=status,
    )
