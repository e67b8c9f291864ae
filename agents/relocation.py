"""Finds the quotes of a saved answer again after their document was indexed anew."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.answer import Answer, AnswerSentence, Citation
from rag.types import DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    page_index: int
    start: int
    end: int


def relocate_answer(answer: Answer, document: DocumentId, texts: Mapping[int, str]) -> Answer:
    """Let every quote of a document name the place where its words stand now.

    A quote that stands nowhere any more, or at several places, keeps its words and its page but no place, and
    counts as not verbatim. Spaces and line breaks may differ; then the quote becomes what stands on the page.

    Args:
        answer: as it was saved.
        document: whose quotes are looked at.
        texts: of its pages, by page index.
    """
    sentences = tuple(_relocate_sentence(sentence, document, texts) for sentence in answer.sentences)
    return answer if sentences == answer.sentences else answer.model_copy(update={"sentences": sentences})


def _relocate_sentence(
    sentence: AnswerSentence, document: DocumentId, texts: Mapping[int, str]
) -> AnswerSentence:
    citations = tuple(
        _relocate(citation, texts) if citation.document == document and citation.quote else citation
        for citation in sentence.citations
    )
    return sentence.model_copy(update={"citations": citations})


def _relocate(citation: Citation, texts: Mapping[int, str]) -> Citation:
    here = texts.get(citation.page_index, "")[citation.start : citation.end]
    if citation.verbatim and here == citation.quote:
        return citation
    words = re.compile(r"\s+".join(map(re.escape, citation.quote.split())))
    places = [
        _Place(page_index=index, start=match.start(), end=match.end())
        for index, text in texts.items()
        for match in words.finditer(text)
    ]
    if len(places) != 1:
        return citation.model_copy(update={"start": 0, "end": 0, "verbatim": False})
    (place,) = places
    return citation.model_copy(
        update={
            "page": citation.page and place.page_index + 1,
            "start": place.start,
            "end": place.end,
            "quote": texts[place.page_index][place.start : place.end],
            "verbatim": True,
        }
    )
