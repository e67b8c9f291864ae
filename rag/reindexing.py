"""Indexes documents again from the library's copies, as extraction and chunking are now."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from rag.chunking.context_aware import embedding_text
from rag.embedding.embedding_model import Vectors
from rag.embedding.serving_model import ServingModel
from rag.errors import BrokenDocument, Cancelled, LibraryError
from rag.read_ahead import Job, Relay, read_ahead
from rag.reading import PIPELINE, Contents, DocumentReader, OnProgress, Report, file_reports, stage_report
from rag.search_indexes import SearchIndexes
from rag.storage.catalogue import Catalogue
from rag.storage.contents import count_filtered, write_contents
from rag.storage.originals import hash_file
from rag.storage.rows import count_physical
from rag.storage.vector_archive import VectorArchive, put_vectors
from rag.types import (
    Chunk,
    ChunkId,
    Document,
    DocumentId,
    DocumentStatus,
    Extent,
    IngestStage,
    ReindexResult,
    ReindexStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document that was read again."""

    document: Document
    contents: Contents
    report: Report
    seconds: float


_Entered = _Read | ReindexResult | Cancelled


class Reindexing:
    """Indexes again what is in the library. While one document is embedded, the next is read.

    Until the one transaction that exchanges them, the old pages and chunks go on serving. What the user wrote
    or took back stays, and so does every vector whose text is as before.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        archive: VectorArchive,
        indexes: SearchIndexes,
        embedding: ServingModel,
        reader: DocumentReader,
    ) -> None:
        """All parts belong to one library."""
        self._catalogue = catalogue
        self._archive = archive
        self._indexes = indexes
        self._embedding = embedding
        self._reader = reader

    def stale(self) -> list[DocumentId]:
        """List the documents that were indexed by an older version of extraction or chunking."""
        return [document.id for document in self._ready() if document.pipeline < PIPELINE]

    def reindex(
        self,
        documents: Sequence[DocumentId] | None = None,
        *,
        cancel: threading.Event,
        on_progress: OnProgress,
    ) -> Iterator[ReindexResult]:
        """Index documents again, by default all; yield a result for each as soon as it is done.

        Where it fails, the document stays as it was. After ``cancel`` the results end.

        Raises:
            DocumentNotFound: there is none with one of the ids.
            EmbeddingError: the embedding model is missing.
        """
        _ = self._embedding.fingerprint
        chosen = self._ready() if documents is None else list(map(self._catalogue.document, documents))
        reports = file_reports([Path(document.file) for document in chosen], on_progress)
        jobs = [partial(self._read, *each) for each in zip(chosen, reports, strict=True)]
        return self._run(jobs, cancel)

    def _ready(self) -> list[Document]:
        return [each for each in self._catalogue.documents() if each.status is DocumentStatus.READY]

    def _run(self, jobs: Sequence[Job[_Entered]], cancel: threading.Event) -> Iterator[ReindexResult]:
        try:
            with closing(read_ahead(jobs, cancel=cancel, discard=lambda _: None)) as reading:
                for entered in reading:
                    if isinstance(entered, Cancelled):
                        return
                    if isinstance(entered, ReindexResult):
                        yield entered
                        continue
                    try:
                        with self._embedding.writing.passed():
                            result = self._exchange(entered, cancel)
                    except Cancelled:
                        return
                    yield result
        finally:
            self._reader.close()

    def _read(self, document: Document, report: Report, cancel: threading.Event, relay: Relay) -> _Entered:
        start = time.perf_counter()
        try:
            _refuse_changed(document)
            contents = self._reader.read(document, cancel=cancel, report=relay(report))
        except Cancelled as e:
            return e
        except LibraryError as e:
            return _failure(document, e, time.perf_counter() - start)
        seconds = time.perf_counter() - start
        return _Read(document=document, contents=contents, report=report, seconds=seconds)

    def _exchange(self, read: _Read, cancel: threading.Event) -> ReindexResult:
        """Embed what is new and put the new pages and chunks in place of the old ones.

        Raises:
            Cancelled: nothing has changed.
        """
        start, document, report = time.perf_counter(), read.document, read.report
        try:
            before = self._catalogue.chunks(document.id)
            chunks = _take_back(read.contents.chunks, before)
            kept = self._vectors_by_text(document, before)
            texts = {
                chunk.id: embedding_text(read.contents.extracted.title, chunk)
                for chunk in chunks
                if chunk.is_retrievable
            }
            new = [text for text in dict.fromkeys(texts.values()) if text not in kept]
            embedded = self._embedding.embed(
                new, cancel=cancel, on_progress=stage_report(report, IngestStage.EMBEDDING)
            )
            vectors = kept | dict(zip(new, embedded, strict=True))
            stage_report(report, IngestStage.WRITING)(0)
            self._write(document, read.contents, chunks, {each: vectors[texts[each]] for each in texts})
        except Cancelled:
            raise
        except LibraryError as e:
            return _failure(document, e, read.seconds + time.perf_counter() - start)
        stage_report(report, IngestStage.WRITING)(1)
        return ReindexResult(
            document=document.id,
            title=document.title,
            status=ReindexStatus.REINDEXED,
            before=_extent(document),
            after=Extent(
                pages=count_physical(read.contents.extracted.pages),
                chunks=len(chunks),
                filtered=count_filtered(chunks),
            ),
            embedded=sum(text in set(new) for text in texts.values()),
            seconds=read.seconds + time.perf_counter() - start,
        )

    def _write(
        self,
        document: Document,
        contents: Contents,
        chunks: Sequence[Chunk],
        vectors: Mapping[ChunkId, Vectors],
    ) -> None:
        fingerprint = self._embedding.fingerprint
        indexed = self._archive.get(list(vectors), fingerprint=fingerprint)

        def write(connection: Connection) -> None:
            write_contents(connection, document.id, contents.extracted, chunks, pipeline=PIPELINE)
            if vectors:
                put_vectors(
                    connection, list(vectors), np.stack(list(vectors.values())), fingerprint=fingerprint
                )

        other = {
            chunk: vector
            for chunk, vector in vectors.items()
            if chunk not in indexed or not np.array_equal(indexed[chunk], vector)
        }
        self._indexes.change([document.id], write, vectors=other)

    def _vectors_by_text(self, document: Document, chunks: Sequence[Chunk]) -> dict[str, Vectors]:
        stored = self._archive.get([chunk.id for chunk in chunks], fingerprint=self._embedding.fingerprint)
        return {
            embedding_text(document.found_title, chunk): stored[chunk.id]
            for chunk in chunks
            if chunk.id in stored
        }


def _take_back(chunks: Sequence[Chunk], before: Sequence[Chunk]) -> list[Chunk]:
    """Restore again what the user had restored: by its id, else by its text."""
    restored = [chunk for chunk in before if chunk.is_restored]
    known: set[str] = {chunk.id for chunk in restored} | {chunk.text for chunk in restored}
    again = {chunk.id for chunk in chunks if chunk.filtered and not known.isdisjoint((chunk.id, chunk.text))}
    return [replace(chunk, is_restored=chunk.id in again) for chunk in chunks]


def _refuse_changed(document: Document) -> None:
    if not document.original.is_file():
        raise BrokenDocument("The library's copy of this document is missing; please add the file again.")
    if hash_file(document.original) != document.sha256:
        raise BrokenDocument("The library's copy of this document was changed; please add the file again.")


def _failure(document: Document, error: LibraryError, seconds: float) -> ReindexResult:
    extent = _extent(document)
    return ReindexResult(
        document=document.id,
        title=document.title,
        status=ReindexStatus.FAILED,
        before=extent,
        after=extent,
        seconds=seconds,
        reason=str(error),
    )


def _extent(document: Document) -> Extent:
    return Extent(pages=document.pages, chunks=document.chunks, filtered=document.filtered)
