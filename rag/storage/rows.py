"""Between the library's types and the rows of its tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from rag.storage.boxes import pack_boxes, unpack_boxes
from rag.storage.tables import ChunkRow, PageRow
from rag.types import Chunk, ChunkId, Document, DocumentId, DocumentStatus, FilterReason, Page, Span


def document_from(
    row: Row[*tuple[Any, ...]], original: Path, *, collections: Sequence[str] = (), tags: Sequence[str] = ()
) -> Document:
    """Read a row of ``documents``; ``original`` is where its copy lies."""
    return Document(
        id=DocumentId(row.id),
        file=row.file,
        title=row.title,
        sha256=row.sha256,
        size=row.size,
        pages=row.pages,
        chunks=row.chunks,
        filtered=row.filtered,
        status=DocumentStatus(row.status),
        added=datetime.fromtimestamp(row.added, UTC),
        media_type=row.media_type,
        original=original,
        authors=tuple(row.authors),
        year=row.year,
        edited=frozenset(row.edited),
        is_enabled=row.is_enabled,
        replaced_by=None if row.replaced_by is None else DocumentId(row.replaced_by),
        ocr_pages=row.ocr_pages,
        pipeline=row.pipeline,
        found_title=row.edited.get("title", row.title),
        password=row.password,
        collections=tuple(collections),
        tags=tuple(tags),
    )


def page_from(row: PageRow) -> Page:
    """Read a page with its boxes."""
    return Page(
        index=row.index,
        number=row.number,
        text=row.text,
        width=row.width,
        height=row.height,
        boxes=unpack_boxes(row.boxes),
        is_ocr=row.is_ocr,
    )


def page_values(document: DocumentId, page: Page) -> dict[str, Any]:
    """Write a page."""
    return {
        "document": document,
        "index": page.index,
        "number": page.number,
        "text": page.text,
        "width": page.width,
        "height": page.height,
        "boxes": pack_boxes(page.boxes),
        "is_ocr": page.is_ocr,
    }


def chunk_from(row: ChunkRow) -> Chunk:
    """Read a chunk."""
    return Chunk(
        id=ChunkId(row.id),
        document=DocumentId(row.document),
        ordinal=row.ordinal,
        text=row.text,
        spans=tuple(Span(page_index=page, start=start, end=end) for page, start, end in row.spans),
        heading_path=tuple(row.heading_path),
        sentences=tuple((start, end) for start, end in row.sentences),
        filtered=None if row.filtered is None else FilterReason(row.filtered),
        is_restored=row.is_restored,
    )


def chunk_values(chunk: Chunk) -> dict[str, Any]:
    """Write a chunk."""
    return {
        "id": chunk.id,
        "document": chunk.document,
        "ordinal": chunk.ordinal,
        "filtered": chunk.filtered,
        "is_restored": chunk.is_restored,
        "heading_path": list(chunk.heading_path),
        "spans": [(span.page_index, span.start, span.end) for span in chunk.spans],
        "sentences": list(chunk.sentences),
        "text": chunk.text,
    }


def count_physical(pages: Sequence[Page]) -> int | None:
    """Count the pages that have a number; ``None`` where the format has none."""
    return sum(page.number is not None for page in pages) or None
