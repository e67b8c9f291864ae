"""Killed anywhere, the next start goes on: same ids, nothing twice, nothing left over."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library import Library
from rag.types import AddStatus
from rag.vector_store.chroma import open_chroma
from tests.support.indexing_child import AFTER_VECTORS
from tests.support.library import add, open_exact, open_library, resume, write_documents

MOMENTS = ["1", "4", "7", "12", "17", "21", AFTER_VECTORS]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """What the library should be in the end."""
    folder = tmp_path_factory.mktemp("undisturbed")
    library = open_library(folder / "library")
    add(library, *write_documents(folder))
    yield library
    library.close()


def die_while_adding(folder: Path, moment: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "tests.support.indexing_child", str(folder), moment, *map(str, files)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_program_goes_on(
    home: Path, undisturbed: Library, documents: list[Path], moment: str
) -> None:
    die_while_adding(home, moment, documents)

    library = open_library(home, open_vector_store=open_chroma if moment == AFTER_VECTORS else open_exact)
    assert library.unfinished() == 1
    before = len(library.documents())
    assert [result.status for result in resume(library)] == [AddStatus.INDEXED]
    assert library.unfinished() == 0
    assert len(library.documents()) == before
    statuses = [result.status for result in add(library, *documents)]
    assert statuses == [AddStatus.DUPLICATE] * before + [AddStatus.INDEXED] * (len(documents) - before)

    assert library.check().inconsistencies == ()
    assert [document.id for document in library.documents()] == [d.id for d in undisturbed.documents()]
    for document in undisturbed.documents():
        assert library.chunks(document.id) == undisturbed.chunks(document.id)
    originals = {document.original for document in library.documents()}
    assert set((home / "originals").iterdir()) == originals
    library.close()


def test_adding_the_file_again_goes_on_too(home: Path, documents: list[Path]) -> None:
    die_while_adding(home, "3", documents[:1])
    library = open_library(home)
    assert [result.status for result in add(library, documents[0])] == [AddStatus.INDEXED]
    assert library.unfinished() == 0
    assert library.check().is_consistent
    library.close()


def test_a_copy_that_was_not_finished_is_cleared_away(home: Path, documents: list[Path]) -> None:
    open_library(home).close()
    part = home / "originals" / "0123456789abcdef.part"
    part.write_bytes(b"half of a document")
    library = open_library(home)
    assert not part.exists()
    library.close()


def test_a_row_without_its_copy_is_cleared_away(home: Path, documents: list[Path]) -> None:
    die_while_adding(home, "1", documents[:1])
    (original,) = (home / "originals").iterdir()
    original.unlink()
    library = open_library(home)
    assert library.documents() == []
    library.close()
