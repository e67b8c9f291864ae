"""A run's folder: a manifest, and a line for each item; a kill neither loses nor doubles any."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from agents.exams.errors import RunDiffers, RunError
from agents.exams.records import ExamRow, Manifest

MANIFEST, ROWS, EVIDENCE, MARKS, LOCK = (
    "manifest.json",
    "rows.jsonl",
    "evidence.jsonl",
    "marks.jsonl",
    "run.lock",
)
_DECIDING = (
    ("settings", "other settings"),
    ("model", "another model"),
    ("exam_sha256", "other items"),
    ("items", "other items"),
    ("library", "another state of the library"),
    ("cases_sha256", "other past cases"),
    ("prompts", "other prompts"),
)
"""What decides the rows of a run, and how a difference is called."""


class RunFolder:
    """One run on disk."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made or read yet."""
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.folder / MANIFEST).exists()

    def manifest(self) -> Manifest:
        """Read the manifest.

        Raises:
            RunError: there is none, or it is damaged.
        """
        try:
            return Manifest.model_validate_json((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError as error:
            raise RunError(f"{self.folder} holds no exam run; please name the folder of one.") from error
        except (ValidationError, OSError) as error:
            raise RunError(
                f"The manifest in {self.folder} cannot be read; please start a new run."
            ) from error

    def rows(self) -> list[ExamRow]:
        """Read all whole rows, the user's marks applied; a line that a kill has torn is passed over.

        Raises:
            RunError: the rows are damaged in another way.
        """
        marks = self.marks()
        rows = [_parse_row(line, self.folder) for line in read_whole_lines(self.folder / ROWS)]
        return [
            row
            if row.id not in marks
            else row.model_copy(update={"is_right": marks[row.id] >= 0.5, "f1": marks[row.id]})
            for row in rows
        ]

    def marks(self) -> dict[str, float]:
        """Return the user's own marks, 0 to 1, by item; the last one of an item counts."""
        lines = map(json.loads, read_whole_lines(self.folder / MARKS))
        return {str(line["id"]): float(line["mark"]) for line in lines}

    def mark(self, item: str, mark: float) -> None:
        """Write down what the user thinks of an answer, 0 to 1.

        Raises:
            RunError: the run has no such item, or the disk refuses.
        """
        if not any(row.id == item for row in self.rows()):
            raise RunError(f"The run has no item {item!r}; please look at the ids in its report.")
        append_line(self.folder / MARKS, json.dumps({"id": item, "mark": mark}))

    @contextmanager
    def opened(self, manifest: Manifest, *, resume: bool) -> Iterator[Manifest]:
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

    def append(self, row: ExamRow) -> None:
        """Write a row and make sure that it is on the disk."""
        append_line(self.folder / ROWS, row.model_dump_json())

    def _begin(self, manifest: Manifest, *, resume: bool) -> Manifest:
        if not self.exists:
            if (self.folder / ROWS).exists():
                raise RunError(f"{self.folder} holds rows of no known run; please choose another folder.")
            part = self.folder / f"{MANIFEST}.part"
            part.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
            part.replace(self.folder / MANIFEST)
            return manifest
        if not resume:
            raise RunError(
                f"{self.folder} holds a run already; please go on with --resume or choose another folder."
            )
        before = self.manifest()
        refuse_difference(before, manifest)
        for name in (ROWS, EVIDENCE, MARKS):
            cut_torn_line(self.folder / name)
        return before


def refuse_difference(before: Manifest, now: Manifest) -> None:
    """Say what is not as it was when a run began.

    Raises:
        RunDiffers: something that decides the rows.
    """
    for field, what in _DECIDING:
        old, new = getattr(before, field), getattr(now, field)
        if old != new:
            raise RunDiffers(
                f"The run was begun with {what}{_name_difference(old, new)}; please choose another folder."
            )


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


def _parse_row(line: str, folder: Path) -> ExamRow:
    try:
        return ExamRow.model_validate_json(line)
    except ValidationError as error:
        raise RunError(f"A row in {folder} is damaged; please start a new run.") from error


def _name_difference(old: object, new: object) -> str:
    """Name the first field that differs, where that helps."""
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        old, new = old.model_dump(mode="json"), new.model_dump(mode="json")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    shown = [name for name in names if len(str(old.get(name))) < 40] or names
    return f" ({shown[0]}: {old.get(shown[0])}, not {new.get(shown[0])})" if shown else ""
