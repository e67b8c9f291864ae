"""Documents, pages and chunks in SQL, as the library's own types: the truth of the library."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from rag.errors import DocumentNotFound
from rag.storage import full_text
from rag.storage.engine import read_only, shrink, storage_errors
from rag.storage.groups import collections_of, tags_of
from rag.storage.originals import Copy, Originals
from rag.storage.rows import chunk_from, document_from, page_from
from rag.storage.sources import Origin
from rag.storage.tables import ChunkRow, DocumentRow, PageRow, RemovalRow
from rag.storage.versions import arrive, find_older, hand_back
from rag.types import Chunk, ChunkId, Document, DocumentId, DocumentStatus, Page

_SHORTEST_PREFIX = 4
"""Digits of an id that are asked for at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file that becomes a document."""

    copy: Copy
    name: str
    media_type: str
    password: str | None
    origin: Origin


class Catalogue:
    """Every method is one transaction and may be called from any thread.

    All of them raise :class:`~rag.errors.StorageError` when the database is damaged or the disk refuses; then
    nothing has changed.
    """

    def __init__(self, engine: Engine, originals: Originals) -> None:
        """``engine`` of a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)
        self._originals = originals

    def register(self, arrivals: Iterable[Arrival]) -> None:
        """Write down new documents as pending, and which ones they will replace when they are ready."""
        with storage_errors(), self._engine.begin() as connection:
            for arrival in arrivals:
                document = arrival.copy.document
                older = find_older(connection, document, arrival.origin)
                connection.execute(insert(DocumentRow).values(_first_values(arrival) | {"replaces": older}))
                arrive(connection, document, arrival.origin)

    def abandon(self, document: DocumentId) -> None:
        """Forget a pending document, of which there is nothing but its row."""
        is_pending = (DocumentRow.id == document) & (DocumentRow.status == DocumentStatus.PENDING)
        with storage_errors(), self._engine.begin() as connection:
            hand_back(connection, document)
            connection.execute(delete(DocumentRow).where(is_pending))

    def begin_removals(self, documents: Iterable[DocumentId]) -> None:
        """Take documents out of everything and note that their traces are still to be cleared away.

        An older version of a removed document takes its place again.

        Raises:
            DocumentNotFound: there is none with one of the ids.
        """
        with storage_errors(), self._engine.begin() as connection:
            for document in documents:
                full_text.forget_documents(connection, [document])
                current_again = hand_back(connection, document)
                if connection.execute(delete(DocumentRow).where(DocumentRow.id == document)).rowcount == 0:
                    raise _not_found()
                connection.execute(insert(RemovalRow).values(document=document))
                full_text.index_documents(connection, current_again)

    def removals(self) -> list[DocumentId]:
        """List the documents whose traces are still to be cleared away."""
        with storage_errors(), self._reader.begin() as connection:
            return [DocumentId(document) for document in connection.scalars(select(RemovalRow.document))]

    def finish_removals(self, documents: Sequence[DocumentId]) -> None:
        """Rewrite the database, so that nothing of removed documents is left in it, and drop the note."""
        with storage_errors(), self._engine.begin() as connection:
            full_text.purge(connection)
        shrink(self._engine)
        with storage_errors(), self._engine.begin() as connection:
            connection.execute(delete(RemovalRow).where(RemovalRow.document.in_(documents)))

    def documents(self) -> list[Document]:
        """List all documents, pending ones too, in the order in which they were added."""
        return self._documents(DocumentRow.id.is_not(None))

    def pending(self) -> list[Document]:
        """List the documents that are not ready."""
        return self._documents(DocumentRow.status == DocumentStatus.PENDING)

    def documents_by_id(self, ids: Collection[DocumentId]) -> dict[DocumentId, Document]:
        """Return documents, as far as they are there."""
        return {document.id: document for document in self._documents(DocumentRow.id.in_(ids))}

    def is_empty(self) -> bool:
        """Tell whether no document is ready."""
        statement = select(DocumentRow.id).where(DocumentRow.status == DocumentStatus.READY).limit(1)
        with storage_errors(), self._reader.begin() as connection:
            return connection.scalar(statement) is None

    def get(self, document: DocumentId) -> Document | None:
        """Return a document, if it is there."""
        return next(iter(self._documents(DocumentRow.id == document)), None)

    def document(self, document: DocumentId) -> Document:
        """Return a document.

        Raises:
            DocumentNotFound: there is none with this id.
        """
        found = self.get(document)
        if found is None:
            raise _not_found()
        return found

    def find(self, prefix: str) -> Document:
        """Return the one document whose id begins so.

        Raises:
            DocumentNotFound: there is none, or more than one, or the prefix is too short.
        """
        if len(prefix) < _SHORTEST_PREFIX:
            raise DocumentNotFound(
                f"Please give at least {_SHORTEST_PREFIX} characters of the document's id."
            )
        found = self._documents(DocumentRow.id.startswith(prefix.lower(), autoescape=True))
        if len(found) > 1:
            raise DocumentNotFound(
                "More than one document's id begins so; please give more characters of it."
            )
        if not found:
            raise _not_found()
        return found[0]

    def page(self, document: DocumentId, page_index: int) -> Page:
        """Return a page with its boxes.

        Raises:
            DocumentNotFound: there is no such document or page.
        """
        with storage_errors(), Session(self._reader) as session:
            row = session.get(PageRow, (document, page_index))
            if row is None:
                raise _not_found()
            return page_from(row)

    def page_texts(self, document: DocumentId) -> dict[int, str]:
        """Return the texts of a document's pages by page index."""
        statement = select(PageRow.index.label("position"), PageRow.text).where(PageRow.document == document)
        with storage_errors(), self._reader.begin() as connection:
            rows = connection.execute(statement.order_by(PageRow.index))
            return {row.position: row.text for row in rows}

    def first_pages(self, chunks: Collection[Chunk]) -> dict[ChunkId, int | None]:
        """Return the physical page on which each chunk begins, as far as it is there."""
        places = {chunk.id: (chunk.document, chunk.spans[0].page_index) for chunk in chunks}
        # More than these, but fewer variables than pairs of both: a book has more than a statement takes.
        statement = select(PageRow.document, PageRow.index, PageRow.number).where(
            PageRow.document.in_({document for document, _ in places.values()}),
            PageRow.index.in_({index for _, index in places.values()}),
        )
        with storage_errors(), self._reader.begin() as connection:
            rows = connection.execute(statement)
            numbers = {(DocumentId(document), index): number for document, index, number in rows}
        return {chunk: numbers[place] for chunk, place in places.items() if place in numbers}

    def chunks(self, document: DocumentId) -> list[Chunk]:
        """Return a document's chunks in their order, filtered ones too."""
        return self._chunks(ChunkRow.document == document)

    def chunks_by_id(self, ids: Collection[ChunkId]) -> dict[ChunkId, Chunk]:
        """Return chunks, as far as they are there."""
        return {chunk.id: chunk for chunk in self._chunks(ChunkRow.id.in_(ids))}

    def chunks_at(self, places: Collection[tuple[DocumentId, int]]) -> list[Chunk]:
        """Return the chunks at places (document, ordinal), as far as there are any."""
        return self._chunks(tuple_(ChunkRow.document, ChunkRow.ordinal).in_(places))

    def _documents(self, condition: ColumnElement[bool]) -> list[Document]:
        # Plain rows: objects of the mapper would take half of the time of a long list.
        rows = select(*DocumentRow.__table__.columns).where(condition)
        chosen = select(DocumentRow.id).where(condition)
        with storage_errors(), self._reader.begin() as connection:
            collections = collections_of(connection, chosen)
            tags = tags_of(connection, chosen)
            return [
                document_from(
                    row,
                    self._originals.path(row.sha256, row.file),
                    collections=collections.get(row.id, ()),
                    tags=tags.get(row.id, ()),
                )
                for row in connection.execute(rows.order_by(DocumentRow.added, DocumentRow.id))
            ]

    def _chunks(self, condition: ColumnElement[bool]) -> list[Chunk]:
        statement = select(ChunkRow).where(condition).order_by(ChunkRow.document, ChunkRow.ordinal)
        with storage_errors(), Session(self._reader) as session:
            return [chunk_from(row) for row in session.scalars(statement)]


def _first_values(arrival: Arrival) -> dict[str, Any]:
    return {
        "id": arrival.copy.document,
        "file": arrival.name,
        "title": Path(arrival.name).stem,
        "sha256": arrival.copy.sha256,
        "size": arrival.copy.size,
        "media_type": arrival.media_type,
        "status": DocumentStatus.PENDING,
        "added": datetime.now(UTC).timestamp(),
        "chunks": 0,
        "filtered": 0,
        "authors": [],
        "edited": {},
        "is_enabled": True,
        "ocr_pages": 0,
        "pipeline": 0,
        "password": arrival.password,
    }


def _not_found() -> DocumentNotFound:
    return DocumentNotFound("There is no such document in the library; `bedside library list` shows all.")
