"""Crash reports: where a bug struck, without a word of any question, answer or document."""

import platform
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

REPORTS_KEPT = 10


def describe_crash(error: BaseException) -> str:
    """Describe an error by types, files and lines only: messages and locals may hold the user's text."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [
            f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    return "\n".join(lines)


def write_crash_report(error: BaseException, folder: Path) -> Path:
    """Write a report into ``folder`` and return its path; the oldest ones are removed.

    Raises:
        OSError: the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"crash-{now:%Y%m%dT%H%M%S%f}.txt"
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    path.write_text(f"{now.isoformat()}\n{system}\n{describe_crash(error)}\n", encoding="utf-8")
    for old in sorted(folder.glob("crash-*.txt"))[:-REPORTS_KEPT]:
        old.unlink(missing_ok=True)
    return path


def install_crash_hooks(folder: Path, tell: Callable[[str], None]) -> None:
    """Send errors that nobody caught, in any thread or Qt slot, to a report; ``tell`` gets a sentence."""

    def report(error: BaseException) -> None:
        try:
            path = write_crash_report(error, folder)
        except OSError:
            tell("Something went wrong that should not have, and no report could be written.")
        else:
            tell(f"Something went wrong that should not have; a report without your texts is at {path}.")

    def on_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            report(error)

    def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            report(arguments.exc_value)

    sys.excepthook = on_error
    threading.excepthook = on_thread_error


def _short(filename: str) -> str:
    """Keep the last three parts: enough to find the line, without the user's name in a path."""
    return "/".join(Path(filename).parts[-3:])
