"""Full-text and vector index as one: what retrieval may find changes in both together."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection, Engine, select

from rag.embedding.embedding_model import Vectors
from rag.errors import EmbeddingError, VectorStoreError
from rag.storage import full_text
from rag.storage.engine import storage_errors
from rag.storage.searchable import is_searchable
from rag.storage.tables import ChunkRow
from rag.storage.values import is_any_of
from rag.types import ChunkId, DocumentId
from rag.vector_store.vector_index import VectorIndex

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class SearchIndexes:
    """Keeps both indexes equal to what :mod:`rag.storage.searchable` says.

    The full-text index changes in the transaction itself. The vector index always holds at least what SQL
    lets be found: vectors are added before the transaction ends and removed after it. So where the program
    is killed in between it holds too many, its count tells so, and opening it makes it again from SQL.
    """

    def __init__(self, *, engine: Engine, index: VectorIndex, writing: threading.Lock) -> None:
        """All parts belong to one library; ``writing`` is held while something changes."""
        self._engine = engine
        self._index = index
        self._writing = writing

    def change(
        self,
        documents: Collection[DocumentId],
        apply: Callable[[Connection], Result],
        *,
        vectors: Mapping[ChunkId, Vectors] = MappingProxyType({}),
    ) -> Result:
        """Change in one transaction what is found of some documents, or the headings by which they are found.

        Args:
            documents: whose rows, or whose chunks' rows, ``apply`` changes; of others nothing may change.
            apply: runs in the transaction; what it returns is returned.
            vectors: those that ``apply`` writes; all others are in SQL already.

        Raises:
            StorageError: the disk refuses; then nothing has changed. Likewise with what ``apply`` raises.
        """
        with self._writing:
            gained: set[ChunkId] | None = None
            is_sound = True
            try:
                with storage_errors(), self._engine.begin() as connection:
                    before = _searchable(connection, documents)
                    full_text.forget_documents(connection, documents)
                    result = apply(connection)
                    full_text.index_documents(connection, documents)
                    after = _searchable(connection, documents)
                    gained = after - before
                    is_sound = self._try(lambda: self._enter(gained, after, vectors))
            except BaseException:
                if gained is not None:
                    self._index.discard()  # taken out of the index, vectors would stay in its files
                raise
            lost = before - after
            if not is_sound or not self._try(lambda: self._leave(lost)):
                self._index.discard()  # its next use makes it again
            return result

    def _enter(
        self, gained: set[ChunkId], searchable: set[ChunkId], vectors: Mapping[ChunkId, Vectors]
    ) -> None:
        if new := [chunk for chunk in vectors if chunk in searchable]:
            self._index.add(new, np.stack([vectors[chunk] for chunk in new]))
        if archived := gained - vectors.keys():
            self._index.add_archived(archived)

    def _leave(self, lost: set[ChunkId]) -> None:
        if lost:
            self._index.remove(list(lost))
        self._index.settle()

    def _try(self, step: Callable[[], None]) -> bool:
        try:
            step()
        except (EmbeddingError, VectorStoreError) as e:
            logger.info("the vector index could not be changed: %s", type(e).__name__)
            return False
        return True


def _searchable(connection: Connection, documents: Collection[DocumentId]) -> set[ChunkId]:
    statement = select(ChunkRow.id).where(is_any_of(ChunkRow.document, documents), is_searchable())
    return {ChunkId(chunk) for chunk in connection.scalars(statement)}
