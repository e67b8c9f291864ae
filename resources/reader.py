"""Reads the files that come with Bedside, wherever it is installed."""

from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path


def read_text(path: str) -> str:
    """Return the text of a file; ``path`` is relative to ``resources/``, with forward slashes.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return _locate(path).read_text(encoding="utf-8")


def open_path(path: str) -> AbstractContextManager[Path]:
    """Give a file or folder a path in the file system for as long as the context lasts."""
    return as_file(_locate(path))


def _locate(path: str) -> Traversable:
    return files("resources").joinpath(*path.split("/"))
