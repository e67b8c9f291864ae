"""What the check finds, and what the rebuild and the next start repair."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from rag.errors import Cancelled
from rag.library import Library
from rag.types import CheckReport, Finding, IngestProgress
from rag.vector_store.chroma import open_chroma
from tests.support.library import add, open_library


def rebuild(library: Library) -> CheckReport:
    return library.rebuild(cancel=threading.Event(), on_progress=lambda _: None)


def findings(library: Library) -> list[Finding]:
    return [inconsistency.finding for inconsistency in library.check().inconsistencies]


def execute(library: Library, statement: str) -> None:
    with library._engine.begin() as connection:
        connection.execute(text(statement))


def test_a_sound_library_is_consistent(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    report = library.check()
    assert report.is_consistent
    assert (report.documents, report.vectors) == (3, report.chunks)


def test_an_empty_library_is_consistent(library: Library) -> None:
    assert library.check() == CheckReport(documents=0, chunks=0, vectors=0)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM vectors WHERE chunk % 2", [Finding.MISSING_VECTORS, Finding.VECTOR_INDEX]),
        ("INSERT INTO chunk_text (chunk_text) VALUES ('delete-all')", [Finding.FULL_TEXT_INDEX]),
        ("UPDATE vectors SET fingerprint = 'another'", [Finding.FOREIGN_VECTORS, Finding.VECTOR_INDEX]),
    ],
)
def test_what_can_be_made_again_is_found_and_rebuilt(
    library: Library, documents: list[Path], statement: str, found: list[Finding]
) -> None:
    add(library, *documents)
    before = library.search("potassium guideline").hits
    execute(library, statement)
    assert findings(library) == found
    assert rebuild(library).inconsistencies == ()
    assert [hit.chunk for hit in library.search("potassium guideline").hits] == [hit.chunk for hit in before]


def test_a_changed_index_is_found_and_rebuilt(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    library._index.remove([library.chunks(library.documents()[0].id)[0].id])
    assert findings(library) == [Finding.VECTOR_INDEX]
    assert rebuild(library).is_consistent


def test_originals_are_looked_after(library: Library, documents: list[Path], home: Path) -> None:
    add(library, *documents)
    first, second, _ = library.documents()
    first.original.unlink()
    second.original.write_bytes(b"something else")
    (home / "originals" / "stray.pdf").touch()
    report = library.check()
    assert [(i.finding, i.document) for i in report.inconsistencies] == [
        (Finding.MISSING_ORIGINAL, first.id),
        (Finding.CHANGED_ORIGINAL, second.id),
        (Finding.STRAY_FILE, None),
    ]
    assert all(i.detail.endswith(".") for i in report.inconsistencies)


def test_a_cancelled_rebuild_keeps_the_library_usable(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    execute(library, "DELETE FROM vectors")
    cancel = threading.Event()

    def stop(progress: IngestProgress) -> None:
        if progress.file_number == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        library.rebuild(cancel=cancel, on_progress=stop)
    assert library.search("potassium guideline").hits
    assert rebuild(library).is_consistent


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_torn_index_is_made_again_by_the_next_search(
    home: Path, documents: list[Path], is_marked: bool
) -> None:
    library = open_library(home, open_vector_store=open_chroma)
    add(library, *documents)
    before = library.search("sepsis guideline").hits
    library.close()
    (generation,) = (home / "vectors").iterdir()
    if is_marked:
        (generation / "in-use").touch()
        for file in generation.rglob("*.sqlite3"):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        (generation / "complete").unlink()
    library = open_library(home, open_vector_store=open_chroma)
    assert [hit.chunk for hit in library.search("sepsis guideline").hits] == [hit.chunk for hit in before]
    assert generation not in (home / "vectors").iterdir()
    assert library.check().is_consistent
    library.close()


def test_torn_files_of_a_large_index_are_noticed(home: Path, tmp_path: Path) -> None:
    """Beyond its threshold Chroma writes its graph to files of its own."""
    from tests.support.library import write_document

    library = open_library(home, open_vector_store=open_chroma)
    add(library, write_document(tmp_path, "large", topics=[f"topic{number}" for number in range(250)]))
    library.close()
    (generation,) = (home / "vectors").iterdir()
    for file in generation.rglob("*.bin"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    (generation / "in-use").touch()
    library = open_library(home, open_vector_store=open_chroma)
    assert library.search("topic7 guideline").hits
    assert library.check().is_consistent
    library.close()
