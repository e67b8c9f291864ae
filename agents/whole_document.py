"""Requests that concern a whole document: "summarise this guideline", "list all doses"."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents.answer import Answer
from rag.storage.segmentation import find_terms, tokenize
from rag.types import Document, DocumentId
from resources.terminology import read_stop_words

_DOCUMENT = (
    r"(?:guidelines?|documents?|papers?|articles?|chapters?|leaflets?|files?|books?|handbooks?|manuals?|pdf|notes"
    r"|guides?|reports?|reviews?|protocols?)"
)
_SUMMARY = re.compile(
    r"\b(?:summari[sz]e|summary\s+of|overview\s+of|outline|main\s+points|key\s+(?:points|messages))\b"
    r"|总结|概括|概述|摘要|要点",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\b(?:list|name|give|show|collect|find|extract)\b[^.?!]*\b(?:all|every|each)\b|列出(?:所有|全部)|所有的?",
    re.IGNORECASE,
)
_THIS = re.compile(
    rf"\b(?:this|that|the|whole|entire)\s+(?:\w+\s+){{0,3}}?{_DOCUMENT}\b|这[份篇本个]|该文", re.IGNORECASE
)
_TITLE_SHARE = 0.6
"""Share of a title's words that name the document when they stand in the request."""
_UNITS = r"mg|g|µg|μg|mcg|ng|kg|m[lL]|[lL]|IU|units?|U|mmol|µmol|μmol|mEq|mmHg|kPa|%"
_QUANTITY = rf"\d[\d.,]*\s*(?:-|–|to)?\s*[\d.,]*\s*(?:{_UNITS})"
SUBJECTS = {
    "doses": (r"\bdos(?:e|es|age|ages|ing)\b|剂量", _QUANTITY),
    "thresholds": (
        r"\b(?:thresholds?|cut-?offs?|targets?|limits?|ranges?|values?)\b|阈值|目标值",
        rf"[<>≤≥]\s*\d|\b(?:above|below|less than|more than|at least|exceeds?|under|over)\s+\d|{_QUANTITY}",
    ),
    "recommendations": (
        r"\brecommend(?:ations?|ed)?\b|推荐|建议",
        r"\b(?:recommend(?:ed|s)?|suggest(?:ed|s)?|should|must|advised?)\b|推荐|建议|应当?",
    ),
    "contraindications": (
        r"\bcontra-?indications?\b|禁忌",
        r"\bcontra-?indicated\b|\bshould not\b|\bmust not\b|\bavoid(?:ed)?\b|\bdo not\b|禁忌|避免|不应",
    ),
    "definitions": (
        r"\bdefinitions?\b|定义",
        r"\bis (?:defined|classified)\b|\bdefined as\b|\bmeans\b|定义为|是指",
    ),
}
"""What is often asked for: how a request names it, and how a sentence that holds it looks."""


class WholeKind(StrEnum):
    """What is wanted of the document."""

    SUMMARY = "summary"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRequest:
    """A request that goes over all of one document."""

    kind: WholeKind
    document: DocumentId
    pattern: re.Pattern[str] | None = None
    """What a listed sentence has to hold, where the request names something that can be seen."""
    topic: frozenset[str] = frozenset()
    """Words of which a listed sentence, or its headings, has to hold one; empty for any."""


def find_whole_request(
    question: str,
    documents: Sequence[Document],
    scope: Collection[DocumentId] | None,
    conversation: Sequence[Answer],
) -> WholeRequest | None:
    """Return what is asked of a whole document; ``None`` where it is not, or no document is meant.

    Args:
        question: as it was asked.
        documents: of the library.
        scope: those that the user chose to ask; ``None`` for all.
        conversation: answers so far, oldest first; "this guideline" is the one that was cited last.
    """
    is_summary, is_list = _SUMMARY.search(question), _LIST.search(question)
    if not is_summary and not is_list:
        return None
    within = [d for d in documents if d.is_searchable and (scope is None or d.id in scope)]
    document = _find_document(question, within, conversation)
    if document is None:
        return None
    if is_summary:
        return WholeRequest(kind=WholeKind.SUMMARY, document=document.id)
    named = next((found for found in SUBJECTS.values() if re.search(found[0], question, re.IGNORECASE)), None)
    pattern = re.compile(named[1], re.IGNORECASE) if named else None
    topic = _topic(question, document, named[0] if named else None)
    return WholeRequest(kind=WholeKind.LIST, document=document.id, pattern=pattern, topic=topic)


def _find_document(
    question: str, documents: Sequence[Document], conversation: Sequence[Answer]
) -> Document | None:
    asked = {token.lower() for token in tokenize(question)}
    shares = [(_share(document.title, asked), document) for document in documents]
    best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    if best[0] >= _TITLE_SHARE:
        return best[1]
    if not _THIS.search(question):
        return None
    if len(documents) == 1:
        return documents[0]
    cited = [c.document for answer in conversation for s in answer.sentences for c in s.citations]
    by_id = {document.id: document for document in documents}
    return by_id.get(DocumentId(cited[-1])) if cited else None


def _share(title: str, asked: set[str]) -> float:
    words = {token.lower() for token in tokenize(title)} - read_stop_words()
    return len(words & asked) / len(words) if words else 0.0


def _topic(question: str, document: Document, named: str | None) -> frozenset[str]:
    """Return what the request is about, beside the document and what is to be listed."""
    rest = _THIS.sub(" ", question)
    if named:
        rest = re.sub(named, " ", rest, flags=re.IGNORECASE)
    rest = re.sub(
        r"\b(?:list|name|give|show|collect|find|extract|all|every|each|me)\b|列出|所有|全部",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    title = {token.lower() for token in tokenize(document.title)}
    terms = (
        {term.lower() for term in find_terms(rest, stop_words=read_stop_words())}
        if rest.strip(" .?!")
        else set()
    )
    return frozenset(terms - title - read_stop_words())
