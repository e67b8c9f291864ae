"""Keeps database, indexes and folder of a library in step: removal, rebuilding, and the check of all."""

import logging
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from rag.chunking.context_aware import embedding_text
from rag.consistency import ConsistencyCheck
from rag.embedding.serving_model import ServingModel
from rag.errors import EmbeddingError, StorageError, VectorStoreError
from rag.reading import OnProgress, file_report
from rag.storage import full_text
from rag.storage.catalogue import Catalogue
from rag.storage.engine import storage_errors
from rag.storage.originals import Originals
from rag.storage.vector_archive import VectorArchive
from rag.types import CheckReport, DocumentId, IngestStage
from rag.vector_store.vector_index import VectorIndex

_INDEX = Path("vectors")
"""What the progress of writing the vector index names in place of a document's file."""

logger = logging.getLogger(__name__)


class Upkeep:
    """SQL is the truth: what it does not hold goes from the rest, and the indexes can be made from it."""

    def __init__(
        self,
        *,
        engine: Engine,
        catalogue: Catalogue,
        originals: Originals,
        archive: VectorArchive,
        index: VectorIndex,
        embedding: ServingModel,
        writing: threading.Lock,
    ) -> None:
        """All parts belong to one library; ``writing`` is held while it is changed."""
        self._engine = engine
        self._catalogue = catalogue
        self._originals = originals
        self._archive = archive
        self._index = index
        self._embedding = embedding
        self._writing = writing

    def remove(self, documents: Sequence[DocumentId]) -> None:
        """Remove documents for good: afterwards no file holds any of their text or vectors.

        The indexes are written anew, which takes as long for many as for one. Killed or refused in between,
        :meth:`clear_away` finishes it.

        Raises:
            DocumentNotFound: there is none with one of the ids; nothing is removed then.
            StorageError: the disk refuses; the documents are gone, their traces may not be.
        """
        if not documents:
            return
        with self._writing:
            self._catalogue.begin_removals(dict.fromkeys(documents))
            try:
                self._index.purge()
            except (EmbeddingError, VectorStoreError):
                self._index.discard()  # its next use makes it again
            self._finish_removals()

    def clear_away(self) -> None:
        """Finish what the end of the program interrupted, as far as that takes little time."""
        self._originals.clear_parts()
        for document in self._catalogue.pending():
            if not document.original.exists():
                self._catalogue.abandon(document.id)
        if self._catalogue.removals():
            try:
                self._index.discard()  # it is made again from SQL by its next use
                self._finish_removals()
            except StorageError as e:
                logger.warning("a removal is not finished: %s", e)

    def check(self) -> CheckReport:
        """Compare database, indexes and folder; reads everything, changes nothing.

        Raises:
            EmbeddingError: the embedding model is missing.
        """
        with self._writing:
            return self._check()

    def rebuild(self, *, cancel: threading.Event, on_progress: OnProgress) -> CheckReport:
        """Make full text and vector index again from the database, embed what has no vector, and check.

        No document is parsed again. Stopped in between, the next rebuild goes on. What a change of the
        embedding model has done so far is done again.

        Raises:
            EmbeddingError: the embedding model is missing or its process died.
            Cancelled: ``cancel`` was set.
        """
        with self._embedding.writing.passed(), self._writing:
            with storage_errors(), self._engine.begin() as connection:
                full_text.rebuild(connection)
            self._embed_missing(cancel, on_progress)
            self._archive.remove_foreign(self._embedding.fingerprint)
            report = file_report(_INDEX, 1, 1, on_progress)
            self._index.renew(cancel=cancel, on_progress=partial(report, IngestStage.WRITING))
            return self._check()

    def _embed_missing(self, cancel: threading.Event, on_progress: OnProgress) -> None:
        fingerprint = self._embedding.fingerprint
        missing = set(self._archive.without_vector(fingerprint=fingerprint))
        documents = self._catalogue.documents() if missing else []
        for number, document in enumerate(documents, 1):
            chunks = [chunk for chunk in self._catalogue.chunks(document.id) if chunk.id in missing]
            report = file_report(Path(document.file), number, len(documents), on_progress)
            vectors = self._embedding.embed(
                [embedding_text(document.found_title, chunk) for chunk in chunks],
                cancel=cancel,
                on_progress=partial(report, IngestStage.EMBEDDING),
            )
            self._archive.put([chunk.id for chunk in chunks], vectors, fingerprint=fingerprint)

    def _check(self) -> CheckReport:
        check = ConsistencyCheck(
            engine=self._engine,
            catalogue=self._catalogue,
            originals=self._originals,
            archive=self._archive,
            index=self._index,
            fingerprint=self._embedding.fingerprint,
        )
        return check.run()

    def _finish_removals(self) -> None:
        """Clear away what is left of removed documents, but for the vector index."""
        removed = self._catalogue.removals()
        for document in removed:
            self._originals.remove(document)
        self._catalogue.finish_removals(removed)
