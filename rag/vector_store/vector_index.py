"""Keeps what finds vectors equal to the vectors in SQL, whatever happened to it."""

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.embedding.embedding_model import Vectors
from rag.errors import Cancelled, VectorStoreError
from rag.storage.vector_archive import VectorArchive
from rag.types import ChunkId
from rag.vector_store.exact import ExactVectorStore
from rag.vector_store.generation import Generation, GenerationFolder
from rag.vector_store.vector_store import VectorStore

EXACT_UP_TO = 20_000
"""So many vectors are compared one by one, in some milliseconds and 31 MB; what is more goes into a store."""
_SLACK = 500
"""How many more they become before some move: a store writes many at once more cheaply than few."""
_BATCH = 500

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Layers:
    """Every vector is in one of them, for a moment in both."""

    stored: Generation | None
    recent: ExactVectorStore
    """In memory, read from SQL when the index is opened."""


class VectorIndex:
    """The newest vectors in memory, the others in a store on the disk, if there are so many.

    Stores leave deleted vectors in their files. So after a removal the next generation of the store is made
    from SQL, and the folder of the last one deleted; searching goes on meanwhile. One thread at a time may
    change the index.
    """

    def __init__(
        self,
        folder: Path,
        *,
        archive: VectorArchive,
        open_store: Callable[[Path], VectorStore],
        fingerprint: Callable[[], str],
        exact_up_to: int = EXACT_UP_TO,
    ) -> None:
        """Open nothing yet.

        Args:
            folder: of the generations; nothing else may lie in it.
            archive: the vectors in SQL.
            open_store: opens or makes a store in a folder of its own.
            fingerprint: of the embedding model that is in use.
            exact_up_to: how many vectors are kept in memory.
        """
        self._generations = GenerationFolder(folder, open_store=open_store)
        self._archive = archive
        self._fingerprint = fingerprint
        self._exact_up_to = exact_up_to
        self._slack = min(_SLACK, exact_up_to)
        self._current: _Layers | None = None
        self._lock = threading.RLock()
        """Held while the layers are opened, exchanged or asked; not while they are added to."""

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """Add vectors before SQL knows them; :meth:`settle` comes when it does, else :meth:`remove`."""
        layers = self._layers()
        if layers.stored is None and layers.recent.count() + len(ids) > self._exact_up_to + self._slack:
            layers.stored = self._generations.make(self._fingerprint())
        layers.recent.add(ids, vectors)

    def add_archived(self, ids: Collection[ChunkId]) -> None:
        """Add the vectors that SQL has of chunks, before SQL lets them be found."""
        layers, ordered = self._layers(), sorted(ids)
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            found = self._archive.get(batch, fingerprint=self._fingerprint())
            if stored := layers.stored:
                older = self._archive.up_to(stored.last_row, among=found)
                if older:
                    stored.store.add(list(older), np.stack([found.pop(chunk) for chunk in older]))
            if found:
                layers.recent.add(list(found), np.stack(list(found.values())))

    def settle(self) -> None:
        """Move the oldest of the recent vectors into the store, once there are too many; SQL has them all."""
        layers = self._layers()
        excess = layers.recent.count() - self._exact_up_to
        if excess <= self._slack:
            return
        if layers.stored is None:
            layers.stored = self._generations.make(self._fingerprint())
        archived = self._archive.after(layers.stored.last_row, fingerprint=self._fingerprint())
        for rows, ids, vectors in archived:
            count = min(len(ids), excess)
            layers.stored.extend(ids[:count], vectors[:count], last_row=rows[count - 1])
            layers.recent.remove(ids[:count])
            excess -= count
            if excess <= 0:
                return

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """Let these not be found any more."""
        layers = self._layers()
        if layers.stored is not None:
            layers.stored.remove(ids)
        layers.recent.remove(ids)

    def query(self, vector: Vectors, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """Return the nearest chunks with their cosine similarity, best first."""
        with self._lock:
            layers = self._layers()
            found = dict(layers.recent.query(vector, top_k=top_k))
            if layers.stored is not None:
                found |= dict(layers.stored.store.query(vector, top_k=top_k))
        return sorted(found.items(), key=lambda each: -each[1])[:top_k]

    def is_complete(self) -> bool:
        """Tell whether the index holds exactly the chunks of which SQL has vectors; mends nothing.

        A store that was not opened yet may hold others too, as when the program was killed: opening it for a
        search drops them.
        """
        with self._lock:
            fingerprint = self._fingerprint()
            if self._current is not None:
                stored = self._current.stored
                held = self._current.recent.ids() | (set() if stored is None else stored.store.ids())
                return held == self._archive.ids(fingerprint=fingerprint)
            if self._generations.is_due():
                return True
            last = self._generations.open_last(fingerprint)
            if last is None:
                return self._archive.count(fingerprint=fingerprint) <= self._exact_up_to + self._slack
            try:
                return self._wanted(last) <= last.store.ids()
            finally:
                last.store.close()

    def renew(self, *, cancel: threading.Event, on_progress: Callable[[float], None]) -> None:
        """Make everything again from SQL and delete the old files; a search sees the old or the new state.

        Raises:
            Cancelled: ``cancel`` was set; the old generation stays.
        """
        self._layers()  # opened now, so that no search builds them meanwhile and sweeps these away
        self._exchange(self._build(self._fingerprint(), cancel, on_progress))

    def change_model(
        self,
        fingerprint: str,
        exchange: Callable[[], AbstractContextManager[None]],
        *,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> None:
        """Make everything from the vectors of another model, and use it as soon as that model is in use.

        Args:
            fingerprint: of the other model.
            exchange: puts it in use; until it is left, nobody asks the index.
            cancel: the old generation stays.
            on_progress: called with the share of what goes into a store.

        Raises:
            Cancelled: ``cancel`` was set, or ``exchange`` says so; the old generation stays.
        """
        self._layers()
        renewed = self._build(fingerprint, cancel, on_progress)
        try:
            with exchange():
                self._exchange(renewed)
        except Cancelled:
            _delete(renewed.stored)
            raise

    def purge(self) -> None:
        """Leave no vector in memory or on the disk that is no longer in SQL."""
        stored = self._layers().stored
        if stored is not None and (stored.is_stale() or stored.store.ids() != self._wanted(stored)):
            self.renew(cancel=threading.Event(), on_progress=lambda _: None)
        else:
            self._exchange(self._read_recent(stored, self._fingerprint()))

    def discard(self) -> None:
        """Delete every file; the next use makes all again from SQL."""
        with self._lock:
            self.close()
            self._generations.discard()

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        with self._lock:
            if self._current is not None:
                _close(self._current.stored)
                self._current = None

    def _layers(self) -> _Layers:
        with self._lock:
            if self._current is None:
                stored = self._open_last()
                too_many = self._exact_up_to + self._slack
                if stored is None and self._archive.count(fingerprint=self._fingerprint()) > too_many:
                    self._current = self._build(self._fingerprint(), threading.Event(), lambda _: None)
                else:
                    self._current = self._read_recent(stored, self._fingerprint())
                    self.settle()
                self._generations.sweep(keep=self._current.stored)
            return self._current

    def _exchange(self, renewed: _Layers) -> None:
        with self._lock:
            if self._current is not None and self._current.stored is not renewed.stored:
                _close(self._current.stored)
            self._current = renewed
        self._generations.sweep(keep=renewed.stored)

    def _open_last(self) -> Generation | None:
        """Open the last generation; ``None`` where there is none, or it is torn or not what SQL holds."""
        try:
            last = self._generations.open_last(self._fingerprint())
            if last is None or self._fits(last):
                return last
            last.store.close()
        except VectorStoreError:
            logger.info("the vector index cannot be read")
        logger.info("the vector index is made again")
        return None

    def _wanted(self, stored: Generation) -> set[ChunkId]:
        return self._archive.up_to(stored.last_row, among=self._archive.ids(fingerprint=self._fingerprint()))

    def _fits(self, stored: Generation) -> bool:
        """Compare by number, which is quick: what changes both sides at once is on the disk together."""
        expected = self._archive.count(fingerprint=self._fingerprint(), up_to=stored.last_row)
        return stored.store.count() == expected

    def _read_recent(self, stored: Generation | None, fingerprint: str) -> _Layers:
        recent = ExactVectorStore()
        last_row = 0 if stored is None else stored.last_row
        for _, ids, vectors in self._archive.after(last_row, fingerprint=fingerprint):
            recent.add(ids, vectors)
        return _Layers(stored=stored, recent=recent)

    def _build(
        self, fingerprint: str, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> _Layers:
        excess = self._archive.count(fingerprint=fingerprint) - self._exact_up_to
        if excess <= self._slack:
            return self._read_recent(None, fingerprint)
        stored, done = self._generations.make(fingerprint), 0
        try:
            for rows, ids, vectors in self._archive.after(0, fingerprint=fingerprint):
                if cancel.is_set():
                    raise Cancelled("Rebuilding the vector index was stopped.")
                count = min(len(ids), excess - done)
                stored.extend(ids[:count], vectors[:count], last_row=rows[count - 1])
                done += count
                on_progress(done / excess)
                if done == excess:
                    break
        except BaseException:
            _delete(stored)
            raise
        return self._read_recent(stored, fingerprint)


def _close(stored: Generation | None) -> None:
    if stored is not None:
        with suppress(VectorStoreError):  # it is only an index: the next use makes it again
            stored.store.close()


def _delete(stored: Generation | None) -> None:
    _close(stored)
    if stored is not None:
        shutil.rmtree(stored.folder, ignore_errors=True)
