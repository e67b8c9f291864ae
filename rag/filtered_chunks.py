"""Takes back chunks that were filtered, and filters them again."""

import threading
from collections.abc import Callable, Collection

from sqlalchemy import Connection, func, select, update

from rag.chunking.context_aware import embedding_text
from rag.embedding.serving_model import ServingModel
from rag.search_indexes import SearchIndexes
from rag.storage.catalogue import Catalogue
from rag.storage.searchable import is_retrievable
from rag.storage.tables import ChunkRow, DocumentRow
from rag.storage.vector_archive import VectorArchive, put_vectors
from rag.types import Chunk, ChunkId, DocumentId, FilterReason


class FilteredChunks:
    """What was filtered can be found once it is restored; what was restored can be filtered again.

    One thread at a time may restore; filtering may be done from any thread.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        archive: VectorArchive,
        indexes: SearchIndexes,
        embedding: ServingModel,
    ) -> None:
        """All parts belong to one library."""
        self._catalogue = catalogue
        self._archive = archive
        self._indexes = indexes
        self._embedding = embedding

    def restore(
        self,
        document: DocumentId,
        chunks: Collection[ChunkId] | None = None,
        *,
        reason: FilterReason | None = None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> tuple[ChunkId, ...]:
        """Let filtered chunks of a document be found.

        Args:
            document: of the chunks.
            chunks: which; by default all that were filtered.
            reason: only those that were filtered for it.
            cancel: looked at several times a second.
            on_progress: called with the share that is embedded, rising to 1.

        Returns:
            Those that could not be found before, in the document's order.

        Raises:
            DocumentNotFound: there is none with this id.
            EmbeddingError: the embedding model is missing or its process died.
            Cancelled: nothing has changed.
        """
        with self._embedding.writing.passed():
            return self._restore(document, chunks, reason, cancel, on_progress)

    def filter_again(
        self, document: DocumentId, chunks: Collection[ChunkId] | None = None
    ) -> tuple[ChunkId, ...]:
        """Undo :meth:`restore`: leave out chunks, by default all that were restored.

        Returns:
            Those that could be found before, in the document's order.

        Raises:
            DocumentNotFound: there is none with this id.
        """
        self._catalogue.document(document)
        chosen = [chunk for chunk in self._chosen(document, chunks) if chunk.is_restored]
        if chosen:
            self._indexes.change([document], lambda c: _write(c, document, chosen, is_restored=False))
        return tuple(chunk.id for chunk in chosen)

    def _restore(
        self,
        document: DocumentId,
        chunks: Collection[ChunkId] | None,
        reason: FilterReason | None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> tuple[ChunkId, ...]:
        fingerprint = self._embedding.fingerprint
        title = self._catalogue.document(document).found_title
        chosen = [
            chunk
            for chunk in self._chosen(document, chunks)
            if not chunk.is_retrievable and reason in (None, chunk.filtered)
        ]
        stored = self._archive.get([chunk.id for chunk in chosen], fingerprint=fingerprint)
        new = [chunk for chunk in chosen if chunk.id not in stored]
        vectors = self._embedding.embed(
            [embedding_text(title, chunk) for chunk in new], cancel=cancel, on_progress=on_progress
        )
        ids = [chunk.id for chunk in new]

        def write(connection: Connection) -> None:
            put_vectors(connection, ids, vectors, fingerprint=fingerprint)
            _write(connection, document, chosen, is_restored=True)

        if chosen:
            self._indexes.change([document], write, vectors=dict(zip(ids, vectors, strict=True)))
        return tuple(chunk.id for chunk in chosen)

    def _chosen(self, document: DocumentId, chunks: Collection[ChunkId] | None) -> list[Chunk]:
        return [chunk for chunk in self._catalogue.chunks(document) if chunks is None or chunk.id in chunks]


def _write(
    connection: Connection, document: DocumentId, chunks: Collection[Chunk], *, is_restored: bool
) -> None:
    for chunk in chunks:  # there may be more of them than a statement takes variables
        statement = update(ChunkRow).where(ChunkRow.id == chunk.id)
        connection.execute(statement.values(is_restored=is_restored))
    filtered = select(func.count()).where(ChunkRow.document == document, ~is_retrievable())
    changes = {"filtered": connection.scalar(filtered)}
    connection.execute(update(DocumentRow).where(DocumentRow.id == document).values(changes))
