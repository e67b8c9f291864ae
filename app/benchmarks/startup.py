"""How soon Bedside is there: ``--help``, the window, the chat model.

The named alternative is *eager*: a program that first imports all the libraries that Bedside uses.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

RUNS = 5
EAGER = (
    "import PySide6.QtWidgets, PySide6.QtPdf, chromadb, sentence_transformers, llama_cpp, "
    "langgraph.graph, sqlalchemy, pymupdf"
)


def measure(models: Path) -> dict[str, float]:
    """Return medians in seconds, each a whole process from start to end, and ratios.

    ``window_seconds`` runs from the start of the process until the window was painted; the process then ends.
    """
    with tempfile.TemporaryDirectory() as home:
        folders = ["--home", home, "--models", str(models)]
        window = [sys.executable, "-m", "app.benchmarks.window_probe", *folders]
        first_window = _printed_seconds(window)
        interpreter, help_, eager, shown = [], [], [], []
        # Interleaved, so that a slow moment of the machine touches all alike.
        for _ in range(RUNS):
            interpreter.append(_whole_seconds([sys.executable, "-c", "pass"]))
            help_.append(_whole_seconds([sys.executable, "-m", "app", "--help"]))
            shown.append(_printed_seconds(window))
            eager.append(_whole_seconds([sys.executable, "-c", EAGER]))
    return {
        "help_seconds": median(help_),
        "help_ratio_to_interpreter": median(help_) / median(interpreter),
        "window_first_seconds": first_window,
        "window_seconds": median(shown),
        "window_max_seconds": max(shown),
        "eager_import_seconds": median(eager),
        "window_ratio_to_eager": median(shown) / median(eager),
        "runs": float(RUNS),
    }


def _whole_seconds(command: Sequence[str]) -> float:
    started = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return perf_counter() - started


def _printed_seconds(command: Sequence[str]) -> float:
    """Run a command that prints the seconds from its own start."""
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(finished.stdout)
