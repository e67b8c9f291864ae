"""A place in the library that can be opened: a span on a page of a document."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.answer import Citation, NearestSource
    from app.desktop.reasons import Passage
    from rag.types import Chunk, Document, SearchHit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``page_text[start:end]`` of a page. Offsets count code points."""

    document: str
    title: str
    file: str
    page_index: int
    page: int | None
    """Physical page from 1; ``None`` where the format has none."""
    start: int
    end: int
    year: int | None = None
    """Of the document's publication."""

    @classmethod
    def of_source(cls, source: "Citation | NearestSource") -> "Place":
        """Return the place of a citation or of a nearest source."""
        return cls(
            document=source.document,
            title=source.title,
            file=source.file,
            page_index=(source.page or 1) - 1,
            page=source.page,
            start=source.start,
            end=source.end,
            year=source.year,
        )

    @classmethod
    def of_passage(cls, passage: "Passage", document: "Document", chunk: "Chunk | None") -> "Place":
        """Return the place at which a passage begins, and of its page only where its chunk is no more."""
        span = chunk.spans[0] if chunk else None
        return cls(
            document=passage.document,
            title=document.title,
            file=document.file,
            page_index=span.page_index if span else (passage.page or 1) - 1,
            page=passage.page,
            start=span.start if span else 0,
            end=span.end if span else 0,
            year=document.year,
        )

    @classmethod
    def of_hit(cls, hit: "SearchHit") -> "Place":
        """Return the place at which a found chunk begins."""
        span = hit.chunk.spans[0]
        return cls(
            document=hit.document.id,
            title=hit.document.title,
            file=hit.document.file,
            page_index=span.page_index,
            page=hit.page,
            start=span.start,
            end=span.end,
            year=hit.document.year,
        )

    @classmethod
    def of_document(cls, document: "Document") -> "Place":
        """Return the first page of a document."""
        return cls(
            document=document.id,
            title=document.title,
            file=document.file,
            page_index=0,
            page=None if document.pages is None else 1,
            start=0,
            end=0,
            year=document.year,
        )
