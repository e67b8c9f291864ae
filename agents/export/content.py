"""What is exported of a conversation: its texts in their order, the same for every format."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.answer import Answer, AnswerStatus, Arm, Citation, NearestSource
from agents.citations import flatten, is_doubtful, number_sources
from agents.turns import Conversation, Turn
from rag.types import DocumentId

NOTE = "Bedside is a tool for reading. It is not a medical device and gives no advice of its own."
NOT_FROM_LIBRARY = "Not from the library: written by the model from memory, without a source."
INCOMPLETE = "Incomplete: it was stopped, or only a part of the question has evidence."
CUT = "Cut at the longest that an answer may be: there would have been more."
NOT_VERBATIM = "not found word for word in the document as it is now"
REMOVED = "the document was removed from the library"
FLAGGED = "Not to be relied on"
CONFLICTS = "Sources that do not agree"
SOURCES = "Sources"
NEAREST = "What comes nearest in the library"

_TIME = "%Y-%m-%d %H:%M"
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML does not allow, and halves of characters: no file could hold them."""

YearOf = Callable[[DocumentId], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSentence:
    """A sentence of an answer and the numbers of its sources."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSource:
    """A numbered source: where it is, and what it says there word for word."""

    number: int
    place: str
    quote: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTurn:
    """A question with its answer. All texts are on one line, unescaped."""

    question: str
    details: str
    warnings: tuple[str, ...]
    sentences: tuple[ExportedSentence, ...]
    flags: tuple[str, ...]
    conflicts: tuple[str, ...]
    sources: tuple[ExportedSource, ...]
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedConversation:
    """A whole conversation."""

    title: str
    details: str
    turns: tuple[ExportedTurn, ...]


def gather(conversation: Conversation, turns: Sequence[Turn], *, year_of: YearOf) -> ExportedConversation:
    """Put together what is exported of the branch of a conversation that is shown.

    Args:
        conversation: for its title.
        turns: of the branch.
        year_of: a document's year; ``None`` where it is not known or the document is gone.
    """
    return ExportedConversation(
        title=_clean(conversation.title),
        details=f"Exported from Bedside, {datetime.now().astimezone().strftime(_TIME)}",
        turns=tuple(_gather_turn(turn, year_of) for turn in turns),
    )


def _gather_turn(turn: Turn, year_of: YearOf) -> ExportedTurn:
    answer = turn.answer
    numbers = number_sources(answer.sentences)
    doubtful = {
        each for sentence in answer.sentences for each in sentence.citations if is_doubtful(each, sentence)
    }
    return ExportedTurn(
        question=_clean(answer.question),
        details=_details(turn),
        warnings=tuple(_warnings(answer)),
        sentences=_sentences(answer, numbers),
        flags=tuple(_flags(answer)),
        conflicts=tuple(
            f"sentences {each.first + 1} and {each.second + 1}: {_clean(each.reason)}"
            for each in answer.conflicts
        ),
        sources=tuple(
            _source(citation, number, year_of, is_doubtful=citation in doubtful)
            for citation, number in numbers.items()
        ),
        nearest=tuple(_place(source, year_of) for source in answer.nearest),
    )


def _details(turn: Turn) -> str:
    answer = turn.answer
    how = f"model {_clean(answer.model)}, method {answer.method.value}"
    is_other = answer.standalone and answer.standalone != answer.question
    understood = f"; understood as “{_clean(answer.standalone)}”" if is_other else ""
    return f"{turn.asked.astimezone().strftime(_TIME)}, {how}{understood}"


def _warnings(answer: Answer) -> Iterator[str]:
    if answer.arm is Arm.CLOSED:
        yield NOT_FROM_LIBRARY
    if answer.status is AnswerStatus.PARTIAL:
        yield CUT if answer.is_cut and not answer.open_parts else INCOMPLETE


def _flags(answer: Answer) -> Iterator[str]:
    """Of a model's own answer every sentence is flagged, which the warning says already."""
    if answer.arm is not Arm.CLOSED:
        for flag in answer.flags:
            yield f"{flag.kind.value}: “{_clean(flag.text)}”"


def _sentences(answer: Answer, numbers: dict[Citation, int]) -> tuple[ExportedSentence, ...]:
    if not answer.sentences:
        return (ExportedSentence(text=_clean(answer.answer), numbers=()),) if answer.answer else ()
    return tuple(
        ExportedSentence(
            text=_clean(sentence.text), numbers=tuple(numbers[citation] for citation in sentence.citations)
        )
        for sentence in answer.sentences
    )


def _source(citation: Citation, number: int, year_of: YearOf, *, is_doubtful: bool) -> ExportedSource:
    doubt = NOT_VERBATIM if is_doubtful else ""
    note = doubt if citation.quote else REMOVED
    return ExportedSource(
        number=number, place=_place(citation, year_of), quote=_clean(citation.quote), note=note
    )


def _place(source: Citation | NearestSource, year_of: YearOf) -> str:
    """Title, year, page and file, as far as they are known."""
    year = source.year or year_of(DocumentId(source.document))
    title = _clean(source.title) if year is None else f"{_clean(source.title)} ({year})"
    page = "" if source.page is None else f", page {source.page}"
    return f"{title}{page}, {_clean(source.file)}"


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", flatten(text))
