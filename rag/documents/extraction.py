"""Reads a document in a child process, so that no file can hang, bloat or kill the program."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from rag.documents.extraction_process import Failure, PackedPage, Task, serve
from rag.documents.loading import ExtractionLimits, Loaded, OcrPageCount, PageCount, Progress, Structure
from rag.errors import BrokenDocument, Cancelled, DocumentTooLarge, StorageError
from rag.types import ExtractedDocument, Page

_POLL_SECONDS = 0.1


class Extractor:
    """Reads files one after another in a child process that is started when needed and anew when it died.

    Not for two threads at once. The child ends with :meth:`close` or with this process.
    """

    def __init__(self, *, limits: ExtractionLimits) -> None:
        """Start nothing yet."""
        self._limits = limits
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def close(self) -> None:
        """End the child; the next :meth:`extract` starts another."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def extract(
        self,
        path: Path,
        media_type: str,
        *,
        password: str | None = None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> ExtractedDocument:
        """Read one file.

        Args:
            path: the file.
            media_type: as :func:`rag.documents.detection.detect_media_type` told it.
            password: opens an encrypted file; without meaning for others.
            cancel: looked at ten times a second.
            on_progress: called with the share that is done, 0 to 1, never falling.

        Raises:
            EncryptedDocument: the file needs a password, or another one.
            DocumentError: the file cannot become a document.
            StorageError: the file cannot be read.
            Cancelled: ``cancel`` was set; the child is dead by then.
        """
        self._check_size(path)
        child = self._child or _Child()
        self._child = None  # a child that failed in the middle of a file is never used again
        try:
            task = Task(path, media_type, self._limits, password)
            document = self._receive(child, task, cancel, on_progress)
        except BaseException:
            child.kill()
            raise
        self._child = child
        return document

    def _check_size(self, path: Path) -> None:
        try:
            size = path.stat().st_size
        except OSError as e:
            raise StorageError(
                "This file cannot be opened; please check that it exists and may be read."
            ) from e
        if size > self._limits.max_bytes:
            raise DocumentTooLarge(
                f"This file has {size / 1e6:,.0f} MB, more than the {self._limits.max_bytes / 1e6:,.0f} MB "
                "that are read; please split it."
            )

    def _receive(
        self, child: "_Child", task: Task, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> ExtractedDocument:
        watch = _Watch(self._limits, child)
        pages: list[Page] = []
        child.send(task)
        while True:
            message = child.poll(cancel)
            watch.check(had_message=message is not None)
            match message:
                case PageCount(pages=count):
                    watch.allow(count * self._limits.page_seconds)
                case OcrPageCount(pages=count):
                    watch.allow(count * self._limits.ocr_page_seconds)
                case Progress(fraction=fraction):
                    on_progress(fraction)
                case PackedPage():
                    pages.append(message.unpack())
                case Structure():
                    on_progress(1.0)
                    return ExtractedDocument(
                        title=message.title,
                        pages=tuple(pages),
                        blocks=message.blocks,
                        authors=message.authors,
                        year=message.year,
                    )
                case Failure(error=error):
                    raise error


class _Watch:
    """Holds one reading to its limits of time and memory."""

    def __init__(self, limits: ExtractionLimits, child: "_Child") -> None:
        self._limits = limits
        self._child = child
        self._memory_at_start = child.memory()
        self._last_message = self._last_measured = time.monotonic()
        self._deadline = self._last_message + limits.base_seconds

    def allow(self, seconds: float) -> None:
        self._deadline += seconds

    def check(self, *, had_message: bool) -> None:
        now = time.monotonic()
        if had_message:
            self._last_message = now
        elif now - self._last_message > self._limits.stall_seconds:
            raise DocumentTooLarge(
                "This file takes too long to read, it may be damaged; please try another copy."
            )
        if now > self._deadline:
            raise DocumentTooLarge("This file takes too long to read; please split it into smaller files.")
        if now - self._last_measured >= _POLL_SECONDS:
            self._last_measured = now
            if self._child.memory() - self._memory_at_start > self._limits.memory_bytes:
                raise DocumentTooLarge("This file needs too much memory to read; please split it.")


class _Child:
    """The process that reads, and the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection: Connection[object, Loaded | PackedPage | Failure] = ours
        self._process = context.Process(target=serve, args=(theirs,), name="bedside-extraction", daemon=True)
        self._process.start()
        theirs.close()  # so that its death is an end of file here

    def send(self, task: Task) -> None:
        try:
            self._connection.send(task)
        except OSError as e:
            raise _died() from e

    def poll(self, cancel: threading.Event) -> Loaded | PackedPage | Failure | None:
        """Return the next message, or ``None`` after a tenth of a second without one."""
        if cancel.is_set():
            raise Cancelled("Reading was stopped.")
        try:
            return self._connection.recv() if self._connection.poll(_POLL_SECONDS) else None
        except (EOFError, OSError) as e:
            raise _died() from e

    def memory(self) -> int:
        """Resident bytes; 0 once it is dead."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End it at once and for certain."""
        self._process.kill()
        self._process.join()
        with suppress(OSError):
            self._connection.close()
        self._process.close()


def _died() -> BrokenDocument:
    return BrokenDocument(
        "This file made the reading program fail; it is probably damaged. Please try another copy."
    )
