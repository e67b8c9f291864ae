"""Another embedding model for a library: all chunks are embedded with it while the old one serves."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rag.chunking.context_aware import embedding_text
from rag.embedding.embedding_model import EmbeddingModel
from rag.embedding.serving_model import ServingModel
from rag.storage.catalogue import Catalogue
from rag.storage.vector_archive import VectorArchive
from rag.types import ChunkId
from rag.vector_store.vector_index import VectorIndex

BATCH = 32
"""Chunks between two writings: what is lost when the program is killed."""

logger = logging.getLogger(__name__)


class ModelChange:
    """Embeds and writes in batches; only the last moment holds up adding, and less of it searching."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        archive: VectorArchive,
        index: VectorIndex,
        serving: ServingModel,
        writing: threading.Lock,
    ) -> None:
        """All parts belong to one library; ``writing`` is held while it is changed."""
        self._catalogue = catalogue
        self._archive = archive
        self._index = index
        self._serving = serving
        self._writing = writing

    def run(
        self, new: EmbeddingModel, *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> EmbeddingModel:
        """Embed what has no vector of ``new``, then let it serve.

        Returns:
            The model that served before, no longer used.

        Raises:
            Cancelled, EmbeddingError: see :meth:`rag.library.Library.change_model`.
        """
        self._embed(new, cancel, on_progress)
        with self._serving.writing.closed(cancel):
            self._embed(new, cancel, on_progress)  # what was added meanwhile
            with self._writing:
                old = self._exchange(new, cancel)
        logger.info("the embedding model was changed")
        return old

    def _embed(
        self, new: EmbeddingModel, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> None:
        missing = self._archive.without_vector(fingerprint=new.fingerprint)
        total = self._archive.count(fingerprint=new.fingerprint) + len(missing)
        for batch in _batches(missing):
            on_progress(1 - len(missing) / total)
            self._embed_batch(batch, new, cancel)
            missing = missing[len(batch) :]
        on_progress(1)

    def _embed_batch(self, batch: Sequence[ChunkId], new: EmbeddingModel, cancel: threading.Event) -> None:
        chunks = list(self._catalogue.chunks_by_id(batch).values())
        titles = {
            document: found.found_title
            for document, found in self._catalogue.documents_by_id({each.document for each in chunks}).items()
        }
        known = [chunk for chunk in chunks if chunk.document in titles]
        texts = [embedding_text(titles[chunk.document], chunk) for chunk in known]
        vectors = new.embed(texts, cancel=cancel, on_progress=lambda _: None)
        with self._writing:
            self._archive.put([chunk.id for chunk in known], vectors, fingerprint=new.fingerprint)

    def _exchange(self, new: EmbeddingModel, cancel: threading.Event) -> EmbeddingModel:
        old = new

        @contextmanager
        def exchange() -> Iterator[None]:
            nonlocal old
            with self._serving.searching.closed(cancel):
                old = self._serving.exchange(new)
                yield

        self._index.change_model(new.fingerprint, exchange, cancel=cancel, on_progress=lambda _: None)
        return old


def _batches(ids: Sequence[ChunkId]) -> Iterator[Sequence[ChunkId]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
