"""A library with nothing in it, and documents to add."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library import Library
from tests.support.library import open_library, write_documents


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
