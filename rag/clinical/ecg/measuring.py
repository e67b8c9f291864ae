"""The way in: measures ECG files, each in a child process with limits of time and memory.

For research and teaching; not a medical device.
"""

import multiprocessing
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.process import Failure, Measured, Picture, Task, serve
from rag.clinical.ecg.rule_sets import DEFAULT_RULES, check_names
from rag.clinical.ecg.types import EvidenceLine
from rag.errors import BrokenRecording, Cancelled, RecordingTooLarge, StorageError, UnsupportedRecording

_POLL_SECONDS = 0.1


def measure_file(
    record: Path,
    *,
    rule_sets: Sequence[str] = (DEFAULT_RULES,),
    options: ReadingOptions | None = None,
    limits: RecordingLimits | None = None,
    picture: Picture | None = None,
    cancel: threading.Event | None = None,
) -> Measured:
    """Measure a recording and hold it against rules.

    Args:
        record: a file, or a WFDB record's name without suffix.
        rule_sets: names of ``resources/ecg/rules.toml``.
        options: what the file does not say.
        limits: by default those of :class:`RecordingLimits`.
        picture: also draw it.
        cancel: looked at ten times a second.

    Raises:
        RecordingError: the file cannot be measured.
        StorageError: the file cannot be read.
        Cancelled: ``cancel`` was set; the child is dead by then.
    """
    check_names(rule_sets)
    bounds = limits or RecordingLimits()
    path = find_file(record)
    _check_size(path, bounds)
    task = Task(
        path=path,
        rule_sets=tuple(rule_sets),
        options=options or ReadingOptions(),
        limits=bounds,
        picture=picture,
    )
    return _run(task, cancel or threading.Event())


def evidence_lines(
    record: Path,
    *,
    rule_sets: Sequence[str] = (DEFAULT_RULES,),
    options: ReadingOptions | None = None,
    cancel: threading.Event | None = None,
) -> tuple[EvidenceLine, ...]:
    """Measure a recording and return the lines that may be quoted; raises as :func:`measure_file`."""
    return measure_file(record, rule_sets=rule_sets, options=options, cancel=cancel).report.evidence


def find_file(record: Path) -> Path:
    """Return the file that a reader begins with: the header of a WFDB record, else the file itself.

    Raises:
        UnsupportedRecording: it is a folder, or a signal file without its header.
        StorageError: there is no such file.
    """
    header = record.with_name(f"{record.name}.hea")
    if not record.exists() and header.is_file():
        return header
    if record.is_dir():
        raise UnsupportedRecording("This is a folder; please choose one recording in it.")
    if not record.is_file():
        raise StorageError("There is no such recording; please check its name.")
    if record.suffix.lower() == ".dat":
        header = record.with_suffix(".hea")
        if not header.is_file():
            raise UnsupportedRecording(
                f"A .dat file needs its header beside it; please put {header.name} into the same folder."
            )
        return header
    return record


def _check_size(path: Path, limits: RecordingLimits) -> None:
    try:
        files = [path, *(path.with_suffix(suffix) for suffix in (".dat", ".mat") if path.suffix == ".hea")]
        size = sum(file.stat().st_size for file in files if file.is_file())
    except OSError as e:
        raise StorageError("This file cannot be opened; please check that it may be read.") from e
    if size > limits.max_bytes:
        raise RecordingTooLarge(
            f"This recording has {size / 1e6:,.0f} MB, more than the {limits.max_bytes / 1e6:,.0f} MB that "
            "are read; please export a part of it."
        )


def _run(task: Task, cancel: threading.Event) -> Measured:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(theirs, task), name="bedside-ecg", daemon=True)
    process.start()
    theirs.close()  # so that its death is an end of file here
    try:
        result = _wait(ours, process.pid, task.limits, cancel)
    finally:
        process.kill()
        process.join()
        ours.close()
        process.close()
    if isinstance(result, Failure):
        raise result.error
    return result


def _wait(
    connection: "Connection[object, Measured | Failure]",
    pid: int | None,
    limits: RecordingLimits,
    cancel: threading.Event,
) -> Measured | Failure:
    deadline = time.monotonic() + limits.seconds
    while True:
        if cancel.is_set():
            raise Cancelled("Measuring was stopped.")
        try:
            if connection.poll(_POLL_SECONDS):
                return connection.recv()
        except (EOFError, OSError) as e:
            raise BrokenRecording(
                "This recording made the reading program fail, it is probably damaged; please try another."
            ) from e
        if time.monotonic() > deadline:
            raise RecordingTooLarge("This recording takes too long to measure; please export a part of it.")
        if _memory(pid) > limits.memory_bytes:
            raise RecordingTooLarge("This recording needs too much memory to measure; please export a part.")


def _memory(pid: int | None) -> int:
    """Resident bytes; 0 once it is dead."""
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
