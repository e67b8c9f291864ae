"""Disabled documents are in no index, enabled ones are again, whatever happens in between."""

import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.errors import EmbeddingError, StorageError
from rag.library import Library
from rag.types import DocumentId
from rag.vector_store.chroma import open_chroma
from tests.support.library import HashingEmbeddingModel, open_library

QUERY = "potassium guideline rule"


def found_in(library: Library) -> set[DocumentId]:
    """Documents that a search for words of all of them finds."""
    return {hit.document.id for hit in library.search(QUERY, top_k=200).hits}


@pytest.fixture
def filled(home: Path, filled_folder: Path) -> Library:
    """A library with its index on the disk, closed by the test."""
    shutil.copytree(filled_folder, home)
    return open_library(home, open_vector_store=open_chroma)


def test_what_is_disabled_is_not_found(filled: Library) -> None:
    first, second, third = [document.id for document in filled.documents()]
    every = found_in(filled)
    assert every == {first, second, third}
    assert filled.organisation.enable([first, second], is_enabled=False) == {first, second}
    assert filled.organisation.enable([first], is_enabled=False) == frozenset()
    assert found_in(filled) == {third}
    assert not filled.document(first).is_searchable
    assert filled.check().is_consistent
    assert filled.organisation.enable([first, third]) == {first}
    assert found_in(filled) == {first, third}
    assert filled.check().is_consistent
    filled.close()


def test_a_disabled_document_survives_the_rebuild(filled: Library) -> None:
    first = filled.documents()[0].id
    filled.organisation.enable([first], is_enabled=False)
    assert filled.rebuild(cancel=threading.Event(), on_progress=lambda _: None).is_consistent
    assert first not in found_in(filled)
    filled.organisation.enable([first])
    assert first in found_in(filled)
    filled.close()


@pytest.mark.parametrize("is_enabled", [True, False])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_beside_the_index_the_next_start_repairs_it(
    home: Path, filled: Library, *, is_enabled: bool, moment: str
) -> None:
    """Before and after the one transaction, with the vector index changed already or not yet."""
    first, *others = [document.id for document in filled.documents()]
    if is_enabled:
        filled.organisation.enable([first], is_enabled=False)
    filled.close()
    # Vectors come into the index before the transaction and leave it after.
    method = "add_archived" if is_enabled else "remove"
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from rag.vector_store.chroma import open_chroma\n"
        "from tests.support.library import open_library\n"
        "library = open_library(Path(sys.argv[1]), open_vector_store=open_chroma)\n"
        f"change = library._index.{method}\n"
        "def die(ids):\n"
        f"    {'change(ids)' if moment == 'after' else 'pass'}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"library._index.{method} = die\n"
        f"library.organisation.enable([sys.argv[2]], is_enabled={is_enabled})\n"
    )
    command = [sys.executable, "-c", program, str(home), first]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL

    library = open_library(home, open_vector_store=open_chroma)
    assert found_in(library) == set(others)  # enabling had not happened yet, disabling had
    assert not library.document(first).is_enabled
    assert library.check().is_consistent
    library.close()


@pytest.mark.parametrize("is_enabled", [True, False])
def test_it_works_without_the_model(home: Path, filled: Library, *, is_enabled: bool) -> None:
    class MissingModel(HashingEmbeddingModel):
        @property
        def fingerprint(self) -> str:
            raise EmbeddingError("The embedding model is missing.")

    first = filled.documents()[0].id
    filled.organisation.enable([first], is_enabled=not is_enabled)
    filled.close()
    without = open_library(home, open_vector_store=open_chroma, embedding=MissingModel())
    without.organisation.enable([first], is_enabled=is_enabled)
    without.close()
    library = open_library(home, open_vector_store=open_chroma)
    assert (first in found_in(library)) == is_enabled
    assert library.check().is_consistent
    library.close()


def test_refused_by_the_disk_nothing_has_changed(filled: Library) -> None:
    first = filled.documents()[0].id
    filled.organisation.enable([first], is_enabled=False)
    with filled._engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(StorageError):
        filled.organisation.enable([first])
    assert first not in found_in(filled)
    assert filled.check().is_consistent
    filled.close()
