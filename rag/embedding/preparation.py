"""Makes a model quick to load, once: its graph, made in a process of its own, since torch stays in memory."""

import logging
import multiprocessing
import sys
import threading
from pathlib import Path

import psutil

from rag.embedding.onnx_graph import GRAPH
from rag.embedding.sentence_transformer import export_graph
from rag.errors import Cancelled

_POLL_SECONDS = 0.1

logger = logging.getLogger(__name__)


def is_prepared(folder: Path) -> bool:
    """Tell whether the model in ``folder`` has a graph."""
    return (folder / GRAPH).is_file()


def prepare(folder: Path, *, cancel: threading.Event) -> bool:
    """Make the graph of the model in ``folder``; a quarter of a minute, and as much disk as its weights.

    Returns:
        Whether there is one now; a model of which none can be made is used all the same.

    Raises:
        Cancelled: ``cancel`` was set.
    """
    process = multiprocessing.get_context("spawn").Process(
        target=_export, args=(folder,), name="bedside-export", daemon=True
    )
    process.start()
    try:
        while process.is_alive():
            if cancel.is_set():
                raise Cancelled("Preparing the embedding model was stopped.")
            process.join(_POLL_SECONDS)
    finally:
        process.kill()
        process.join()
        (folder / GRAPH).with_suffix(".part").unlink(missing_ok=True)
    logger.info("embedding model prepared: exit code %s", process.exitcode)
    return is_prepared(folder)


def _export(folder: Path) -> None:
    """Runs in the child."""
    try:
        export_graph(folder, folder / GRAPH, psutil.cpu_count(logical=False) or 1)
    except Exception:  # noqa: BLE001 - the border of the process: not every kind of model can be exported
        sys.exit(1)
