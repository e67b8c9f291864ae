"""Killed anywhere, the next start goes on: same ids, nothing twice, nothing left over."""

import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from rag.library import Library
from rag.types import AddStatus, Finding
from rag.vector_store.chroma import open_chroma
from tests.support.library import add, open_exact, open_library, resume, write_documents

MOMENTS = 20
SEED = 7
_TIED = 3
"""Documents that may be in work at once: one is read while two others are embedded."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes copy themselves")


def run_children(files: list[Path], *runs: tuple[Path, str, str]) -> str:
    """Let each child add the files to a folder and die at its moment, with its kind of vector store."""
    arguments = [str(each) for run in runs for each in run]
    command = [sys.executable, "-m", "tests.support.indexing_child", *map(str, files), "--", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def die_while_adding(folder: Path, moment: str, files: list[Path]) -> None:
    run_children(files, (folder, moment, "exact"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_documents(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, files: list[Path]) -> Iterator[tuple[Library, int]]:
    """What the library should be in the end, and how many calls that took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    calls = int(run_children(files, (folder, "0", "exact")))
    library = open_library(folder)
    yield library, calls
    library.close()


def store_of(number: int) -> str:
    """Every fourth library has the real index, which takes its time; every second one of those is resumed."""
    return "chroma" if number % 8 in {0, 3} else "exact"


@pytest.fixture(scope="module")
def killed(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: tuple[Library, int], files: list[Path]
) -> list[Path]:
    """Libraries of children that died, each at a random moment of another twentieth of the way."""
    _, calls = undisturbed
    dice = random.Random(SEED)
    # The count differs a little from run to run; the last moments must come in each.
    bounds = [1 + number * (calls * 19 // 20) // MOMENTS for number in range(MOMENTS + 1)]
    moments = [str(dice.randrange(*bound)) for bound in pairwise(bounds)]
    folders = [tmp_path_factory.mktemp("killed") for _ in moments]
    run_children(files, *zip(folders, moments, map(store_of, range(MOMENTS)), strict=True))
    return folders


@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_anywhere_it_goes_on(
    killed: list[Path], undisturbed: tuple[Library, int], files: list[Path], number: int
) -> None:
    whole, _ = undisturbed
    open_store = open_chroma if store_of(number) == "chroma" else open_exact
    library = open_library(killed[number], open_vector_store=open_store)
    findings = [each.finding for each in library.check().inconsistencies]
    assert findings == [Finding.UNFINISHED] * library.unfinished()
    assert len(findings) <= _TIED
    if number % 2:  # adding again goes on as well
        resumed = resume(library)
        assert [result.status for result in resumed] == [AddStatus.INDEXED] * len(findings)
        assert library.check().is_consistent
    before = [document.id for document in library.documents() if document.chunks]
    results = add(library, *files)
    assert [r.status for r in results if r.document in before] == [AddStatus.DUPLICATE] * len(before)
    assert {r.status for r in results if r.document not in before} <= {AddStatus.INDEXED}

    assert library.check().inconsistencies == ()
    assert {d.id: d.file for d in library.documents()} == {d.id: d.file for d in whole.documents()}
    for document in whole.documents():
        assert library.chunks(document.id) == whole.chunks(document.id)
    assert library.check() == whole.check()
    originals = {document.original for document in library.documents()}
    assert set((killed[number] / "originals").iterdir()) == originals
    assert [hit.chunk for hit in library.search("sepsis rule").hits] == [
        hit.chunk for hit in whole.search("sepsis rule").hits
    ]
    library.close()


def test_a_copy_that_was_not_finished_is_cleared_away(home: Path) -> None:
    open_library(home).close()
    part = home / "originals" / "0123456789abcdef.part"
    part.write_bytes(b"half of a document")
    library = open_library(home)
    assert not part.exists()
    library.close()


def test_a_row_without_its_copy_is_cleared_away(home: Path, documents: list[Path]) -> None:
    die_while_adding(home, "embedding:1", documents[:1])
    (original,) = (home / "originals").iterdir()
    original.unlink()
    library = open_library(home)
    assert library.documents() == []
    library.close()
