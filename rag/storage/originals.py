"""The library's own copies of the files that were added, named by their sha256."""

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from rag.errors import BrokenDocument, Cancelled
from rag.storage.engine import storage_errors
from rag.types import DocumentId

_BLOCK = 1 << 20
_PART = ".part"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A finished copy that has not its final name yet."""

    part: Path
    target: Path
    sha256: str
    size: int
    modified: int
    """Of the file that was copied, in nanoseconds since 1970."""

    @property
    def document(self) -> DocumentId:
        """The id that these bytes have in any library."""
        return DocumentId(self.sha256[:_ID_LENGTH])


class Originals:
    """The folder of copies. Its methods raise :class:`~rag.errors.StorageError` where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made when it is needed."""
        self._folder = folder

    def clear_parts(self) -> None:
        """Delete copies that were not finished."""
        with storage_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
            for part in self._folder.glob(f"*{_PART}"):
                part.unlink()

    def path(self, sha256: str, file: str) -> Path:
        """Return where the copy of a file lies; ``file`` is its name, of which the ending is kept."""
        suffix = os.path.splitext(file)[1].lower()  # noqa: PTH122 (a long list asks for thousands)
        return self._folder / (sha256 + (suffix if _SUFFIX.fullmatch(suffix) else ""))

    def copy(self, source: Path, *, cancel: threading.Event) -> Copy:
        """Copy a file and hash what was copied; :meth:`accept` or :meth:`discard` comes next.

        Raises:
            BrokenDocument: the file changed while it was read.
            Cancelled: nothing is left.
        """
        part = self._folder / f"{uuid4().hex}{_PART}"
        try:
            with storage_errors(), source.open("rb") as reader, part.open("xb") as writer:
                before = os.fstat(reader.fileno())
                sha256, size = _copy_bytes(reader, writer, before.st_size, cancel)
                after = os.fstat(reader.fileno())
            if (size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise BrokenDocument("This file changed while it was read; please add it again.")
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        target = self.path(sha256, source.name)
        return Copy(part=part, target=target, sha256=sha256, size=size, modified=before.st_mtime_ns)

    def accept(self, copy: Copy) -> None:
        """Give a copy its final name."""
        with storage_errors():
            copy.part.replace(copy.target)
            _sync_folder(self._folder)

    def discard(self, copy: Copy) -> None:
        """Delete a copy that has not its final name."""
        with storage_errors():
            copy.part.unlink(missing_ok=True)

    def remove(self, document: DocumentId) -> None:
        """Delete the copy of a document, if it is there."""
        with storage_errors():
            for original in self._folder.glob(f"{document}*"):
                original.unlink()

    def files(self) -> list[Path]:
        """List everything in the folder, sorted."""
        with storage_errors():
            return sorted(self._folder.iterdir())


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes in hexadecimal digits."""
    with storage_errors(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_bytes(
    reader: BinaryIO, writer: BinaryIO, expected: int, cancel: threading.Event
) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while size <= expected and (block := reader.read(_BLOCK)):  # a log may grow as fast as it is read
        if cancel.is_set():
            raise Cancelled("Adding was stopped.")
        digest.update(block)
        size += writer.write(block)
    writer.flush()
    os.fsync(writer.fileno())
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
