"""The vectors in SQL: from here a vector index is made again without the embedding model."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, Engine, delete, exists, func, insert, select, true
from sqlalchemy.orm import aliased

from rag.embedding.embedding_model import Vectors
from rag.storage.engine import read_only, storage_errors
from rag.storage.searchable import is_retrievable, is_searchable
from rag.storage.tables import ChunkRow, VectorRow
from rag.storage.values import is_any_of
from rag.types import ChunkId, DocumentId

_BATCH = 1000
_BYTES = np.dtype("<f4")


class VectorArchive:
    """Every method is one transaction and may be called from any thread.

    Raises :class:`~rag.errors.StorageError` when the database is damaged or the disk refuses.
    """

    def __init__(self, engine: Engine) -> None:
        """``engine`` of a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    def put(self, ids: Sequence[ChunkId], vectors: Vectors, *, fingerprint: str) -> None:
        """Write the vectors of chunks in place of older ones, as far as the chunks are still there."""
        with storage_errors(), self._engine.begin() as connection:
            kept = set(connection.scalars(select(ChunkRow.id).where(is_any_of(ChunkRow.id, ids))))
            places = [place for place, chunk in enumerate(ids) if chunk in kept]
            put_vectors(
                connection, [ids[place] for place in places], vectors[places], fingerprint=fingerprint
            )

    def get(self, ids: Sequence[ChunkId], *, fingerprint: str) -> dict[ChunkId, Vectors]:
        """Return the vectors of chunks, as far as they are there."""
        statement = (
            select(ChunkRow.id, VectorRow.vector)
            .join(ChunkRow, ChunkRow.row == VectorRow.chunk)
            .where(is_any_of(ChunkRow.id, ids), VectorRow.fingerprint == fingerprint)
        )
        with storage_errors(), self._reader.begin() as connection:
            return {
                ChunkId(chunk): np.frombuffer(blob, _BYTES) for chunk, blob in connection.execute(statement)
            }

    def batches(
        self, *, fingerprint: str, documents: Collection[DocumentId] | None = None
    ) -> Iterator[tuple[list[ChunkId], Vectors]]:
        """Yield the vectors of one model that are to be found by a search, at most a thousand at a time.

        ``documents`` says of which; of all where it is ``None``.
        """
        scope = true() if documents is None else is_any_of(ChunkRow.document, documents)
        statement = (
            select(ChunkRow.id, VectorRow.vector)
            .join(ChunkRow, ChunkRow.row == VectorRow.chunk)
            .where(VectorRow.fingerprint == fingerprint, is_searchable(), scope)
            .execution_options(yield_per=_BATCH)
        )
        with storage_errors(), self._reader.begin() as connection:
            for rows in connection.execute(statement).partitions():
                yield (
                    [ChunkId(chunk) for chunk, _ in rows],
                    np.stack([np.frombuffer(blob, _BYTES) for _, blob in rows]),
                )

    def after(self, row: int, *, fingerprint: str) -> Iterator[tuple[list[int], list[ChunkId], Vectors]]:
        """Yield rows, ids and vectors of the searchable chunks after a row, in the order of their rows."""
        statement = (
            select(ChunkRow.row, ChunkRow.id, VectorRow.vector)
            .join(VectorRow, ChunkRow.row == VectorRow.chunk)
            .where(ChunkRow.row > row, VectorRow.fingerprint == fingerprint, is_searchable())
            .order_by(ChunkRow.row)
            .execution_options(yield_per=_BATCH)
        )
        with storage_errors(), self._reader.begin() as connection:
            for found in connection.execute(statement).partitions():
                rows, ids, blobs = zip(*found, strict=True)
                yield list(rows), list(ids), np.stack([np.frombuffer(blob, _BYTES) for blob in blobs])

    def up_to(self, row: int, *, among: Collection[ChunkId]) -> set[ChunkId]:
        """Return those of some chunks that are no later than a row."""
        statement = select(ChunkRow.id).where(ChunkRow.row <= row, is_any_of(ChunkRow.id, among))
        with storage_errors(), self._reader.begin() as connection:
            return {ChunkId(chunk) for chunk in connection.scalars(statement)}

    def ids(self, *, fingerprint: str) -> set[ChunkId]:
        """Return the searchable chunks that have a vector of this model."""
        statement = (
            select(ChunkRow.id)
            .join(VectorRow, ChunkRow.row == VectorRow.chunk)
            .where(VectorRow.fingerprint == fingerprint, is_searchable())
        )
        with storage_errors(), self._reader.begin() as connection:
            return {ChunkId(chunk) for chunk in connection.scalars(statement)}

    def count(self, *, fingerprint: str, up_to: int | None = None) -> int:
        """Count the vectors of this model that are to be found by a search, no later than a row."""
        statement = (
            select(func.count())
            .select_from(VectorRow)
            .join(ChunkRow, ChunkRow.row == VectorRow.chunk)
            .where(VectorRow.fingerprint == fingerprint, is_searchable())
        )
        if up_to is not None:
            statement = statement.where(VectorRow.chunk <= up_to)
        with storage_errors(), self._reader.begin() as connection:
            return connection.scalar(statement) or 0

    def count_foreign(self, *, fingerprint: str) -> int:
        """Count the vectors of other models whose chunk has none of this one."""
        own = aliased(VectorRow)
        has_own = exists().where(own.chunk == VectorRow.chunk, own.fingerprint == fingerprint)
        statement = (
            select(func.count()).select_from(VectorRow).where(VectorRow.fingerprint != fingerprint, ~has_own)
        )
        with storage_errors(), self._reader.begin() as connection:
            return connection.scalar(statement) or 0

    def without_vector(self, *, fingerprint: str) -> list[ChunkId]:
        """List the chunks that should have a vector of this model and have none, in the library's order."""
        has_vector = exists().where(VectorRow.chunk == ChunkRow.row, VectorRow.fingerprint == fingerprint)
        statement = select(ChunkRow.id).where(is_retrievable(), ~has_vector).order_by(ChunkRow.row)
        with storage_errors(), self._reader.begin() as connection:
            return [ChunkId(chunk) for chunk in connection.scalars(statement)]

    def remove_foreign(self, *fingerprints: str) -> None:
        """Delete the vectors of all other models than these."""
        with storage_errors(), self._engine.begin() as connection:
            connection.execute(delete(VectorRow).where(VectorRow.fingerprint.not_in(fingerprints)))


def put_vectors(
    connection: Connection, ids: Sequence[ChunkId], vectors: Vectors, *, fingerprint: str
) -> None:
    """Write the vectors of chunks that are there, in place of older ones."""
    statement = select(ChunkRow.id, ChunkRow.row).where(is_any_of(ChunkRow.id, ids))
    rows = {found.id: found.row for found in connection.execute(statement)}
    values = [
        {"chunk": rows[chunk], "fingerprint": fingerprint, "vector": vector.astype(_BYTES).tobytes()}
        for chunk, vector in zip(ids, vectors, strict=True)
    ]
    if values:
        connection.execute(insert(VectorRow).prefix_with("OR REPLACE"), values)
