"""One file's way into the library: copy, pages, chunks, vectors, ready. Killed anywhere, it goes on later."""

import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from rag.chunking.context_aware import embedding_text
from rag.documents.detection import detect_media_type
from rag.documents.loading import ExtractionLimits
from rag.embedding.serving_model import ServingModel
from rag.errors import (
    Cancelled,
    DocumentTooLarge,
    LibraryError,
    PasswordRequired,
    StorageError,
    UnsupportedDocument,
)
from rag.read_ahead import Job, read_ahead
from rag.reading import PIPELINE, Contents, DocumentReader, Report, stage_report
from rag.search_indexes import SearchIndexes
from rag.storage.catalogue import Catalogue
from rag.storage.contents import write_contents
from rag.storage.engine import storage_errors
from rag.storage.originals import Originals
from rag.storage.sources import Origin, Source, path_text
from rag.storage.vector_archive import put_vectors
from rag.storage.versions import take_over
from rag.types import AddResult, AddStatus, Document, DocumentId, DocumentStatus, IngestStage
from rag.versions import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user said of a file that is added."""

    password: str | None = None
    replaces: DocumentId | None = None
    """The document of which the file is a new version; else its path tells."""
    collection: str | None = None
    """Which a new document joins; made where it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A pending document that waits to be embedded and written."""

    file: Path
    document: Document
    contents: Contents
    seconds: float
    is_dropped: bool
    """Whether nothing of it stays when it is not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twin:
    """A file whose bytes are in work already, under another name."""

    file: Path


_Entered = _Read | _Twin | AddResult | Cancelled
"""How far a file came before its turn."""


class Indexer:
    """Takes files into a library. While one is embedded, the next is read.

    Not for two threads at once.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        originals: Originals,
        indexes: SearchIndexes,
        versions: Versions,
        embedding: ServingModel,
        reader: DocumentReader,
        writing: threading.Lock,
    ) -> None:
        """``writing`` is held while the library is changed, not while a file is read or embedded."""
        self._catalogue = catalogue
        self._originals = originals
        self._indexes = indexes
        self._versions = versions
        self._embedding = embedding
        self._reader = reader
        self._writing = writing
        self._in_work: set[DocumentId] = set()

    def add(
        self, files: Sequence[tuple[Path, Wish]], *, cancel: threading.Event, reports: Sequence[Report]
    ) -> Iterator[AddResult]:
        """Take files in; yield a result for each as soon as it is done, in their order.

        What goes wrong with a file is in its result, and nothing of it stays. After ``cancel`` the results
        end; nothing of the files in work stays.
        """
        return self._run([partial(self._enter, file, wish) for file, wish in files], cancel, reports)

    def resume(
        self, documents: Sequence[Document], *, cancel: threading.Event, reports: Sequence[Report]
    ) -> Iterator[AddResult]:
        """Go on with documents that were left pending; after ``cancel`` the rest stays pending."""
        return self._run([partial(self._enter_again, each) for each in documents], cancel, reports)

    def _run(
        self, jobs: Sequence[Job[_Entered]], cancel: threading.Event, reports: Sequence[Report]
    ) -> Iterator[AddResult]:
        result: AddResult | None = None
        try:
            with closing(read_ahead(jobs, cancel=cancel, reports=reports, discard=self._drop)) as reading:
                for report, entered in zip(reports, reading, strict=False):
                    try:
                        result = self._finish(entered, result, cancel, report)
                    except Cancelled:
                        return
                    yield result
        finally:
            self._reader.close()

    def _enter(self, file: Path, wish: Wish, cancel: threading.Event, report: Report) -> _Entered:
        """Copy a file, write its row and read it, unless its bytes are in the library."""
        start = time.perf_counter()
        try:
            entered = self._register(file, wish, cancel)
        except Cancelled as e:
            return e
        except LibraryError as e:
            return _failure(file, e, time.perf_counter() - start)
        if isinstance(entered, Document):
            return self._read(file, entered, cancel, report, start=start, is_dropped=True)
        return entered

    def _enter_again(self, document: Document, cancel: threading.Event, report: Report) -> _Entered:
        start, file = time.perf_counter(), Path(document.file)
        return self._read(file, document, cancel, report, start=start, is_dropped=False)

    def _register(self, file: Path, wish: Wish, cancel: threading.Event) -> Document | _Twin | AddResult:
        """Copy a file and write its row, unless the same bytes have one; return it if it is pending."""
        start = time.perf_counter()
        _refuse(file, self._reader.limits)
        media_type = detect_media_type(file)
        copy = self._originals.copy(file, cancel=cancel)
        source = Source(path=path_text(file), size=copy.size, modified=copy.modified)
        origin = Origin(source=source, replaces=wish.replaces, collection=wish.collection)
        try:
            with self._writing:
                is_in_work = copy.document in self._in_work  # before its row is read: it may just end
                known = self._catalogue.get(copy.document)
                if known is None:
                    # The row comes first: a copy without a row would be left behind for ever.
                    name = _readable(file.name)
                    self._catalogue.register(
                        copy, name=name, media_type=media_type, password=wish.password, origin=origin
                    )
                    self._originals.accept(copy)
        finally:
            self._originals.discard(copy)
        if known is None:
            return self._catalogue.document(copy.document)
        replaced = self._versions.recognise(known, origin, password=wish.password)
        if is_in_work:
            return _Twin(file=file)
        if known.status is DocumentStatus.PENDING:
            return self._catalogue.document(known.id)
        return _result(file, AddStatus.DUPLICATE, known, replaced, time.perf_counter() - start)

    def _read(
        self,
        file: Path,
        document: Document,
        cancel: threading.Event,
        report: Report,
        *,
        start: float,
        is_dropped: bool,
    ) -> _Entered:
        self._in_work.add(document.id)
        try:
            contents = self._reader.read(document, cancel=cancel, report=report)
        except Cancelled as e:
            self._leave(document, is_dropped=is_dropped)
            return e
        except LibraryError as e:
            self._leave(document, is_dropped=True)
            return _failure(file, e, time.perf_counter() - start)
        except BaseException:
            self._leave(document, is_dropped=True)
            raise
        seconds = time.perf_counter() - start
        return _Read(file=file, document=document, contents=contents, seconds=seconds, is_dropped=is_dropped)

    def _finish(
        self, entered: _Entered, previous: AddResult | None, cancel: threading.Event, report: Report
    ) -> AddResult:
        """Return the result of a file whose turn it is.

        Raises:
            Cancelled: of the file only stays what is to stay.
        """
        match entered:
            case Cancelled():
                raise entered
            case AddResult():
                return entered
            case _Twin(file=file):
                return _of_twin(file, previous)
        try:
            with self._embedding.writing.passed():
                return self._complete(entered, cancel, report)
        except Cancelled:
            self._drop(entered)
            raise
        except LibraryError as e:
            self._leave(entered.document, is_dropped=True)
            return _failure(entered.file, e, entered.seconds)
        except BaseException:
            self._leave(entered.document, is_dropped=True)
            raise

    def _complete(self, read: _Read, cancel: threading.Event, report: Report) -> AddResult:
        """Embed and write a document that was read: the one transaction makes it ready and current."""
        start = time.perf_counter()
        document, contents = read.document, read.contents
        kept = [chunk for chunk in contents.chunks if chunk.is_retrievable]
        embedded = self._embedding.embed(
            [embedding_text(contents.extracted.title, chunk) for chunk in kept],
            cancel=cancel,
            on_progress=stage_report(report, IngestStage.EMBEDDING),
        )
        stage_report(report, IngestStage.WRITING)(0)
        older = self._versions.awaited(document.id)
        fingerprint = self._embedding.fingerprint

        def write(connection: Connection) -> None:
            write_contents(connection, document.id, contents.extracted, contents.chunks, pipeline=PIPELINE)
            put_vectors(connection, [chunk.id for chunk in kept], embedded, fingerprint=fingerprint)
            if older is not None:
                take_over(connection, older, document.id)

        changed = [document.id] if older is None else [document.id, older]
        vectors = dict(zip((chunk.id for chunk in kept), embedded, strict=True))
        self._indexes.change(changed, write, vectors=vectors)
        self._in_work.discard(document.id)
        stage_report(report, IngestStage.WRITING)(1)
        seconds = read.seconds + time.perf_counter() - start
        ready = self._catalogue.document(document.id)
        return _result(read.file, AddStatus.INDEXED, ready, older, seconds)

    def _drop(self, entered: _Entered) -> None:
        if isinstance(entered, _Read):
            self._leave(entered.document, is_dropped=entered.is_dropped)

    def _leave(self, document: Document, *, is_dropped: bool) -> None:
        """Go on with a document no more."""
        self._in_work.discard(document.id)
        if is_dropped:
            with self._writing:
                self._originals.remove(document.id)
                self._catalogue.abandon(document.id)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are, and what lies in folders sorted, without hidden files; nothing twice.

    Links to folders are not followed, so that no loop and nothing outside is walked. A folder that may not be
    looked into is returned itself, so that it is spoken of.
    """
    found: dict[Path, None] = {}
    for path in paths:
        # Path.is_dir raises where the folder above may not be read; that is to be said of the file, later.
        is_folder = os.path.isdir(path)  # noqa: PTH112
        found.update(dict.fromkeys(_walk(path) if is_folder else [path]))
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))
    yield from (Path(os.fsdecode(error.filename)) for error in refused)


def _readable(name: str) -> str:
    """Replace what is no text in a file name: old systems wrote names in other encodings."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _refuse(file: Path, limits: ExtractionLimits) -> None:
    """Look before a file is opened: reading a pipe would wait for ever."""
    with storage_errors():
        status = file.stat()
    if stat.S_ISDIR(status.st_mode):
        raise StorageError("This folder may not be looked into; please check its rights.")
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedDocument("This is no file but a device or a pipe; please choose a document.")
    if status.st_size > limits.max_bytes:
        raise DocumentTooLarge(
            f"This file has {status.st_size / 1e6:,.0f} MB, more than the {limits.max_bytes / 1e6:,.0f} MB "
            "that are read; please split it."
        )


def _result(
    file: Path, status: AddStatus, document: Document, replaced: DocumentId | None, seconds: float
) -> AddResult:
    return AddResult(
        file=file,
        status=status,
        document=document.id,
        pages=document.pages,
        chunks=document.chunks,
        filtered=document.filtered,
        ocr_pages=document.ocr_pages,
        seconds=seconds,
        replaces=replaced,
    )


def _of_twin(file: Path, first: AddResult | None) -> AddResult:
    """What became of the same bytes under the name that came before."""
    if first is None:
        raise AssertionError("the first of two files with the same bytes has no result")
    status = AddStatus.FAILED if first.status is AddStatus.FAILED else AddStatus.DUPLICATE
    return replace(first, file=file, status=status, seconds=0.0, replaces=None)


def _failure(file: Path, error: LibraryError, seconds: float) -> AddResult:
    return AddResult(
        file=file,
        status=AddStatus.FAILED,
        reason=str(error),
        needs_password=isinstance(error, PasswordRequired),
        seconds=seconds,
    )
