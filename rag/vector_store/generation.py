"""The folders in which a vector index keeps its stores, one after another."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.embedding.embedding_model import Vectors
from rag.storage.engine import storage_errors
from rag.types import ChunkId
from rag.vector_store.vector_store import VectorStore

_COMPLETE = "complete"
"""File in a generation with the last row it holds: it has all vectors of the archive up to that one."""
_STALE = "stale"
"""File in a generation that may hold bytes of vectors that were removed."""
_DUE = "due"
"""Folder in place of all generations: nothing is wrong, the next use makes one."""
_MODEL_DIGITS = 16


class Generation:
    """A vector store in a folder of its own, and how far into the archive it reaches."""

    def __init__(self, folder: Path, store: VectorStore, last_row: int) -> None:
        """``last_row`` of the table of chunks; 0 where the store is empty."""
        self.folder = folder
        self.store = store
        self.last_row = last_row

    def extend(self, ids: Sequence[ChunkId], vectors: Vectors, *, last_row: int) -> None:
        """Add the next vectors of the archive. Killed in between, the store does not fit and is made anew."""
        self.store.add(ids, vectors)
        _write_row(self.folder, last_row)
        self.last_row = last_row

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """Let these not be found any more; their bytes may stay."""
        with storage_errors():
            (self.folder / _STALE).touch()
        self.store.remove(ids)

    def is_stale(self) -> bool:
        """Tell whether bytes of removed vectors may be in the files."""
        return (self.folder / _STALE).exists()


class GenerationFolder:
    """A folder of generations, named by the embedding model and a number; the last whole one is in use."""

    def __init__(self, folder: Path, *, open_store: Callable[[Path], VectorStore]) -> None:
        """Open nothing yet; ``open_store`` opens or makes a store in a folder of its own."""
        self._folder = folder
        self._open_store = open_store

    def open_last(self, fingerprint: str) -> Generation | None:
        """Open the last generation of a model; ``None`` where it is not whole.

        Raises:
            VectorStoreError: it is torn.
        """
        folder = self._path(fingerprint, self._last_number(fingerprint))
        try:
            last_row = int((folder / _COMPLETE).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return Generation(folder, self._open_store(folder), last_row)

    def make(self, fingerprint: str) -> Generation:
        """Make the next, empty one.

        Raises:
            StorageError, VectorStoreError: the disk refuses.
        """
        folder = self._path(fingerprint, self._last_number(fingerprint) + 1)
        with storage_errors():
            folder.mkdir(parents=True)
        generation = Generation(folder, self._open_store(folder), 0)
        _write_row(folder, 0)
        return generation

    def sweep(self, *, keep: Generation | None) -> None:
        """Delete all but one."""
        with storage_errors():
            for folder in self._folder.glob("*"):
                if keep is None or folder != keep.folder:
                    shutil.rmtree(folder)

    def discard(self) -> None:
        """Delete all, on purpose."""
        self.sweep(keep=None)
        with storage_errors():
            (self._folder / _DUE).mkdir(parents=True)

    def is_due(self) -> bool:
        """Tell whether all were deleted on purpose."""
        return (self._folder / _DUE).exists()

    def _path(self, fingerprint: str, number: int) -> Path:
        return self._folder / f"{fingerprint[:_MODEL_DIGITS]}-{number}"

    def _last_number(self, fingerprint: str) -> int:
        """Return the highest number of a generation of a model, 0 where there is none."""
        names = (folder.name for folder in self._folder.glob(f"{fingerprint[:_MODEL_DIGITS]}-*"))
        return max((int(name.rpartition("-")[2]) for name in names), default=0)


def _write_row(folder: Path, last_row: int) -> None:
    part = folder / f"{_COMPLETE}.part"
    with storage_errors():
        part.write_text(str(last_row), encoding="ascii")
        part.replace(folder / _COMPLETE)
