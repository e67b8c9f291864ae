"""The way of files into the library: copy, pages, chunks, vectors, ready. If killed, it goes on later."""

import os
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, chain
from pathlib import Path

from sqlalchemy import Connection

from rag.chunking.context_aware import embedding_text
from rag.embedding.serving_model import ServingModel
from rag.errors import Cancelled, LibraryError
from rag.intake import Entered, Intake, Pending, Twin, Wish, failure, result
from rag.parcels import parcels
from rag.read_ahead import Job, Relay, read_ahead
from rag.reading import PIPELINE, Contents, DocumentReader, Report, stage_report
from rag.search_indexes import SearchIndexes
from rag.storage.catalogue import Catalogue
from rag.storage.contents import write_contents
from rag.storage.vector_archive import put_vectors
from rag.storage.versions import take_over
from rag.types import AddResult, AddStatus, Chunk, Document, DocumentId, IngestStage
from rag.versions import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A pending document that waits to be embedded and written."""

    file: Path
    document: DocumentId
    contents: Contents
    kept: tuple[Chunk, ...]
    """The chunks that get a vector."""
    report: Report
    seconds: float


_Half = _Read | Twin | AddResult
_Parcel = list[_Half] | Cancelled
"""How far the files came that are taken in together."""
_Leave = Callable[[DocumentId], None]
"""Goes on no more with a document, where it is still in work."""


class Indexer:
    """Takes files into a library, small ones together. While some are embedded, the next are read.

    Not for two threads at once.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        intake: Intake,
        indexes: SearchIndexes,
        versions: Versions,
        embedding: ServingModel,
        reader: DocumentReader,
    ) -> None:
        """All parts belong to one library."""
        self._catalogue = catalogue
        self._intake = intake
        self._indexes = indexes
        self._versions = versions
        self._embedding = embedding
        self._reader = reader

    def add(
        self, files: Sequence[tuple[Path, Wish]], *, cancel: threading.Event, reports: Sequence[Report]
    ) -> Iterator[AddResult]:
        """Take files in; yield the results of a parcel as soon as it is done, in the order of the files.

        What goes wrong with a file is in its result, and nothing of it stays. After ``cancel`` the results
        end; nothing of the files in work stays.
        """
        given = zip(files, reports, strict=True)
        divided = parcels(given, size=lambda each: _size(each[0][0]))
        return self._run([partial(self._enter, parcel) for parcel in divided], cancel, self._intake.drop)

    def resume(
        self, documents: Sequence[Document], *, cancel: threading.Event, reports: Sequence[Report]
    ) -> Iterator[AddResult]:
        """Go on with documents that were left pending; after ``cancel`` the rest stays pending."""
        given = zip(documents, reports, strict=True)
        divided = parcels(given, size=lambda each: each[0].size)
        return self._run(
            [partial(self._enter_again, parcel) for parcel in divided], cancel, self._intake.leave
        )

    def _run(
        self, jobs: Sequence[Job[_Parcel]], cancel: threading.Event, leave: _Leave
    ) -> Iterator[AddResult]:
        done: dict[DocumentId, AddResult] = {}
        try:
            with closing(read_ahead(jobs, cancel=cancel, discard=partial(_leave_all, leave))) as reading:
                for parcel in reading:
                    if isinstance(parcel, Cancelled):
                        return
                    try:
                        yield from self._finish(parcel, done, cancel)
                    except Cancelled:
                        return
                    finally:
                        _leave_all(leave, parcel)
        finally:
            self._reader.close()

    def _enter(
        self, given: Sequence[tuple[tuple[Path, Wish], Report]], cancel: threading.Event, relay: Relay
    ) -> _Parcel:
        """Enter files and read those whose bytes are not in the library."""
        try:
            entered = self._intake.enter([file for file, _ in given], cancel=cancel)
        except Cancelled as e:
            return e
        return self._read_all(entered, [report for _, report in given], cancel, relay, self._intake.drop)

    def _enter_again(
        self, given: Sequence[tuple[Document, Report]], cancel: threading.Event, relay: Relay
    ) -> _Parcel:
        entered = [self._intake.enter_again(document) for document, _ in given]
        return self._read_all(entered, [report for _, report in given], cancel, relay, self._intake.leave)

    def _read_all(
        self,
        entered: Sequence[Entered],
        reports: Sequence[Report],
        cancel: threading.Event,
        relay: Relay,
        leave: _Leave,
    ) -> _Parcel:
        parcel: list[_Half] = []
        failed: dict[DocumentId, AddResult] = {}
        try:
            for each, report in zip(entered, reports, strict=True):
                half: _Half
                if isinstance(each, Pending):
                    half = self._read(each, report, cancel, relay)
                    if isinstance(half, AddResult):
                        failed[each.document.id] = half
                elif isinstance(each, Twin) and each.document in failed:
                    half = _of_twin(each.file, failed[each.document])
                else:
                    half = each
                parcel.append(half)
        except BaseException as e:
            for each in entered:
                if isinstance(each, Pending):
                    leave(each.document.id)
            if isinstance(e, Cancelled):
                return e
            raise
        return parcel

    def _read(
        self, pending: Pending, report: Report, cancel: threading.Event, relay: Relay
    ) -> _Read | AddResult:
        """Read a document.

        Raises:
            Cancelled: ``cancel`` was set.
        """
        start = time.perf_counter()
        try:
            contents = self._reader.read(pending.document, cancel=cancel, report=relay(report))
        except Cancelled:
            raise
        except LibraryError as e:
            self._intake.drop(pending.document.id)
            return failure(pending.file, e, pending.seconds + time.perf_counter() - start)
        return _Read(
            file=pending.file,
            document=pending.document.id,
            contents=contents,
            kept=tuple(chunk for chunk in contents.chunks if chunk.is_retrievable),
            report=report,
            seconds=pending.seconds + time.perf_counter() - start,
        )

    def _finish(
        self, parcel: Sequence[_Half], done: dict[DocumentId, AddResult], cancel: threading.Event
    ) -> Iterator[AddResult]:
        """Yield the results of a parcel whose turn it is.

        Args:
            parcel: of which what can be finished is.
            done: gets the results of what was in work; a twin may be of the parcel before.
            cancel: stops it.

        Raises:
            Cancelled: what has no result is still in work.
        """
        completed = self._complete([each for each in parcel if isinstance(each, _Read)], cancel)
        for each in parcel:
            match each:
                case AddResult():
                    yield each
                case Twin(file=file, document=document):
                    yield _of_twin(file, done[document])
                case _Read(document=document):
                    done[document] = next(completed)
                    yield done[document]

    def _complete(self, reads: Sequence[_Read], cancel: threading.Event) -> Iterator[AddResult]:
        """Embed and write documents; where it fails one by one, so that a fault costs no other than its own.

        Raises:
            Cancelled: what has no result is still in work.
        """
        try:
            with self._embedding.writing.passed():
                results = self._write(reads, cancel)
        except Cancelled:
            raise
        except LibraryError as e:
            if len(reads) > 1:
                yield from chain.from_iterable(self._complete([each], cancel) for each in reads)
                return
            self._intake.drop(reads[0].document)
            results = [failure(reads[0].file, e, reads[0].seconds)]
        yield from results

    def _write(self, reads: Sequence[_Read], cancel: threading.Event) -> list[AddResult]:
        """Embed and write documents that were read: the one transaction makes them ready and current."""
        start = time.perf_counter()
        kept = [chunk.id for read in reads for chunk in read.kept]
        embedded = self._embedding.embed(
            [embedding_text(read.contents.extracted.title, chunk) for read in reads for chunk in read.kept],
            cancel=cancel,
            on_progress=_embedding_report(reads),
        )
        older = {read.document: self._versions.awaited(read.document) for read in reads}
        fingerprint = self._embedding.fingerprint

        def write(connection: Connection) -> None:
            for read in reads:
                extracted, chunks = read.contents.extracted, read.contents.chunks
                write_contents(connection, read.document, extracted, chunks, pipeline=PIPELINE)
            put_vectors(connection, kept, embedded, fingerprint=fingerprint)
            for new, old in older.items():
                if old is not None:
                    take_over(connection, old, new)

        changed = {each for pair in older.items() for each in pair if each is not None}
        self._indexes.change(changed, write, vectors=dict(zip(kept, embedded, strict=True)))
        self._intake.finish(older)
        for read in reads:
            stage_report(read.report, IngestStage.WRITING)(1)
        seconds = (time.perf_counter() - start) / max(1, len(kept))
        ready = self._catalogue.documents_by_id(older)
        return [
            result(
                read.file,
                AddStatus.INDEXED,
                ready[read.document],
                older[read.document],
                read.seconds + len(read.kept) * seconds,
            )
            for read in reads
        ]


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


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # entering it says why
        return 0


def _leave_all(leave: _Leave, parcel: _Parcel) -> None:
    if not isinstance(parcel, Cancelled):
        for each in parcel:
            if isinstance(each, _Read):
                leave(each.document)


def _embedding_report(reads: Sequence[_Read]) -> Callable[[float], None]:
    """Turn the share of all chunks that are embedded into that of the file at which it is."""
    counts = [max(1, len(read.kept)) for read in reads]
    ends = list(accumulate(counts))

    def report(fraction: float) -> None:
        place = fraction * ends[-1]
        number = min(bisect_right(ends, place), len(reads) - 1)
        share = 1 - (ends[number] - place) / counts[number]
        stage_report(reads[number].report, IngestStage.EMBEDDING)(share)

    return report


def _of_twin(file: Path, first: AddResult) -> AddResult:
    """What became of the same bytes under the name that came before."""
    status = AddStatus.FAILED if first.status is AddStatus.FAILED else AddStatus.DUPLICATE
    return replace(first, file=file, status=status, seconds=0.0, replaces=None)
