"""Adding files: what becomes of each, and what does not stay when it fails."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rag import parcels
from rag.documents.loading import ExtractionLimits
from rag.embedding.embedding_model import Vectors
from rag.errors import DocumentNotFound, EmbeddingError
from rag.indexing import find_files
from rag.library import Library
from rag.types import AddStatus, DocumentStatus, IngestProgress, IngestStage
from tests.support.library import HashingEmbeddingModel, add, open_exact, open_library, write_document


def test_an_added_document_is_ready_and_whole(library: Library, documents: list[Path]) -> None:
    (result,) = add(library, documents[0])
    assert result.status is AddStatus.INDEXED
    document = library.document(result.document)
    assert (document.file, document.title) == ("kidney.md", "Handbook kidney")
    assert document.status is DocumentStatus.READY
    assert document.original.read_bytes() == documents[0].read_bytes()
    chunks = library.chunks(document.id)
    assert len(chunks) == document.chunks == result.chunks > 2
    for chunk in chunks:
        pages = [
            library.page(document.id, span.page_index).text[span.start : span.end] for span in chunk.spans
        ]
        assert chunk.text == "\n".join(pages)
    assert library.check().is_consistent


def test_the_same_bytes_again_are_a_duplicate(
    library: Library, documents: list[Path], tmp_path: Path
) -> None:
    (first,) = add(library, documents[0])
    copy = tmp_path / "another name.md"
    copy.write_bytes(documents[0].read_bytes())
    again, copied = add(library, documents[0], copy)
    assert (again.status, again.document) == (AddStatus.DUPLICATE, first.document)
    assert (copied.status, copied.document, copied.chunks) == (
        AddStatus.DUPLICATE,
        first.document,
        first.chunks,
    )
    assert len(library.documents()) == 1
    assert library.check().is_consistent


def test_ids_do_not_hang_on_the_library(tmp_path: Path, documents: list[Path]) -> None:
    found = []
    for name in ("one", "two"):
        library = open_library(tmp_path / name)
        (result,) = add(library, documents[0])
        found.append((result.document, library.chunks(result.document)))
        library.close()
    assert found[0] == found[1]


def test_a_bad_file_is_a_reason_and_leaves_nothing(
    library: Library, documents: list[Path], home: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing that could be read")
    empty = tmp_path / "empty.md"
    empty.write_bytes(b"")
    missing = tmp_path / "missing.md"
    results = add(library, broken, empty, missing, documents[0])
    assert [result.status for result in results] == [AddStatus.FAILED] * 3 + [AddStatus.INDEXED]
    assert all(result.reason and result.reason.endswith(".") for result in results[:3])
    assert [document.file for document in library.documents()] == ["kidney.md"]
    assert len(list((home / "originals").iterdir())) == 1
    assert library.check().is_consistent


def test_a_file_over_the_limit_is_not_even_copied(tmp_path: Path, documents: list[Path]) -> None:
    library = Library(
        folder=tmp_path / "library",
        embedding=HashingEmbeddingModel(),
        open_vector_store=open_exact,
        limits=ExtractionLimits(max_bytes=100),
    )
    (result,) = add(library, documents[0])
    library.close()
    assert result.status is AddStatus.FAILED
    assert "split" in str(result.reason)


def test_folders_are_walked_in_order_without_hidden_files_and_loops(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for name in ("b/two.md", "a/one.md", ".hidden/three.md", "a/.four.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    single = tmp_path / "single.md"
    found = find_files([folder, single, folder / "a"])
    assert found == [folder / "a" / "one.md", folder / "b" / "two.md", single]


def test_progress_rises_through_the_stages(library: Library, documents: list[Path]) -> None:
    told: list[IngestProgress] = []
    add(library, *documents[:2], on_progress=told.append)
    for number, file in enumerate(documents[:2], 1):
        own = [progress for progress in told if progress.file_number == number]
        assert {progress.file for progress in own} == {file}
        assert [progress.fraction for progress in own] == sorted(progress.fraction for progress in own)
        assert own[-1].fraction == 1
        assert list(dict.fromkeys(progress.stage for progress in own)) == list(IngestStage)


@pytest.mark.parametrize("stage", [IngestStage.READING, IngestStage.CHUNKING, IngestStage.EMBEDDING])
def test_cancel_leaves_what_is_done_and_nothing_of_the_rest(
    library: Library, documents: list[Path], home: Path, stage: IngestStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MOST_FILES", 1)
    cancel = threading.Event()

    def stop(progress: IngestProgress) -> None:
        if progress.file_number == 2 and progress.stage is stage:
            cancel.set()

    results = add(library, *documents, cancel=cancel, on_progress=stop)
    assert [result.file for result in results] == documents[:1]
    assert [document.file for document in library.documents()] == ["kidney.md"]
    assert library.unfinished() == 0
    assert len(list((home / "originals").iterdir())) == 1
    assert library.check().is_consistent


@pytest.mark.parametrize("stage", [IngestStage.READING, IngestStage.CHUNKING, IngestStage.EMBEDDING])
def test_cancel_leaves_nothing_of_files_that_are_taken_in_together(
    library: Library, documents: list[Path], home: Path, stage: IngestStage
) -> None:
    cancel = threading.Event()

    def stop(progress: IngestProgress) -> None:
        if progress.file_number == 2 and progress.stage is stage:
            cancel.set()

    assert add(library, *documents, cancel=cancel, on_progress=stop) == []
    assert library.documents() == []
    assert list((home / "originals").iterdir()) == []
    assert library.check().is_consistent


def test_of_files_that_are_taken_in_together_only_the_one_at_fault_fails(
    home: Path, documents: list[Path]
) -> None:
    class Choking(HashingEmbeddingModel):
        def embed(self, texts: Sequence[str], **options: Any) -> Vectors:
            if any("sepsis" in text for text in texts):
                raise EmbeddingError("The embedding model ended; please try again.")
            return super().embed(texts, **options)

    library = open_library(home, embedding=Choking())
    results = add(library, *documents)
    assert [result.file for result in results] == documents
    assert [result.status for result in results] == [AddStatus.INDEXED, AddStatus.FAILED, AddStatus.INDEXED]
    assert {document.file for document in library.documents()} == {"kidney.md", "heart.md"}
    assert library.check().is_consistent
    library.close()


def test_the_same_bytes_twice_among_files_that_are_taken_in_together(
    library: Library, documents: list[Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.md"
    copy.write_bytes(documents[0].read_bytes())
    first, twin, other = add(library, documents[0], copy, documents[1])
    assert [first.status, twin.status, other.status] == [
        AddStatus.INDEXED,
        AddStatus.DUPLICATE,
        AddStatus.INDEXED,
    ]
    assert (twin.document, twin.file) == (first.document, copy)
    assert len(library.documents()) == 2


def test_the_same_damaged_bytes_twice_among_files_that_are_taken_in_together(
    library: Library, documents: list[Path], tmp_path: Path
) -> None:
    damaged = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in damaged:
        file.write_bytes(b"%PDF-1.7\nnothing else")
    results = add(library, damaged[0], documents[0], damaged[1])
    assert [result.file for result in results] == [damaged[0], documents[0], damaged[1]]
    assert [result.status for result in results] == [AddStatus.FAILED, AddStatus.INDEXED, AddStatus.FAILED]
    assert results[0].reason == results[2].reason
    assert library.check().is_consistent


def test_a_document_that_is_removed_while_others_are_taken_in_with_it(
    library: Library, documents: list[Path]
) -> None:
    def remove(progress: IngestProgress) -> None:
        if progress.stage is IngestStage.EMBEDDING and library.documents():
            gone = [document.id for document in library.documents() if document.file == "intensive.md"]
            library.remove(*gone)

    results = add(library, *documents, on_progress=remove)
    assert [result.status for result in results] == [AddStatus.INDEXED, AddStatus.FAILED, AddStatus.INDEXED]
    assert "removed" in str(results[1].reason)
    assert library.check().is_consistent


def test_a_missing_model_is_said_once_and_before_anything_is_copied(
    tmp_path: Path, documents: list[Path], home: Path
) -> None:
    from rag.embedding.embedding_process import ProcessEmbeddingModel

    library = Library(
        folder=home, embedding=ProcessEmbeddingModel(tmp_path / "no model"), open_vector_store=open_exact
    )
    with pytest.raises(EmbeddingError, match="make setup"):
        add(library, *documents)
    assert library.documents() == []
    library.close()


def test_a_document_is_found_by_the_beginning_of_its_id(library: Library, documents: list[Path]) -> None:
    (result,) = add(library, documents[0])
    assert library.find_document(str(result.document)[:4]).id == result.document
    for prefix in (str(result.document)[:3], "zzzz", "%%%%"):
        with pytest.raises(DocumentNotFound):
            library.find_document(prefix)
    with pytest.raises(DocumentNotFound):
        library.page(result.document, 99)


def test_a_title_that_is_nowhere_is_the_files_own_name(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "ward rules.txt"
    file.write_text("wash your hands before and after every contact with a patient.\n" * 3, encoding="utf-8")
    (result,) = add(library, file)
    title = library.document(result.document).title
    assert title
    assert library.document(result.document).sha256 not in title


@pytest.mark.skipif(os.name == "nt", reason="needs a file that grows while it is open")
def test_a_file_that_grows_while_it_is_copied_is_refused(library: Library, tmp_path: Path) -> None:
    growing = tmp_path / "growing.md"
    growing.write_text("# Growing\n" + "Words that are copied. \n" * 100_000, encoding="utf-8")

    class Appending(threading.Event):
        def is_set(self) -> bool:
            with growing.open("a", encoding="utf-8") as file:
                file.write("One more line.\n")
            return False

    from rag.errors import BrokenDocument

    with pytest.raises(BrokenDocument, match="changed"):
        library._originals.copy(growing, cancel=Appending())


def test_two_documents_that_say_the_same_give_one_hit(library: Library, tmp_path: Path) -> None:
    first = write_document(tmp_path, "first", topics=["potassium"])
    second = tmp_path / "second.md"
    second.write_text(first.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert [result.status for result in add(library, first, second)] == [AddStatus.INDEXED] * 2
    texts = [hit.chunk.text for hit in library.search("potassium rule", top_k=20).hits]
    assert len(texts) == len(set(texts)) > 1
