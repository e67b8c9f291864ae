"""Run one parsed command: exit status 0 done, 1 failed with a one-line reason, 2 wrong usage."""

import os
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType

from app.cli.open import home_of, models_of
from app.crash import install_crash_hooks
from app.errors import known_errors
from app.paths import Home

FAILED, INTERRUPTED = 1, 130
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""Environment variables that tell Qt where to show a window."""


def run_command(arguments: Namespace) -> int:
    """Dispatch to ``app.cli.<command>``; known errors become one line on standard error."""
    if arguments.command is None:
        return _open_desktop(arguments)
    install_crash_hooks(Home(home_of(arguments)).logs, _tell)
    cancel = threading.Event()
    try:
        module = import_module(f"app.cli.{arguments.command}")
        with cancel_on_interrupt(cancel):
            run: Callable[[Namespace, threading.Event], int] = module.run
            status = run(arguments, cancel)
        return INTERRUPTED if cancel.is_set() else status
    except BrokenPipeError:
        # The reader of our output has gone (``| head``); that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except known_errors() as e:
        _tell(" ".join(str(e).split()))
        return INTERRUPTED if cancel.is_set() else FAILED


@contextmanager
def cancel_on_interrupt(cancel: threading.Event) -> Iterator[None]:
    """Turn the first Ctrl-C into a clean cancel; the second ends the program at once."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(sentence: str) -> None:
    print(f"bedside: {sentence}", file=sys.stderr)


def _open_desktop(arguments: Namespace) -> int:
    if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAYS):
        _tell("There is no display to open a window on; see bedside --help for the command line.")
        return FAILED
    from app.composition import open_bedside

    try:
        from app.desktop.application import run
    except ImportError:
        _tell("The libraries of the window cannot be loaded; please run the set-up again (make setup).")
        return FAILED

    home, models = home_of(arguments), models_of(arguments)
    return run(lambda: open_bedside(home, models))
