"""Pages and chunks of a document, written whole; inside a transaction of the caller's."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from rag.errors import DocumentNotFound
from rag.storage.metadata import write_found
from rag.storage.rows import chunk_values, count_physical, page_values
from rag.storage.tables import ChunkRow, DocumentRow, PageRow
from rag.types import Chunk, DocumentId, DocumentStatus, ExtractedDocument


def write_contents(
    connection: Connection,
    document: DocumentId,
    extracted: ExtractedDocument,
    chunks: Sequence[Chunk],
    *,
    pipeline: int,
) -> None:
    """Put pages and chunks in place of those that are there, and make the document ready.

    Vectors go with the chunks they belong to. What the user wrote in place of title, authors or year stays.

    Raises:
        DocumentNotFound: it was removed in the meantime.
    """
    if connection.scalar(select(DocumentRow.id).where(DocumentRow.id == document)) is None:
        raise DocumentNotFound("This document was removed while it was indexed.")
    for row in (ChunkRow, PageRow):
        connection.execute(delete(row).where(row.document == document))
    connection.execute(insert(PageRow), [page_values(document, page) for page in extracted.pages])
    connection.execute(insert(ChunkRow), [chunk_values(chunk) for chunk in chunks])
    changes = {
        "ocr_pages": sum(page.is_ocr for page in extracted.pages),
        "pages": count_physical(extracted.pages),
        "chunks": len(chunks),
        "filtered": count_filtered(chunks),
        "status": DocumentStatus.READY,
        "pipeline": pipeline,
    }
    connection.execute(update(DocumentRow).where(DocumentRow.id == document).values(changes))
    write_found(connection, document, extracted)


def count_filtered(chunks: Sequence[Chunk]) -> int:
    """Count the chunks that retrieval leaves out."""
    return sum(not chunk.is_retrievable for chunk in chunks)
