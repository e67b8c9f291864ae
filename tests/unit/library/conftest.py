"""A library with nothing in it, and documents to add."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library import Library
from rag.vector_store.chroma import open_chroma
from tests.support.library import add, open_library, write_documents


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the library."""
    return tmp_path / "library"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    opened = open_library(home)
    yield opened
    opened.close()


@pytest.fixture
def documents(tmp_path: Path) -> list[Path]:
    """Three files, each on its own topics."""
    return write_documents(tmp_path / "files")


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed library with three documents and its index on the disk; to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    library = open_library(folder / "library", open_vector_store=open_chroma)
    add(library, *write_documents(folder / "files"))
    library.close()
    return folder / "library"
