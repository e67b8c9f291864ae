"""Indexing again: exchanged in one step, with what the user did, and no more embedding than needed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rag.reading
import rag.reindexing
from rag.embedding.embedding_model import Vectors
from rag.library import Library
from rag.types import (
    Chunk,
    DocumentId,
    ExtractedDocument,
    FilterReason,
    IngestProgress,
    IngestStage,
    Metadata,
    ReindexResult,
    ReindexStatus,
)
from rag.vector_store.chroma import open_chroma
from tests.support.library import HashingEmbeddingModel, add, add_one, open_library, write_document


class CountingModel(HashingEmbeddingModel):
    """Counts the texts that it embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        self.count += len(texts)
        return super().embed(texts, cancel=cancel, on_progress=on_progress)


def reindex(library: Library, *documents: DocumentId) -> list[ReindexResult]:
    return list(
        library.reindexing.reindex(documents or None, cancel=threading.Event(), on_progress=lambda _: None)
    )


@pytest.fixture
def with_references(tmp_path: Path) -> Path:
    """A document with a part that is filtered."""
    file = write_document(tmp_path / "files", "kidney", topics=["potassium"])
    references = [
        f"{number}. Author A, Writer B. On potassium {number}. J Nephrol. 20{number:02};{number}:1-9."
        for number in range(1, 12)
    ]
    file.write_text(
        file.read_text(encoding="utf-8") + "\n## References\n\n" + "\n".join(references) + "\n",
        encoding="utf-8",
    )
    return file


def new_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let chunking drop the last chunk of every document and filter the one before it."""
    chunk_document = rag.reading.chunk_document

    def chunk_otherwise(
        document: DocumentId, extracted: ExtractedDocument, **options: Any
    ) -> tuple[Chunk, ...]:
        *others, last, _ = chunk_document(document, extracted, **options)
        return (*others, replace(last, filtered=FilterReason.FORM))

    monkeypatch.setattr(rag.reading, "chunk_document", chunk_otherwise)
    monkeypatch.setattr(rag.reindexing, "PIPELINE", rag.reading.PIPELINE + 1)


def test_nothing_is_embedded_when_nothing_changes(home: Path, documents: list[Path]) -> None:
    model = CountingModel()
    library = open_library(home, embedding=model)
    add(library, *documents)
    before = {document.id: library.chunks(document.id) for document in library.documents()}
    model.count = 0
    results = reindex(library)
    assert model.count == 0
    assert [(r.status, r.embedded, r.before == r.after) for r in results] == [
        (ReindexStatus.REINDEXED, 0, True)
    ] * 3
    assert {document.id: library.chunks(document.id) for document in library.documents()} == before
    assert library.check().inconsistencies == ()
    library.close()


def test_another_pipeline_makes_documents_stale_and_reindexing_fresh(
    library: Library, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = add(library, *documents)
    assert library.reindexing.stale() == []
    new_pipeline(monkeypatch)
    assert library.reindexing.stale() == [result.document for result in results]
    (one,) = reindex(library, library.reindexing.stale()[0])
    assert (one.after.chunks, one.after.filtered) == (one.before.chunks - 1, 1)
    assert len(library.reindexing.stale()) == 2
    assert library.document(one.document).chunks == one.after.chunks
    assert library.check().inconsistencies == ()


def test_the_real_index_follows(home: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    library = open_library(home, open_vector_store=open_chroma)
    add(library, *documents)
    new_pipeline(monkeypatch)
    reindex(library)
    assert library.check().inconsistencies == ()
    library.close()


def test_what_the_user_did_stays(library: Library, with_references: Path) -> None:
    (document,) = [add_one(library, with_references).document]
    (filtered,) = [chunk for chunk in library.chunks(document) if chunk.filtered][:1]
    restore(library, document)
    library.organisation.edit(document, Metadata(title="Mine", authors=("Me",)))
    library.organisation.enable([document], is_enabled=False)
    (result,) = reindex(library)
    found = library.document(document)
    assert (found.title, found.authors, found.is_enabled) == ("Mine", ("Me",), False)
    assert [c.is_restored for c in library.chunks(document) if c.id == filtered.id] == [True]
    assert (result.embedded, result.after.filtered) == (0, 0)
    assert library.check().inconsistencies == ()


@pytest.mark.parametrize("stage", [IngestStage.READING, IngestStage.WRITING])
def test_cancelled_in_between_everything_is_as_it_was(
    library: Library, documents: list[Path], monkeypatch: pytest.MonkeyPatch, stage: IngestStage
) -> None:
    add(library, *documents)
    new_pipeline(monkeypatch)
    cancel = threading.Event()

    def stop(progress: IngestProgress) -> None:
        if progress.file_number == 2 and progress.stage is stage:
            cancel.set()

    before = [library.chunks(document.id) for document in library.documents()]
    results = list(library.reindexing.reindex(cancel=cancel, on_progress=stop))
    after = [library.chunks(document.id) for document in library.documents()]
    assert len(results) < len(documents)
    assert after[len(results) :] == before[len(results) :]
    assert library.check().inconsistencies == ()
    assert len(library.documents()) == len(documents)


def test_a_lost_or_changed_copy_is_said_and_keeps_what_is_indexed(
    library: Library, documents: list[Path]
) -> None:
    add(library, *documents)
    first, second, _ = library.documents()
    first.original.unlink()
    second.original.write_bytes(b"# Something else\n\nWords.\n")
    results = reindex(library)
    assert [r.status for r in results] == [ReindexStatus.FAILED] * 2 + [ReindexStatus.REINDEXED]
    assert all(r.reason and r.reason.endswith(".") for r in results[:2])
    assert library.search("potassium guideline").hits[0].document.id == first.id


def restore(library: Library, document: DocumentId, **choice: object) -> tuple[str, ...]:
    return library.filtered_chunks.restore(
        document, cancel=threading.Event(), on_progress=lambda _: None, **choice
    )


def test_a_filtered_chunk_is_found_once_it_is_restored(library: Library, with_references: Path) -> None:
    document = add_one(library, with_references).document
    filtered = [chunk.id for chunk in library.chunks(document) if chunk.filtered]
    assert filtered
    query = "Author Writer J Nephrol"
    assert {hit.chunk.id for hit in library.search(query, top_k=50).hits}.isdisjoint(filtered)
    assert restore(library, document, reason=FilterReason.FORM) == ()
    assert restore(library, document, reason=FilterReason.REFERENCES) == tuple(filtered)
    assert library.search(query).hits[0].chunk.id in filtered
    assert library.document(document).filtered == 0
    assert library.check().inconsistencies == ()
    assert restore(library, document) == ()

    assert library.filtered_chunks.filter_again(document, filtered[:1]) == tuple(filtered[:1])
    assert filtered[0] not in {hit.chunk.id for hit in library.search(query, top_k=50).hits}
    assert library.document(document).filtered == 1
    assert library.check().inconsistencies == ()


def test_restoring_again_needs_no_embedding(home: Path, with_references: Path) -> None:
    model = CountingModel()
    library = open_library(home, embedding=model)
    document = add_one(library, with_references).document
    restored = restore(library, document)
    library.filtered_chunks.filter_again(document)
    model.count = 0
    assert restore(library, document) == restored
    assert model.count == 0
    library.close()


def test_chunks_of_a_disabled_document_can_be_restored(library: Library, with_references: Path) -> None:
    document = add_one(library, with_references).document
    library.organisation.enable([document], is_enabled=False)
    assert restore(library, document)
    assert library.check().inconsistencies == ()
    library.organisation.enable([document])
    assert library.search("Author Writer J Nephrol").hits[0].chunk.is_restored
    assert library.check().inconsistencies == ()
