"""What runs in the child process: reads and measures one file, draws it where that is asked for."""

import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.types import EcgReport
from rag.errors import BrokenRecording, LibraryError, RecordingTooLarge, StorageError


class Picture(StrEnum):
    """How a recording is drawn."""

    SVG = "svg"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to measure."""

    path: Path
    rule_sets: tuple[str, ...]
    options: ReadingOptions
    limits: RecordingLimits
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What became of it."""

    report: EcgReport
    picture: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the file could not be measured."""

    error: LibraryError


def serve(connection: "Connection[Measured | Failure, object]", task: Task) -> None:
    """Measure one file, send the result, end. Runs in the child; ends with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send(_measure(task))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _measure(task: Task) -> Measured | Failure:
    from rag.clinical.ecg.reporting import report_on_file

    try:
        report = report_on_file(task.path, rule_sets=task.rule_sets, options=task.options, limits=task.limits)
        return Measured(report=report, picture=_draw(report, task.picture))
    except LibraryError as e:
        return Failure(error=e)
    except MemoryError:
        return Failure(error=RecordingTooLarge("This file needs too much memory to measure."))
    except OSError:
        return Failure(
            error=StorageError("This file cannot be read; please check the disk and the permissions.")
        )
    except Exception as e:  # noqa: BLE001 - the border of the process: readers raise anything on hostile files
        return Failure(
            error=BrokenRecording(
                f"This recording cannot be measured, it is probably damaged ({type(e).__name__}); please try "
                "another copy."
            )
        )


def _draw(report: EcgReport, picture: Picture | None) -> bytes | None:
    if picture is None:
        return None
    from rag.clinical.ecg.drawing import draw_svg

    svg = draw_svg(report)
    if picture is Picture.SVG:
        return svg.encode()
    from rag.clinical.ecg.raster import render_png

    return render_png(svg)
