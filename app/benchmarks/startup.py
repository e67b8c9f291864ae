"""How soon Bedside is there: ``--help``, the window, the chat model.

The named alternative is *eager*: a program that first imports all the libraries that Bedside uses.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from app.errors import AppError

RUNS = 5
EAGER = (
    "import PySide6.QtWidgets, PySide6.QtPdf, chromadb, sentence_transformers, llama_cpp, "
    "langgraph.graph, sqlalchemy, pymupdf"
)


def measure(models: Path) -> dict[str, float]:
    """Return medians in seconds, each of a whole process, and ratios.

    ``window_seconds`` runs from the start of the process until the window was painted, ``ready_seconds``
    until its pages can be used; no model is loaded by then. ``first_...`` is the first start, with cold
    caches if nothing of it was read before.
    """
    with tempfile.TemporaryDirectory() as home:
        probe = [sys.executable, "-m", "app.desktop.startup_probe", "--home", home, "--models", str(models)]
        first = _probe(probe)
        interpreter, help_, eager, shown = [], [], [], []
        # Interleaved, so that a slow moment of the machine touches all alike.
        for _ in range(RUNS):
            interpreter.append(_whole_seconds([sys.executable, "-c", "pass"]))
            help_.append(_whole_seconds([sys.executable, "-m", "app", "--help"]))
            shown.append(_probe(probe))
            eager.append(_whole_seconds([sys.executable, "-c", EAGER]))
    window = median(seconds["window"] for seconds in shown)
    return {
        "help_seconds": median(help_),
        "help_ratio_to_interpreter": median(help_) / median(interpreter),
        "first_window_seconds": first["window"],
        "first_ready_seconds": first["ready"],
        "window_seconds": window,
        "window_max_seconds": max(seconds["window"] for seconds in shown),
        "ready_seconds": median(seconds["ready"] for seconds in shown),
        "eager_import_seconds": median(eager),
        "window_ratio_to_eager": window / median(eager),
        "runs": float(RUNS),
    }


def _whole_seconds(command: Sequence[str]) -> float:
    started = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return perf_counter() - started


def _probe(command: Sequence[str]) -> dict[str, float]:
    """Run the start-up probe; see :mod:`app.desktop.startup_probe`.

    Raises:
        AppError: no window can be opened.
    """
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise AppError(
            "No window can be opened to measure its start; please run this where there is a display, "
            "or with QT_QPA_PLATFORM=offscreen."
        )
    seconds: dict[str, float] = json.loads(finished.stdout)
    return seconds
