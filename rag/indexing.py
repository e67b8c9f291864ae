"""One file's way into the library: copy, pages, chunks, vectors, ready. Killed anywhere, it goes on later."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.chunking.context_aware import chunk_document, embedding_text
from rag.documents.detection import detect_media_type
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits
from rag.embedding.embedding_model import EmbeddingModel, Vectors
from rag.errors import Cancelled, DocumentTooLarge, EmptyDocument, LibraryError
from rag.storage.catalogue import Catalogue
from rag.storage.engine import storage_errors
from rag.storage.originals import Originals
from rag.types import (
    AddResult,
    AddStatus,
    Chunk,
    ChunkId,
    Document,
    DocumentStatus,
    ExtractedDocument,
    IngestStage,
)
from rag.vector_store.vector_index import VectorIndex

Report = Callable[[IngestStage, float], None]
"""Told the stage and the share of the whole file that is done."""

_SHARES = {
    IngestStage.READING: (0.0, 0.3),
    IngestStage.CHUNKING: (0.3, 0.35),
    IngestStage.EMBEDDING: (0.35, 0.95),
    IngestStage.WRITING: (0.95, 1.0),
}
"""From where to where each stage moves the progress of a file; about what it takes on a CPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """All of a document that will be written."""

    extracted: ExtractedDocument
    chunks: tuple[Chunk, ...]
    ids: list[ChunkId]
    vectors: Vectors


class Indexer:
    """Takes files into a library, one after another. Not for two threads at once."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        originals: Originals,
        index: VectorIndex,
        embedding: EmbeddingModel,
        limits: ExtractionLimits,
        writing: threading.Lock,
    ) -> None:
        """``writing`` is held while the library is changed, not while a file is read or embedded."""
        self._catalogue = catalogue
        self._originals = originals
        self._index = index
        self._embedding = embedding
        self._limits = limits
        self._writing = writing
        self._extractor = Extractor(limits=limits)

    def close(self) -> None:
        """End the process that reads documents; the next file starts another."""
        self._extractor.close()

    def add(self, file: Path, *, cancel: threading.Event, report: Report) -> AddResult:
        """Take one file in. What goes wrong with it is in the result, and nothing of it stays.

        Raises:
            Cancelled: nothing of the file stays.
        """
        start = time.perf_counter()
        try:
            document = self._register(file, cancel)
            if document.status is DocumentStatus.READY:
                return _result(file, AddStatus.DUPLICATE, document, start)
            try:
                return _result(file, AddStatus.INDEXED, self._finish(document, cancel, report), start)
            except Cancelled:
                self._abandon(document)
                raise
        except Cancelled:
            raise
        except LibraryError as e:
            return _failure(file, e, start)

    def resume(self, document: Document, *, cancel: threading.Event, report: Report) -> AddResult:
        """Go on with a document that was left pending. What goes wrong with it is in the result.

        Raises:
            Cancelled: the document stays pending.
        """
        start, file = time.perf_counter(), Path(document.file)
        try:
            return _result(file, AddStatus.INDEXED, self._finish(document, cancel, report), start)
        except Cancelled:
            raise
        except LibraryError as e:
            return _failure(file, e, start)

    def _register(self, file: Path, cancel: threading.Event) -> Document:
        """Copy a file and write its row, unless the same bytes have one."""
        media_type = detect_media_type(file)
        _refuse_large(file, self._limits)
        copy = self._originals.copy(file, cancel=cancel)
        try:
            with self._writing:
                if (known := self._catalogue.get(copy.document)) is None:
                    # The row comes first: a copy without a row would be left behind for ever.
                    name = Path(_readable(file.name))
                    self._catalogue.register(copy, file=name.name, title=name.stem, media_type=media_type)
                    self._originals.accept(copy)
                return known or self._catalogue.document(copy.document)
        finally:
            self._originals.discard(copy)

    def _finish(self, document: Document, cancel: threading.Event, report: Report) -> Document:
        """Make a pending document ready."""
        try:
            prepared = self._prepare(document, cancel, report)
            report(IngestStage.WRITING, _share(IngestStage.WRITING, 0))
            with self._writing:
                self._write(document, prepared)
        except Cancelled:
            raise
        except BaseException:
            self._abandon(document)
            raise
        report(IngestStage.WRITING, _share(IngestStage.WRITING, 1))
        return self._catalogue.document(document.id)

    def _prepare(self, document: Document, cancel: threading.Event, report: Report) -> _Prepared:
        def report_stage(stage: IngestStage) -> Callable[[float], None]:
            return lambda fraction: report(stage, _share(stage, fraction))

        extracted = self._extractor.extract(
            document.original,
            document.media_type,
            cancel=cancel,
            on_progress=report_stage(IngestStage.READING),
        )
        if extracted.title == document.original.stem:  # that of our copy; the user knows the file's own
            extracted = replace(extracted, title=document.title)
        report_stage(IngestStage.CHUNKING)(0)
        chunks = chunk_document(document.id, extracted)
        if not chunks:
            raise EmptyDocument("This file holds no text that could be indexed; please choose another copy.")
        kept = [chunk for chunk in chunks if chunk.filtered is None]
        vectors = self._embedding.embed(
            [embedding_text(extracted.title, chunk) for chunk in kept],
            cancel=cancel,
            on_progress=report_stage(IngestStage.EMBEDDING),
        )
        return _Prepared(
            extracted=extracted, chunks=chunks, ids=[chunk.id for chunk in kept], vectors=vectors
        )

    def _write(self, document: Document, prepared: _Prepared) -> None:
        """Vectors first: a document that is ready can be found. The one transaction decides."""
        self._catalogue.document(document.id)  # it may have been removed meanwhile
        self._index.add(prepared.ids, prepared.vectors)
        try:
            self._catalogue.complete(
                document.id,
                prepared.extracted,
                prepared.chunks,
                (prepared.ids, prepared.vectors),
                fingerprint=self._embedding.fingerprint,
            )
        except BaseException:
            self._index.discard()  # taken out of the index, vectors would stay in its files
            raise

    def _abandon(self, document: Document) -> None:
        with self._writing:
            self._originals.remove(document.id)
            self._catalogue.abandon(document.id)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are, and what lies in folders sorted, without hidden files; nothing twice.

    Links to folders are not followed, so that no loop and nothing outside is walked.
    """
    found: dict[Path, None] = {}
    for path in paths:
        # Path.is_dir raises where the folder above may not be read; that is to be said of the file, later.
        is_folder = os.path.isdir(path)  # noqa: PTH112
        found.update(dict.fromkeys(_walk(path) if is_folder else [path]))
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))


def _readable(name: str) -> str:
    """Replace what is no text in a file name: old systems wrote names in other encodings."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _refuse_large(file: Path, limits: ExtractionLimits) -> None:
    """Look before a file is copied."""
    with storage_errors():
        size = file.stat().st_size
    if size > limits.max_bytes:
        raise DocumentTooLarge(
            f"This file has {size / 1e6:,.0f} MB, more than the {limits.max_bytes / 1e6:,.0f} MB that are "
            "read; please split it."
        )


def _share(stage: IngestStage, fraction: float) -> float:
    start, end = _SHARES[stage]
    return start + (end - start) * fraction


def _result(file: Path, status: AddStatus, document: Document, start: float) -> AddResult:
    return AddResult(
        file=file,
        status=status,
        document=document.id,
        pages=document.pages,
        chunks=document.chunks,
        filtered=document.filtered,
        seconds=time.perf_counter() - start,
    )


def _failure(file: Path, error: LibraryError, start: float) -> AddResult:
    return AddResult(
        file=file, status=AddStatus.FAILED, reason=str(error), seconds=time.perf_counter() - start
    )
