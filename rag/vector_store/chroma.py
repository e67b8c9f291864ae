"""A vector store on the disk: the only place that knows Chroma."""

import ctypes
import logging
import multiprocessing
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding.embedding_model import Vectors
from rag.errors import VectorStoreError
from rag.types import ChunkId

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

_COLLECTION = "chunks"
_IN_USE = "in-use"
"""File that is there while the store is open; left behind, the store did not end well."""
_BATCH = 1000
_INDEX = {
    "space": "cosine",
    # The whole graph is written at each synchronisation; until then vectors are safe in Chroma's log.
    "sync_threshold": 10_000,
    "ef_search": 200,
}
_PROBE_SECONDS = 120
_M_PERTURB, _ZEROS = -6, 0xFF
"""Of mallopt(3): new memory is filled with the complement of the byte, freed memory with the byte."""
_PROBED = 100
"""Vectors that are looked at from the beginning, the middle and the end."""

logger = logging.getLogger(__name__)


def open_chroma(folder: Path) -> "ChromaVectorStore":
    """Open or make the store in a folder of its own.

    A torn index can end the process that reads it: one that was not closed is first tried in a child.

    Raises:
        VectorStoreError: it cannot be used; it has to be made again.
    """
    if (folder / _IN_USE).exists() and not _survives(folder):
        raise VectorStoreError("The vector index is damaged; please rebuild it.")
    return ChromaVectorStore(folder)


class ChromaVectorStore:
    """Keeps the protocol :class:`~rag.vector_store.vector_store.VectorStore` with ids and vectors only."""

    def __init__(self, folder: Path) -> None:
        """Use :func:`open_chroma` for a store that may not have been closed."""
        self._folder = folder
        with _store_errors():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _IN_USE).touch()
            self._client = _connect(folder)
            self._collection: Collection = self._client.get_or_create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": _INDEX}
            )

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """See the protocol."""
        with _store_errors():
            for start in range(0, len(ids), _BATCH):
                end = start + _BATCH
                self._collection.upsert(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """See the protocol."""
        with _store_errors():
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def query(self, vector: Vectors, *, top_k: int) -> list[tuple[ChunkId, float]]:
        """See the protocol."""
        with _store_errors():
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=top_k, include=["distances"]
            )
        distances = found["distances"] or [[]]
        return [
            (ChunkId(chunk), 1 - distance)
            for chunk, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def ids(self) -> set[ChunkId]:
        """See the protocol."""
        with _store_errors():
            return {ChunkId(chunk) for chunk in self._collection.get(include=[])["ids"]}

    def count(self) -> int:
        """See the protocol."""
        with _store_errors():
            return int(self._collection.count())

    def close(self) -> None:
        """See the protocol."""
        with _store_errors():
            self._client.close()
            for file in self._folder.rglob("*"):
                _sync(file)
            (self._folder / _IN_USE).unlink(missing_ok=True)


@contextmanager
def _store_errors() -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, ValueError, RuntimeError) as e:
        raise VectorStoreError(
            "The vector index failed; please check the free space of the disk and rebuild the library."
        ) from e


def _connect(folder: Path) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings

    _clear_new_memory()
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def _clear_new_memory() -> None:
    """Let malloc hand out zeros in this process, where the C library is glibc.

    The graph's file is made of memory that nobody has written to: without this it holds whatever was freed
    before, such as vectors of a removed document.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_PERTURB, _ZEROS)


def _sync(file: Path) -> None:
    if file.is_file():
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())


def _survives(folder: Path) -> bool:
    """Tell whether a child can read all of a store."""
    process = multiprocessing.get_context("spawn").Process(
        target=_probe, args=(folder,), name="bedside-vector-probe", daemon=True
    )
    process.start()
    process.join(_PROBE_SECONDS)
    process.kill()
    process.join()
    logger.info("vector index probed: exit code %s", process.exitcode)
    return process.exitcode == 0


def _probe(folder: Path) -> None:
    """Runs in the child: read what a search and a check would read. Exit code 0 says that it went well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # how it fails interests nobody
    collection = _connect(folder).get_collection(_COLLECTION, embedding_function=None)
    count = collection.count()
    for offset in {0, count // 2, max(0, count - _PROBED)}:
        found = collection.get(limit=_PROBED, offset=offset, include=["embeddings"])["embeddings"]
        if found is not None and len(found):
            # A torn file is read without complaint: what it lacks is no vector of length 1.
            if not np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3):
                os._exit(1)
            collection.query(query_embeddings=found[:1], n_results=10, include=["distances"])
    if len(collection.get(include=[])["ids"]) != count:
        os._exit(1)
