"""Keeps a vector store equal to the vectors in SQL, whatever happened to it."""

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from rag.embedding.embedding_model import Vectors
from rag.errors import Cancelled, VectorStoreError
from rag.storage.engine import storage_errors
from rag.storage.vector_archive import VectorArchive
from rag.types import ChunkId
from rag.vector_store.vector_store import VectorStore

_COMPLETE = "complete"
"""File in a generation that once held all vectors."""
_DUE = "due"
"""Folder in place of all generations: nothing is wrong, the next use makes one."""
_MODEL_DIGITS = 16
_BATCH = 1000

logger = logging.getLogger(__name__)


class VectorIndex:
    """A folder of generations, each a vector store of its own; the last whole one is in use.

    Stores leave deleted vectors in their files. So after a removal the next generation is made from SQL, and
    the folder of the last one deleted; searching goes on meanwhile. One thread at a time may change it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        archive: VectorArchive,
        open_store: Callable[[Path], VectorStore],
        fingerprint: Callable[[], str],
    ) -> None:
        """Open nothing yet.

        Args:
            folder: of the generations; nothing else may lie in it.
            archive: the vectors in SQL.
            open_store: opens or makes a store in a folder of its own.
            fingerprint: of the embedding model that is in use.
        """
        self._folder = folder
        self._archive = archive
        self._open_store = open_store
        self._fingerprint = fingerprint
        self._current: tuple[Path, VectorStore] | None = None
        self._lock = threading.RLock()
        """Held while the store is opened, exchanged or asked; not while it is added to."""

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """Add vectors before SQL knows them; should SQL refuse them, :meth:`remove` comes next."""
        self._store().add(ids, vectors)

    def add_archived(self, ids: Collection[ChunkId]) -> None:
        """Add the vectors that SQL has of chunks, before SQL lets them be found."""
        ordered = sorted(ids)
        for start in range(0, len(ordered), _BATCH):
            found = self._archive.get(ordered[start : start + _BATCH], fingerprint=self._fingerprint())
            if found:
                self._store().add(list(found), np.stack(list(found.values())))

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """Let these not be found any more."""
        self._store().remove(ids)

    def query(self, vector: Vectors, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """Return the nearest chunks with their cosine similarity, best first."""
        with self._lock:
            return self._store().query(vector, top_k=top_k)

    def is_complete(self) -> bool:
        """Tell whether the store holds exactly the chunks of which SQL has vectors; mends nothing.

        One that was not opened yet may hold others too, as when the program was killed: opening it for a
        search drops them.
        """
        with self._lock:
            wanted = self._archive.ids(fingerprint=self._fingerprint())
            if self._current is not None:
                return self._current[1].ids() == wanted
            return not wanted or (self._folder / _DUE).exists() or wanted <= self._ids_on_disk()

    def renew(self, *, cancel: threading.Event, on_progress: Callable[[float], None]) -> None:
        """Make the next generation from SQL and delete all others; a search sees the old or the new one.

        Raises:
            Cancelled: ``cancel`` was set; the old generation stays.
        """
        self._store()  # opened now, so that no search builds one meanwhile and sweeps this one away
        renewed = self._build(cancel, on_progress)
        with self._lock:
            self.close()
            self._current = renewed
        self._sweep()

    def discard(self) -> None:
        """Delete every file; the next use makes a generation from SQL."""
        with self._lock:
            self.close()
            self._sweep()

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        with self._lock:
            if self._current is not None:
                with suppress(VectorStoreError):  # it is only an index: the next use makes it again
                    self._current[1].close()
                self._current = None

    def _store(self) -> VectorStore:
        with self._lock:
            if self._current is None:
                self._current = self._open_last() or self._build(threading.Event(), lambda _: None)
                self._sweep()
            return self._current[1]

    def _ids_on_disk(self) -> set[ChunkId]:
        folder = self._generation(self._last_number())
        if not (folder / _COMPLETE).exists():
            return set()
        store = self._open_store(folder)
        try:
            return store.ids()
        finally:
            store.close()

    def _open_last(self) -> tuple[Path, VectorStore] | None:
        """Open the last generation; ``None`` where it is not whole, torn, or not what SQL holds."""
        folder = self._generation(self._last_number())
        if not (folder / _COMPLETE).exists():
            return None
        try:
            store = self._open_store(folder)
            if store.count() == self._archive.count(fingerprint=self._fingerprint()):
                return folder, store
            store.close()
        except VectorStoreError:
            logger.info("the vector index cannot be read")
        logger.info("the vector index is made again")
        return None

    def _build(
        self, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> tuple[Path, VectorStore]:
        folder = self._generation(self._last_number() + 1)
        fingerprint = self._fingerprint()
        total, done = self._archive.count(fingerprint=fingerprint), 0
        with storage_errors():
            folder.mkdir(parents=True)
        store = self._open_store(folder)
        try:
            for ids, vectors in self._archive.batches(fingerprint=fingerprint):
                if cancel.is_set():
                    raise Cancelled("Rebuilding the vector index was stopped.")
                store.add(ids, vectors)
                done += len(ids)
                on_progress(done / total)
            with storage_errors():
                (folder / _COMPLETE).touch()
        except BaseException:
            store.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder, store

    def _generation(self, number: int) -> Path:
        return self._folder / f"{self._fingerprint()[:_MODEL_DIGITS]}-{number}"

    def _last_number(self) -> int:
        """Return the highest number of a generation of this model, 0 where there is none."""
        names = (folder.name for folder in self._folder.glob(f"{self._fingerprint()[:_MODEL_DIGITS]}-*"))
        return max((int(name.rpartition("-")[2]) for name in names), default=0)

    def _sweep(self) -> None:
        """Delete all generations but the one in use."""
        kept = None if self._current is None else self._current[0]
        with storage_errors():
            for folder in self._folder.glob("*"):
                if folder != kept:
                    shutil.rmtree(folder)
