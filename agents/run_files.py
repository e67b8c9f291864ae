"""The folder of a run: a manifest, and a line for each thing asked; a kill neither loses nor doubles any."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from agents.errors import RunDiffers, RunError
from agents.text_files import replace_text

MANIFEST, ROWS, LOCK = "manifest.json", "rows.jsonl", "run.lock"
ManifestT = TypeVar("ManifestT", bound=BaseModel)
RowT = TypeVar("RowT", bound=BaseModel)


class RunFiles(Generic[ManifestT, RowT]):
    """One run on disk."""

    def __init__(
        self,
        folder: Path,
        *,
        what: str,
        manifest: type[ManifestT],
        row: type[RowT],
        deciding: Sequence[tuple[str, str]],
        line_files: Sequence[str] = (),
    ) -> None:
        """Nothing is made or read yet.

        Args:
            folder: of the run.
            what: kind of run, as it is called after "holds no".
            manifest: what is written before the first row.
            row: what is written for each thing asked.
            deciding: fields of the manifest that decide the rows, and how a difference in each is called.
            line_files: further files of whole lines, beside the rows.
        """
        self.folder = folder
        self._what = what
        self._manifest = manifest
        self._row = row
        self._deciding = deciding
        self._line_files = (ROWS, *line_files)

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.folder / MANIFEST).exists()

    def manifest(self) -> ManifestT:
        """Read the manifest.

        Raises:
            RunError: there is none, or it is damaged.
        """
        try:
            return self._manifest.model_validate_json((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError as error:
            raise self._missing() from error
        except (ValidationError, OSError) as error:
            raise RunError(
                f"The manifest in {self.folder} cannot be read; please start a new run."
            ) from error

    def rows(self) -> list[RowT]:
        """Read all whole rows; a line that a kill has torn is passed over.

        Raises:
            RunError: there is no run, or the rows are damaged in another way.
        """
        if not self.exists:
            raise self._missing()
        try:
            return [self._row.model_validate_json(line) for line in read_whole_lines(self.folder / ROWS)]
        except ValidationError as error:
            raise RunError(f"A row in {self.folder} is damaged; please start a new run.") from error

    @contextmanager
    def opened(self, manifest: ManifestT, *, resume: bool) -> Iterator[ManifestT]:
        """Take the folder for a run, and give the manifest that holds for it.

        Raises:
            RunError: another program runs it, it is there without ``resume``, or the disk refuses.
            RunDiffers: it was begun with something else.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / LOCK, timeout=0, thread_local=False)
            with lock:
                yield self._begin(manifest, resume=resume)
        except Timeout as error:
            raise RunError(f"Another Bedside is running {self.folder}; please wait for its end.") from error
        except OSError as error:
            raise RunError(f"{self.folder} cannot be written; please choose another folder.") from error

    def append(self, row: RowT) -> None:
        """Write a row and make sure that it is on the disk."""
        append_line(self.folder / ROWS, row.model_dump_json())

    def _missing(self) -> RunError:
        if self.folder.is_dir():
            return RunError(f"{self.folder} holds no {self._what}; please name the folder of one.")
        return RunError(f"{self.folder} was not found; please name the folder of a run.")

    def _begin(self, manifest: ManifestT, *, resume: bool) -> ManifestT:
        if not self.exists:
            if (self.folder / ROWS).exists():
                raise RunError(f"{self.folder} holds rows of no known run; please choose another folder.")
            replace_text(self.folder / MANIFEST, manifest.model_dump_json(indent=1))
            return manifest
        if not resume:
            raise RunError(
                f"{self.folder} holds a run already; please go on with --resume or choose another folder."
            )
        before = self.manifest()
        self._refuse_difference(before, manifest)
        for name in self._line_files:
            cut_torn_line(self.folder / name)
        return before

    def _refuse_difference(self, before: ManifestT, now: ManifestT) -> None:
        for field, what in self._deciding:
            old, new = getattr(before, field), getattr(now, field)
            if old != new:
                detail = _name_difference(old, new)
                raise RunDiffers(f"The run was begun with {what}{detail}; please choose another folder.")


def read_whole_lines(file: Path) -> list[str]:
    """Return the lines that are whole: the last one only if it ends."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return []
    return [line.decode() for line in text[: text.rfind(b"\n") + 1].split(b"\n") if line]


def append_line(file: Path, line: str) -> None:
    """Write a line in one piece and wait until the disk has it."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        rest = line.encode() + b"\n"
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cut_torn_line(file: Path) -> None:
    """Take away what a kill left of a line."""
    if file.exists():
        whole = file.read_bytes().rfind(b"\n") + 1
        if whole < file.stat().st_size:
            os.truncate(file, whole)


def _name_difference(old: object, new: object) -> str:
    """Name the first field that differs, where that helps."""
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        old, new = old.model_dump(mode="json"), new.model_dump(mode="json")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    shown = [name for name in names if len(str(old.get(name))) < 40] or names
    return f" ({shown[0]}: {old.get(shown[0])}, not {new.get(shown[0])})" if shown else ""
