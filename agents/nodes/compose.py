"""Node: the model writes freely from the passages (methods ``quote``, ``attributed``, ``citations``)."""

from collections.abc import Sequence
from typing import Any

from agents.answer import AnswerStatus, Method
from agents.context import AnswerContext, Emit
from agents.fitting import describe_reading, fit_passages
from agents.kept_hits import log_odds_of, useful_hits
from agents.loading import load_model
from agents.passages import Piece, number_sentences, render_texts
from agents.state import AnswerState
from agents.steps import StepResult
from agents.writing import Written, write_text
from llm.copying.quoting import choose_marks
from llm.types import Quotable, QuoteMarks

PROMPTS = {
    Method.QUOTE: "answer_quote",
    Method.ATTRIBUTED: "answer_attributed",
    Method.CITATIONS: "answer_citations",
}


def compose(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Read the useful passages as running text and write.

    With ``quote`` it begins with a quote, and nothing but a piece of a passage can be written in one. The
    prompts of all methods begin alike, so another one about the same passages does not read them anew.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    if not load_model(context, emit):
        return StepResult(update={"text": "", "status": AnswerStatus.PARTIAL})
    name = PROMPTS[context.method]
    prompt = context.prompts.load(name)
    useful = useful_hits(state)
    marks = choose_marks([hit.chunk.text for hit in useful])
    values: dict[str, Any] = {"question": state["standalone"]}
    if context.method is Method.QUOTE:
        values |= {"opening": marks.opening, "closing": marks.closing}
    around = "".join(message.content for message in prompt.render(passages="", **values))
    reading = fit_passages(
        around,
        useful,
        log_odds_of(number_sentences(useful), state),
        context,
        rounds=state["round"],
        answer_tokens=context.settings.max_tokens,
    )
    pieces = [piece for excerpt in reading for piece in excerpt.pieces]
    # A small model seldom opens a quote by itself (docs/methods.md): so what it writes begins with one.
    quotable = Quotable(passages=tuple(piece.text for piece in pieces), marks=marks, is_begun=True)
    written = write_text(
        prompt.render(passages=render_texts(reading), **values),
        context,
        emit,
        quotable=quotable if context.method is Method.QUOTE else None,
    )
    return StepResult(
        update={
            "reading": reading,
            "text": _without_marks(written.text, marks) if context.method is Method.QUOTE else written.text,
            "quotes": _find_quotes(written, pieces),
            "status": written.status,
            "tokens": written.tokens,
            "first_token": written.first_token,
            "prompts": {name: prompt.fingerprint},
        },
        details={
            **describe_reading(useful, reading),
            "generated": written.tokens.generated,
            "cut": written.is_cut,
            "quotes": len(written.quotes),
        },
    )


def _find_quotes(written: Written, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return what was quoted, by its place in the chunk; a piece ends at a gap, so no quote goes over it."""
    quoted = ((pieces[quote.passage], quote) for quote in written.quotes)
    return tuple(
        Piece(hit=piece.hit, start=piece.start + quote.start, end=piece.start + quote.end)
        for piece, quote in quoted
    )


def _without_marks(text: str, marks: QuoteMarks) -> str:
    """Take the marks away: what is quoted is shown by its citation."""
    return text.replace(marks.opening, "").replace(marks.closing, "")
