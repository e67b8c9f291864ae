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


def list_names(folder: str, suffix: str) -> tuple[str, ...]:
    """Return the names, sorted and without the suffix, of a folder's files that end in it."""
    files = (entry.name for entry in _locate(folder).iterdir())
    return tuple(sorted(name.removesuffix(suffix) for name in files if name.endswith(suffix)))


def open_path(path: str) -> AbstractContextManager[Path]:
    """Give a file or folder a path in the file system for as long as the context lasts."""
    return as_file(_locate(path))


def _locate(path: str) -> Traversable:
    return files("resources").joinpath(*path.split("/"))
