"""Reads a large file with progress and cancel: for its sha256, or to take it over."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from llm.errors import ModelCancelled, ModelStoreError

_BLOCK_BYTES = 4 * 2**20
_SPARE_BYTES = 64 * 2**20


class FileReading:
    """Reads a large file with progress and cancel."""

    def __init__(
        self, size: int, on_progress: Callable[[float], None] | None, cancel: threading.Event | None
    ) -> None:
        """``size`` in bytes; ``on_progress`` is told the share that is done, from 0 to 1."""
        self._size = size
        self._on_progress = on_progress
        self._cancel = cancel

    def digest(self, file: Path) -> str:
        """Return the sha256."""
        found = hashlib.sha256()
        for block in self._blocks(file):
            found.update(block)
        return found.hexdigest()

    def take(self, file: Path, target: Path) -> str:
        """Link or copy to ``target`` and return the sha256."""
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(file.resolve())
        except OSError:
            return self._copy(file, target)
        return self.digest(target)

    def _copy(self, file: Path, target: Path) -> str:
        free = shutil.disk_usage(target.parent).free
        if free < self._size + _SPARE_BYTES:
            raise ModelStoreError(
                f"The model needs {self._size / 1e9:.1f} GB on the disk and {free / 1e9:.1f} GB are free; "
                "please make room and try again."
            )
        found = hashlib.sha256()
        with target.open("xb") as stream:
            for block in self._blocks(file):
                found.update(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        return found.hexdigest()

    def _blocks(self, file: Path) -> Iterator[bytes]:
        done = 0
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                if self._cancel is not None and self._cancel.is_set():
                    raise ModelCancelled("Adding the model was stopped; nothing was changed.")
                done += len(block)
                yield block
                if self._on_progress is not None:
                    self._on_progress(min(done / self._size, 1.0))
