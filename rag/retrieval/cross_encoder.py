"""The child process that reads a question together with each passage."""

import logging
import multiprocessing
import os
import signal
import threading
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TQDM_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",
}
_MAX_PIECES = 512
"""Word pieces of question and passage that are read; the rest is cut off."""


def serve(
    connection: "Connection[list[float] | bool, list[tuple[str, str]]]", folder: Path, threads: int
) -> None:
    """Load the model and say whether that went well, then score pairs until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        model = _load(folder, threads)
    except Exception:  # noqa: BLE001 - the border of the process: anything can be wrong with model files
        connection.send(False)
        return
    connection.send(True)
    while True:
        try:
            pairs = connection.recv()
        except EOFError:
            return
        connection.send([float(score) for score in model.predict(pairs, show_progress_bar=False)])


def _load(folder: Path, threads: int) -> Any:
    os.environ.update(_ENVIRONMENT)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import torch
    from sentence_transformers import CrossEncoder

    torch.set_num_threads(threads)
    return CrossEncoder(
        str(folder), device="cpu", local_files_only=True, max_length=_MAX_PIECES, num_labels=1
    )


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
