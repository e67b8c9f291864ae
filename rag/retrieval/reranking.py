"""The slot for a model that reads question and passage together; without one the fused order stays."""

import multiprocessing
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import psutil

from rag.errors import Cancelled, EmbeddingError
from rag.retrieval.cross_encoder import serve

_POLL_SECONDS = 0.1


class Reranker(Protocol):
    """Says how well passages answer a question. Any thread may call it."""

    def score(self, question: str, passages: Sequence[str], *, cancel: threading.Event) -> list[float]:
        """Return a score for each passage, in their order; higher is better, only within one call.

        Raises:
            EmbeddingError: the model cannot be loaded or its process died; the next call starts it anew.
            Cancelled: ``cancel`` was set.
        """
        ...

    def close(self) -> None:
        """Free the memory. The next call loads the model again."""
        ...


class CrossEncoderReranker:
    """Keeps the protocol for a folder of sentence-transformers' ``CrossEncoder``, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """``folder`` of the model; nothing of it is read yet."""
        self._folder = folder
        self._lock = threading.Lock()
        """Held while the child is asked: one question after another."""
        self._child: _Child | None = None

    def score(self, question: str, passages: Sequence[str], *, cancel: threading.Event) -> list[float]:
        """See the protocol."""
        if not passages:
            return []
        with self._lock:
            try:
                child = self._child or self._start(cancel)
                return child.ask([(question, passage) for passage in passages], cancel)
            except BaseException as e:
                self._end()  # an answer nobody waited for must not be taken for the next one's
                if isinstance(e, EOFError | OSError):
                    raise self._unusable() from e
                raise

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            self._end()

    def _start(self, cancel: threading.Event) -> "_Child":
        self._child = _Child(self._folder)
        if not self._child.receive(cancel):
            raise self._unusable()
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _unusable(self) -> EmbeddingError:
        return EmbeddingError(
            f"The reranking model {self._folder.name} in the models folder cannot be used; please choose "
            "another one in the settings, or none."
        )


class _Child:
    """The process that scores, and the pipe to it."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection: Connection[list[tuple[str, str]], Any] = ours
        threads = psutil.cpu_count(logical=False) or 1
        self._process = context.Process(
            target=serve, args=(theirs, folder, threads), name="bedside-reranker", daemon=True
        )
        self._process.start()
        theirs.close()  # so that its death is an end of file here

    def ask(self, pairs: list[tuple[str, str]], cancel: threading.Event) -> list[float]:
        self._connection.send(pairs)
        scores: list[float] = self.receive(cancel)
        return scores

    def receive(self, cancel: threading.Event) -> Any:
        while not self._connection.poll(_POLL_SECONDS):
            if cancel.is_set():
                raise Cancelled("The search was stopped.")
        return self._connection.recv()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()
