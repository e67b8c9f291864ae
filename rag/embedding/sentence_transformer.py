"""The child process that embeds: the only place that knows sentence-transformers and torch."""

import logging
import multiprocessing
import os
import signal
import threading
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding.embedding_model import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Waiting threads sleep, not spin: beside two busy cores a question took 1,000 ms, now 30.
    "OMP_WAIT_POLICY": "PASSIVE",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is in memory."""


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """The model's files cannot be used; the last message."""

    error: str
    """Its type."""


def serve(
    connection: "Connection[Vectors | Loaded | NotLoaded, list[str]]", folder: Path, threads: int
) -> None:
    """Load the model, then answer batches until the pipe closes. Ends with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        model = _load(folder, threads)
    except Exception as e:  # noqa: BLE001 - the border of the process: anything can be wrong with model files
        connection.send(NotLoaded(type(e).__name__))
        return
    connection.send(Loaded())
    while True:
        try:
            texts = connection.recv()
        except EOFError:
            return
        connection.send(_embed(model, texts))


def _load(folder: Path, threads: int) -> "SentenceTransformer":
    os.environ.update(_ENVIRONMENT)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import torch
    from sentence_transformers import SentenceTransformer
    from tqdm import tqdm  # type: ignore[import-untyped]

    tqdm.set_lock(threading.RLock())  # its own one is a semaphore that outlives a killed process

    torch.set_num_threads(threads)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _embed(model: "SentenceTransformer", texts: list[str]) -> Vectors:
    vectors = model.encode(
        texts,
        batch_size=len(texts),
        normalize_embeddings=True,
        convert_to_numpy=True,
        show_progress_bar=False,
    )
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
