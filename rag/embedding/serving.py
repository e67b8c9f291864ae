"""The child process that embeds."""

import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from rag.embedding.embedding_model import Embed, Vectors
from rag.embedding.onnx_graph import GRAPH, load_graph
from rag.embedding.sentence_transformer import load_transformer


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
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        embed = load(folder, threads)
    except Exception as e:  # noqa: BLE001 - the border of the process: anything can be wrong with model files
        connection.send(NotLoaded(type(e).__name__))
        return
    connection.send(Loaded())
    while True:
        try:
            texts = connection.recv()
        except EOFError:
            return
        connection.send(embed(texts))


def load(folder: Path, threads: int) -> Embed:
    """Load a model by its graph, else by sentence-transformers: the vectors are the same."""
    graph = folder / GRAPH
    if graph.is_file():
        try:
            return load_graph(graph, folder, threads)
        except Exception:  # noqa: BLE001 - whatever is wrong with the graph, the weights are the truth
            return load_transformer(folder, threads)
    return load_transformer(folder, threads)


def end_with_parent() -> None:
    """End this process as soon as its parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
