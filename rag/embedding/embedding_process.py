"""An embedding model in a process of its own: loading torch would hold up the window for seconds."""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from rag.embedding.embedding_model import Vectors
from rag.embedding.model_folder import compute_fingerprint, read_dimension, unusable
from rag.embedding.serving import Loaded, serve
from rag.errors import Cancelled, EmbeddingError

BATCH_SIZE = 16
_POLL_SECONDS = 0.1


class ProcessEmbeddingModel:
    """Keeps the protocol :class:`~rag.embedding.embedding_model.EmbeddingModel` for sentence-transformers.

    Its process is started on first use and anew when it died. One thread speaks to it, batch by batch, first
    come first served: a question waits for one batch of a document, not for all of it.
    """

    def __init__(self, folder: Path) -> None:
        """``folder`` of the model; nothing of it is read yet."""
        self._folder = folder
        self._fingerprint: str | None = None
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._speaker: ThreadPoolExecutor | None = None

    @property
    def fingerprint(self) -> str:
        """See the protocol; the files are hashed once."""
        if self._fingerprint is None:
            self._fingerprint = compute_fingerprint(self._folder)
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """See the protocol."""
        return read_dimension(self._folder)

    def warm_up(self) -> None:
        """Start loading the model and return at once; should that fail, the next :meth:`embed` says why."""
        self._submit([])

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        """See the protocol."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # Texts of one length go together: a batch costs as much as its longest.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            vectors[batch] = _wait(self._submit([texts[index] for index in batch]), cancel)
            on_progress((start + len(batch)) / len(order))
        return vectors

    def close(self) -> None:
        """End the process; calls in work fail."""
        with self._lock:
            speaker, self._speaker = self._speaker, None
            if self._child is not None:
                self._child.end()
        if speaker is not None:
            speaker.shutdown(cancel_futures=True)
        self._forget_child()

    def _submit(self, batch: list[str]) -> "Future[Vectors]":
        with self._lock:
            if self._speaker is None:
                self._speaker = ThreadPoolExecutor(1, thread_name_prefix="bedside-embedding")
            return self._speaker.submit(self._exchange, batch)

    def _exchange(self, batch: list[str]) -> Vectors:
        """Runs on the speaking thread only."""
        try:
            child = self._child or self._start()
            return child.ask(batch) if batch else np.empty((0, 0), dtype=np.float32)
        except (EOFError, OSError) as e:
            self._forget_child()
            raise EmbeddingError(
                "The embedding model's process ended unexpectedly; please try again, and close other "
                "programs should memory be short."
            ) from e

    def _start(self) -> "_Child":
        with self._lock:
            if self._speaker is None:
                raise _closed()
            self._child = child = _Child(self._folder)
        if not child.is_loaded():
            self._forget_child()
            raise unusable(self._folder)
        return child

    def _forget_child(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child.disconnect()
            self._child = None


def _wait(future: "Future[Vectors]", cancel: threading.Event) -> Vectors:
    while True:
        if cancel.is_set():
            future.cancel()
            raise Cancelled("Embedding was stopped.")
        try:
            return future.result(timeout=_POLL_SECONDS)
        except FutureTimeout:
            continue
        except CancelledError as e:
            raise _closed() from e


def _closed() -> EmbeddingError:
    return EmbeddingError("The embedding model was closed while it was needed; please try again.")


class _Child:
    """The process that embeds, and the pipe to it."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection: Connection[list[str], Any] = ours
        threads = psutil.cpu_count(logical=False) or 1
        self._process = context.Process(
            target=serve, args=(theirs, folder, threads), name="bedside-embedding", daemon=True
        )
        self._process.start()
        theirs.close()  # so that its death is an end of file here

    def is_loaded(self) -> bool:
        """Wait for the model; called once."""
        return isinstance(self._connection.recv(), Loaded)

    def ask(self, batch: list[str]) -> Vectors:
        self._connection.send(batch)
        vectors: Vectors = self._connection.recv()
        return vectors

    def end(self) -> None:
        """End it at once; may be called twice and from any thread."""
        self._process.kill()
        self._process.join()

    def disconnect(self) -> None:
        """Close the pipe, on which nobody may be waiting."""
        self._connection.close()
