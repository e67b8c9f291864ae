"""Node: writer and reviewer turn a draft into copied text, round by round (method ``cp-refine``)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.answer import AnswerStatus
from agents.context import AnswerContext, Emit
from agents.fitting import describe_reading, fit_passages
from agents.kept_hits import log_odds_of, useful_hits
from agents.loading import load_model
from agents.passages import Excerpt, number_sentences, render_texts
from agents.state import AnswerState
from agents.steps import StepResult
from agents.writing import Written, write_text
from llm.copying.copying_degree import measure_copying, split_tokens
from llm.errors import ContextLengthError
from llm.types import TokenCounts

DRAFT, REVIEW, REDRAFT = "copy_draft", "copy_review", "copy_redraft"
REVIEW_TOKENS = 120
REVIEW_GRAMMAR = 'root ::= line ("\\n" line)? ("\\n" line)?\nline ::= "- " [^\\n]{8,200}'
"""At most three suggestions."""
_STRANGE_WORDS = 24
"""Words that are not copied which the reviewer is shown."""
_DRAFT_ROOM = 300
"""Tokens kept free for a draft and its suggestions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    text: str
    score: float
    """Copying score against the passages."""
    is_cut: bool
    """Whether it was longer than an answer may be."""


class _Workshop:
    """Writer and reviewer of one answer; they read the same passages."""

    def __init__(self, question: str, reading: Sequence[Excerpt], context: AnswerContext, emit: Emit) -> None:
        self._shown = {"passages": render_texts(reading), "question": question}
        self._text = "\n".join(piece.text for excerpt in reading for piece in excerpt.pieces)
        self._context = context
        self._emit = emit
        self.tokens = TokenCounts()
        self.first_token: float | None = None
        self._is_refused = False
        self._is_stopped = False

    def draft(self) -> _Draft:
        written = self._write(DRAFT, is_shown=True)
        self.first_token = written.first_token
        return self._measure(written)

    def review(self, draft: _Draft) -> str:
        strange = _strange_words(draft.text, self._text)
        return self._write(REVIEW, draft=draft.text, strange=strange).text

    def redraft(self, draft: _Draft, suggestions: str) -> _Draft:
        return self._measure(self._write(REDRAFT, draft=draft.text, suggestions=suggestions))

    def is_stopped(self) -> bool:
        """Whether the user stopped it."""
        return self._is_stopped

    def is_over(self) -> bool:
        """Whether there is nothing to be made better: it was stopped, or the passages hold no answer."""
        return self._is_stopped or self._is_refused

    def _write(self, name: str, *, is_shown: bool = False, **values: str) -> Written:
        written = write_text(
            self._context.prompts.load(name).render(**self._shown, **values),
            self._context,
            self._emit,
            max_tokens=REVIEW_TOKENS if name == REVIEW else None,
            grammar=REVIEW_GRAMMAR if name == REVIEW else None,
            is_shown=is_shown,
        )
        self.tokens += written.tokens
        self._is_stopped |= written.status is AnswerStatus.PARTIAL
        self._is_refused |= written.is_refusal
        return written

    def _measure(self, written: Written) -> _Draft:
        score = measure_copying(written.text, self._text).score
        return _Draft(text=written.text, score=score, is_cut=written.is_cut)


def refine(state: AnswerState, context: AnswerContext, emit: Emit) -> StepResult:
    """Write a draft; while too little of it is copied, have it reviewed and written again.

    The draft and its suggestions both go back to the writer. The best draft is kept. It ends when enough is
    copied, when a round brings nothing, or after :attr:`AnswerSettings.refine_rounds` drafts.

    Raises:
        ContextLengthError: the question leaves no room for any passage.
    """
    if not load_model(context, emit):
        return StepResult(update={"text": "", "status": AnswerStatus.PARTIAL})
    question, useful = state["standalone"], useful_hits(state)
    reading = fit_passages(
        _longest_prompt(question, context),
        useful,
        log_odds_of(number_sentences(useful), state),
        context,
        rounds=state["round"],
        answer_tokens=context.settings.max_tokens,
    )
    workshop = _Workshop(question, reading, context, emit)
    drafts = list(_write_drafts(workshop, context))
    best = max(drafts, key=lambda draft: draft.score)
    return StepResult(
        update={
            "reading": reading,
            "text": best.text,
            "quotes": (),
            "status": AnswerStatus.PARTIAL if workshop.is_stopped() else AnswerStatus.ANSWERED,
            "tokens": workshop.tokens,
            "first_token": workshop.first_token,
            "prompts": {name: context.prompts.load(name).fingerprint for name in (DRAFT, REVIEW, REDRAFT)},
        },
        details={
            **describe_reading(useful, reading),
            "drafts": len(drafts),
            "copying_scores": [round(draft.score, 3) for draft in drafts],
            "cut": best.is_cut,
            "target": context.settings.copying_target,
        },
    )


def _write_drafts(workshop: _Workshop, context: AnswerContext) -> Iterator[_Draft]:
    """Yield drafts, each better than the one before, but for the last.

    A later draft that was stopped is none: few words, all of them copied, would pass for the best. Nor is
    there one where draft and advice leave no room in the context.
    """
    settings = context.settings
    best = workshop.draft()
    yield best
    for _ in range(settings.refine_rounds - 1):
        if workshop.is_over() or best.score >= settings.copying_target:
            return
        try:
            suggestions = workshop.review(best)
            if workshop.is_stopped():
                return
            new = workshop.redraft(best, suggestions)
        except ContextLengthError:
            return
        if workshop.is_stopped():
            return
        yield new
        if new.score <= best.score:
            return
        best = new


def _longest_prompt(question: str, context: AnswerContext) -> str:
    room = " word" * _DRAFT_ROOM
    messages = context.prompts.load(REVIEW).render(passages="", question=question, draft=room, strange="")
    return "".join(message.content for message in messages)


def _strange_words(draft: str, passages: str) -> str:
    known = set(split_tokens(passages))
    strange = dict.fromkeys(token for token in split_tokens(draft) if token not in known and token.isalnum())
    return ", ".join(list(strange)[:_STRANGE_WORDS]) or "(none)"
