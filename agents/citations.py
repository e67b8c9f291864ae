"""From a chosen sentence to citations that were checked character by character against the page's text."""

from collections.abc import Sequence

from agents.answer import AnswerSentence, Citation
from agents.passages import Piece
from agents.phrases import holds_phrase
from agents.sources import PassageSource
from rag.errors import DocumentNotFound
from rag.types import SPAN_JOINER


def cite(piece: Piece, library: PassageSource) -> AnswerSentence | None:
    """Verify a piece of a passage; ``None`` when no page holds it word for word (any more).

    The text is read anew from the stored pages, so that nothing between retrieval and answer can change it.
    """
    hit = piece.hit
    citations: list[Citation] = []
    for span in hit.chunk.locate(piece.start, piece.end):
        try:
            page = library.page(hit.document.id, span.page_index)
        except DocumentNotFound:  # removed while the answer was made
            return None
        citations.append(
            Citation(
                document=hit.document.id,
                file=hit.document.file,
                title=hit.document.title,
                page=page.number,
                start=span.start,
                end=span.end,
                quote=page.text[span.start : span.end],
                verbatim=True,
                year=hit.document.year,
            )
        )
    if SPAN_JOINER.join(citation.quote for citation in citations) != piece.text:
        return None
    return AnswerSentence(text=piece.text, citations=tuple(citations))


def is_doubtful(citation: Citation, sentence: AnswerSentence) -> bool:
    """Whether a quote does not stand in its document as the sentence says, or stands there no more.

    Beside a quote that the sentence holds word for word, another place may say the same a little differently.
    """
    if citation.verbatim:
        return False
    if not citation.quote:  # removed: another document may say the same in the same words
        return not any(
            each.verbatim and holds_phrase(each.quote, sentence.text) for each in sentence.citations
        )
    is_other_place = any(each.verbatim for each in sentence.citations)
    return not is_other_place or holds_phrase(sentence.text, citation.quote)


def number_sources(sentences: Sequence[AnswerSentence]) -> dict[Citation, int]:
    """Number the places that are cited from 1, in the order in which they are cited."""
    numbers: dict[Citation, int] = {}
    for sentence in sentences:
        for citation in sentence.citations:
            numbers.setdefault(citation, len(numbers) + 1)
    return numbers


def flatten(text: str) -> str:
    """Put a quote on one line; columns of a table stay apart."""
    return "\u2003".join(" ".join(cell.split()) for cell in text.split("\t"))
