"""Takes out of an answer what it quotes of a removed document; title and page stay as a mark."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from agents.answer import Answer, AnswerSentence, Citation, flags_of_whole
from agents.phrases import cut_phrase, holds_phrase, is_phrase
from rag.types import SPAN_JOINER, DocumentId

_DONE = frozenset(
    {
        "question",
        "answer",
        "status",
        "sentences",
        "flags",
        "arm",
        "method",
        "model",
        "prompts",
        "conversation",
    }
)
"""Fields of an answer that are treated one by one, or never hold text of a document."""
_KEPT = frozenset({"document", "file", "title"})
"""Texts that tell which document it was; any other text beside a document's id may be the document's."""


def redact_answer(answer: Answer, document: DocumentId) -> Answer:
    """Replace what an answer quotes of a document by marks that keep title and page.

    Sentences that quote it become marks, and go from the conflicts; one that another document says in the
    same words stays, and only its quote goes. In every other field, texts beside the document's id and texts
    that hold one of the quotes lose them, whatever the field is for; only a quote of a single word is left in
    other texts, where it is a word like any other. An answer without any text of the document is returned as
    it is.
    """
    sentences = tuple(_without(each, document) for each in answer.sentences)
    pairs = tuple(zip(answer.sentences, sentences, strict=True))
    marks = {number for number, (old, new) in enumerate(pairs) if new.text != old.text}
    marked = answer.model_copy(
        update={
            "sentences": sentences,
            "answer": " ".join(each.text for each in sentences) if marks else answer.answer,
            "flags": flags_of_whole(sentences) if marks else answer.flags,
            "conflicts": tuple(c for c in answer.conflicts if not marks & {c.first, c.second}),
        }
    )
    gone = [text for old, new in pairs if new is not old for text in _texts(old, new, document)]
    fields = marked.model_dump()
    others = {name: value for name, value in fields.items() if name not in _DONE}
    if document in answer.model_dump_json():
        others = _without_rewritings(others, answer.question)
    redacted = Answer.model_validate(fields | _scrub(others, document, gone))
    return answer if redacted == answer else redacted


def _without_rewritings(fields: Mapping[str, Any], question: str) -> dict[str, Any]:
    """Leave out what a model wrote after it had read passages: it may hold their words."""
    trace = tuple({**row, **_asked(row, question)} for row in fields["trace"])
    return {**fields, "standalone": fields["standalone"] and question, "trace": trace}


def _asked(row: Mapping[str, Any], question: str) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if "sub_questions" in row:
        changed["sub_questions"] = []
    if "standalone" in row:
        changed["standalone"] = question
    if "queries" in row:
        changed["queries"] = [
            each if each["query"] == question else {**each, "query": ""} for each in row["queries"]
        ]
    return changed


def _without(sentence: AnswerSentence, document: DocumentId) -> AnswerSentence:
    """What it quotes of other documents stays: it stands there still."""
    if not _cites(sentence, document):
        return sentence
    citations = tuple(
        citation.model_copy(update={"quote": "", "verbatim": False})
        if citation.document == document
        else citation
        for citation in sentence.citations
    )
    if any(holds_phrase(quote, sentence.text) for quote in _quotes(citations)):
        return sentence.model_copy(update={"citations": citations})
    first = next(citation for citation in sentence.citations if citation.document == document)
    place = first.title if first.page is None else f"{first.title}, page {first.page}"
    return AnswerSentence(text=f"[removed from the library: {place}]", citations=citations)


def _quotes(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield what is quoted of each document; a quote that crosses a page border has a citation a page."""
    quotes: dict[str, list[str]] = {}
    for citation in citations:
        quotes.setdefault(citation.document, []).append(citation.quote)
    yield from map(SPAN_JOINER.join, quotes.values())


def _texts(old: AnswerSentence, new: AnswerSentence, document: DocumentId) -> Iterator[str]:
    """Yield what nobody but the document says of a sentence that quoted it."""
    others = tuple(_quotes(new.citations))
    for text in (old.text, *(c.quote for c in old.citations if c.document == document)):
        if is_phrase(text) and not any(holds_phrase(quote, text) for quote in others):
            yield text


def _cites(sentence: AnswerSentence, document: DocumentId) -> bool:
    return any(citation.document == document and citation.quote for citation in sentence.citations)


def _scrub(value: Any, document: DocumentId, gone: Sequence[str]) -> Any:
    """Return a value without the texts of a document, however deep they stand."""
    match value:
        case Enum():
            return value
        case str():
            for text in gone:
                value = cut_phrase(value, text)
            return value
        case Mapping() if value.get("document") == document:
            return {name: _blank(name, each, document, gone) for name, each in value.items()}
        case Mapping():
            return {name: _scrub(each, document, gone) for name, each in value.items()}
        case tuple() | list():
            return type(value)(_scrub(each, document, gone) for each in value)
        case _:
            return value


def _blank(name: str, value: Any, document: DocumentId, gone: Sequence[str]) -> Any:
    """Take the texts from what stands beside the document's id; its place and its figures stay."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if name in _KEPT else ""
    return False if name == "verbatim" else _scrub(value, document, gone)
