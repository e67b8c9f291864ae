"""What the world does to an import: broken files among good ones, files that change, a disk that is full."""

import os
import threading
from pathlib import Path

import pymupdf
import pytest

from rag.library import Library
from rag.storage.originals import hash_file
from rag.types import AddStatus, ReindexStatus
from tests.support.library import add, add_one, open_library, write_document
from tests.unit.library.test_storage import page_limit

FILES, BROKEN = 200, 5


def write_pdf(path: Path, text: str) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), text)
    document.save(path)
    document.close()


def test_five_broken_files_among_two_hundred(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(FILES - BROKEN):
        text = f"Patient leaflet {number} says that rule {number} holds for potassium on ward {number}."
        if number % 20:
            (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
        else:
            write_pdf(folder / f"{number:03}.pdf", text)
    whole = (folder / "000.pdf").read_bytes()
    broken = {
        "015b.pdf": whole[: len(whole) // 3],
        "050b.pdf": b"%PDF-1.7\n" + b"\x00\xff" * 500,
        "099b.docx": b"PK\x03\x04 no archive",
        "150b.txt": b"",
        "199b.bin": bytes(range(256)) * 20,
    }
    for name, content in broken.items():
        (folder / name).write_bytes(content)

    results = add(library, folder)

    assert [result.file.name for result in results] == sorted(each.name for each in folder.iterdir())
    failed = [result for result in results if result.status is AddStatus.FAILED]
    assert {result.file.name for result in failed} == set(broken)
    assert all(result.reason and result.reason.endswith(".") for result in failed)
    assert len(library.documents()) == FILES - BROKEN
    assert library.search("rule 77 on ward 77").hits[0].document.file == "077.txt"
    assert library.check().inconsistencies == ()


def test_a_file_that_changes_while_it_is_read_is_refused(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("# Notes\n\n" + "A line that stays as long as it was.\n" * 50_000, encoding="utf-8")

    class Writing(threading.Event):
        """Writes other bytes into the file whenever it is asked, as another program would."""

        def is_set(self) -> bool:
            if not super().is_set():
                with file.open("r+b") as opened:
                    opened.write(b"# Other")
                status = file.stat()
                os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
            return super().is_set()

    (result,) = add(library, file, cancel=Writing())
    assert result.status is AddStatus.FAILED
    assert "changed while it was read" in str(result.reason)
    assert library.documents() == []
    assert add_one(library, file).status is AddStatus.INDEXED
    assert library.check().inconsistencies == ()


@pytest.fixture
def full(home: Path, tmp_path: Path) -> Path:
    """A file of a library, which changed so much that the database has no room for it."""
    file = write_document(tmp_path / "files", "kidney", topics=["potassium"])
    library = open_library(home)
    add(library, file)
    library.close()
    return write_document(file.parent, "kidney", topics=[f"topic{number}" for number in range(80)])


def test_no_space_for_a_new_version_leaves_the_old_one(home: Path, full: Path) -> None:
    with page_limit((home / "library.sqlite3").stat().st_size // 4096 + 8):
        library = open_library(home)
        result = add_one(library, full)
        assert (result.status, "disk is full" in str(result.reason)) == (AddStatus.FAILED, True)
        (old,) = library.documents()
        assert old.is_searchable
        assert library.search("potassium guideline").hits
        assert library.check().inconsistencies == ()
        library.close()
    library = open_library(home)
    assert add_one(library, full).replaces == old.id
    assert library.check().inconsistencies == ()
    library.close()


def test_no_space_while_indexing_again_keeps_what_is_indexed(home: Path, full: Path) -> None:
    library = open_library(home)
    (document,) = library.documents()
    document.original.write_bytes(full.read_bytes())
    with library._engine.begin() as connection:
        sha256 = hash_file(full)
        connection.exec_driver_sql("UPDATE documents SET sha256 = ?", (sha256,))
    document.original.rename(document.original.with_name(f"{sha256}.md"))
    library.close()
    with page_limit((home / "library.sqlite3").stat().st_size // 4096 + 8):
        library = open_library(home)
        before = library.chunks(document.id)
        (result,) = library.reindexing.reindex(cancel=threading.Event(), on_progress=lambda _: None)
        assert (result.status, "disk is full" in str(result.reason)) == (ReindexStatus.FAILED, True)
        assert library.chunks(document.id) == before
        assert library.search("potassium guideline").hits
        assert library.check().inconsistencies == ()
        library.close()


def test_a_file_that_is_not_there_is_said_to_be_missing(library: Library, tmp_path: Path) -> None:
    result = add_one(library, tmp_path / "gone.pdf")
    assert (result.status, library.documents()) == (AddStatus.FAILED, [])
    assert "no such file" in str(result.reason)
