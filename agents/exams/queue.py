"""Runs that wait for the night: kept in one file, made one after the other, taken up where they were."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from agents.errors import AnswerError, RunError
from agents.exams.errors import ExamFileError
from agents.exams.importing import ImportedExam
from agents.exams.records import RunSettings
from agents.exams.runner import ExamEvent
from agents.exams.runs import RunFolder
from agents.exams.service import RunRequest, TrainingDone
from agents.text_files import replace_text
from llm.errors import ModelError
from rag.errors import LibraryError

_LOCK_SECONDS = 10


class QueueState(StrEnum):
    """Where a run of the queue stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class QueueEntry(BaseModel):
    """One run that waits, or was made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    """From 1, never given twice."""
    items: Path
    columns: tuple[str, ...] = ()
    """Of a table; ``FIELD=COLUMN``."""
    settings: RunSettings
    folder: Path
    model: str | None = None
    cases: Path | None = None
    evidence: tuple[Path, ...] = ()
    total: int | None = None
    """Items that are asked, as far as it was known when the run was put here."""
    state: QueueState = QueueState.WAITING
    reason: str | None = None
    """Why it failed, in a sentence."""


class _Queue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: int = 1
    last: int = 0
    entries: list[QueueEntry] = []


class ExamQueue:
    """The queue of one data folder."""

    def __init__(self, file: Path) -> None:
        """``file`` is made with the first entry."""
        self._file = file

    def entries(self) -> list[QueueEntry]:
        """Return all entries in their order.

        Raises:
            ExamFileError: the file is damaged.
        """
        return self._read().entries

    def add(self, entry: QueueEntry) -> QueueEntry:
        """Put a run at the end; it gets its number.

        Raises:
            RunError: another entry writes into the same folder.
            ExamFileError: the file is damaged, or the disk refuses.
        """
        with self._changing() as queue:
            if any(each.folder == entry.folder for each in queue.entries):
                raise RunError(
                    f"Another run of the queue writes into {entry.folder}; please choose another folder."
                )
            queue.last += 1
            added = entry.model_copy(update={"number": queue.last})
            queue.entries.append(added)
            return added

    def remove(self, number: int) -> QueueEntry:
        """Take an entry out; what it has written stays.

        Raises:
            RunError: there is none with this number.
            ExamFileError: the file is damaged, or the disk refuses.
        """
        with self._changing() as queue:
            entry = _find(queue, number)
            queue.entries.remove(entry)
            return entry

    def move(self, number: int, place: int) -> QueueEntry:
        """Put an entry at a place of the order, from 1; a place beyond the ends is the end.

        Raises:
            RunError: there is none with this number.
            ExamFileError: the file is damaged, or the disk refuses.
        """
        with self._changing() as queue:
            entry = _find(queue, number)
            queue.entries.remove(entry)
            queue.entries.insert(max(0, place - 1), entry)
            return entry

    def retry(self, number: int) -> QueueEntry:
        """Let a run wait again: one that failed goes on where it was, one that is done stays as it is.

        Raises:
            RunError: there is none with this number.
            ExamFileError: the file is damaged, or the disk refuses.
        """
        with self._changing() as queue:
            entry = _find(queue, number)
            if entry.state is QueueState.DONE:
                return entry
            again = entry.model_copy(update={"state": QueueState.WAITING, "reason": None})
            queue.entries[queue.entries.index(entry)] = again
            return again

    def finish(self, number: int, state: QueueState, reason: str | None = None) -> None:
        """Write down how a run ended."""
        with self._changing() as queue:
            queue.entries = [
                entry.model_copy(update={"state": state, "reason": reason})
                if entry.number == number
                else entry
                for entry in queue.entries
            ]

    def _read(self) -> _Queue:
        try:
            return _Queue.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return _Queue()
        except (OSError, ValidationError) as error:
            raise ExamFileError(f"The queue in {self._file} is damaged; please delete that file.") from error

    @contextmanager
    def _changing(self) -> Iterator[_Queue]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._file}.lock", timeout=_LOCK_SECONDS):
                queue = self._read()
                yield queue
                replace_text(self._file, queue.model_dump_json(indent=1))
        except OSError as error:
            raise ExamFileError(f"The queue in {self._file} cannot be written.") from error


def _find(queue: _Queue, number: int) -> QueueEntry:
    for entry in queue.entries:
        if entry.number == number:
            return entry
    raise RunError(f"The queue has no run {number}; bedside exam queue list shows what it has.")


class RunsExams(Protocol):
    """What the queue needs of :class:`~agents.exams.service.ExamService`."""

    def run(self, request: RunRequest, *, cancel: threading.Event) -> Iterator[ExamEvent | TrainingDone]:
        """See there."""
        ...


ReadExam = Callable[[Path, Sequence[str]], ImportedExam]


def run_queue(
    queue: ExamQueue, service: RunsExams, read_exam: ReadExam, *, cancel: threading.Event
) -> Generator[tuple[QueueEntry, ExamEvent | TrainingDone], None, None]:
    """Make all runs that wait; one that fails is noted and the next one begins.

    Each takes over what the searches of those before it found. After ``cancel`` the present one waits again.

    Raises:
        ExamFileError: the queue's file cannot be used.
    """
    tried: set[int] = set()
    while not cancel.is_set():
        entries = queue.entries()
        waiting = [each for each in entries if each.state is QueueState.WAITING and each.number not in tried]
        if not waiting:
            return
        entry = waiting[0]
        tried.add(entry.number)
        evidence = tuple(each.folder for each in entries if each.number != entry.number)
        try:
            request = RunRequest(
                exam=read_exam(entry.items, entry.columns),
                settings=entry.settings,
                folder=entry.folder,
                model=entry.model,
                cases=entry.cases,
                evidence=(*entry.evidence, *evidence),
                resume=RunFolder(entry.folder).exists,
            )
            for event in service.run(request, cancel=cancel):
                yield entry, event
        except (AnswerError, ModelError, LibraryError) as error:
            if not cancel.is_set():
                queue.finish(entry.number, QueueState.FAILED, str(error))
        else:
            if not cancel.is_set():
                queue.finish(entry.number, QueueState.DONE)
