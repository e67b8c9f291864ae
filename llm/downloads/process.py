"""Runs a download in a process of its own: it may use the network, and one that hangs can be ended."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from filelock import FileLock

from llm.errors import ModelCancelled, ModelDownloadError, ModelError

if TYPE_CHECKING:
    from llm.catalogue import CatalogueFile

POLL_SECONDS = 0.1
"""How often the cancel token is looked at, and how often progress is told."""
_ENDING_SECONDS = 10.0
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_VERBOSITY": "critical",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True, slots=True)
class _Done:
    """The file is whole; it must have this sha256."""

    sha256: str | None


_Message: TypeAlias = tuple[int, int] | _Done | ModelError
"""Bytes done and in all, or how it ended."""


def run_download(
    file: "CatalogueFile",
    folder: Path,
    *,
    mirror: str | None,
    on_progress: Callable[[int, int], None],
    cancel: threading.Event,
) -> str | None:
    """Bring a file into ``folder``; return the sha256 that it must have, where its pieces were not compared.

    Raises:
        ModelCancelled: ``cancel`` was set.
        ModelDownloadError: it cannot be had.
        ModelStoreError: the disk refuses or is full.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, file, folder, mirror), name="bedside-download", daemon=True
    )
    process.start()
    theirs.close()
    try:
        while True:
            match _receive(ours, cancel):
                case (int(done), int(total)):
                    on_progress(done, total)
                case _Done(sha256):
                    return sha256
                case ModelError() as error:
                    raise error
    finally:
        process.kill()
        process.join()
        ours.close()


def _receive(connection: "Connection[None, _Message]", cancel: threading.Event) -> _Message:
    while not cancel.is_set():
        if connection.poll(POLL_SECONDS):
            try:
                return connection.recv()
            except EOFError:
                return ModelDownloadError("The download ended unexpectedly; what came is kept, please go on.")
    raise ModelCancelled("The download is paused; what came is kept.")


def _serve(
    connection: "Connection[_Message, None]", file: "CatalogueFile", folder: Path, mirror: str | None
) -> None:
    """Runs in the child, where nothing was imported yet that reads the environment."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(_ENVIRONMENT)
    import truststore

    from llm.downloads.assembly import Assembly

    truststore.inject_into_ssl()  # a hospital's own certificates are in the system's store
    told = float("-inf")

    def send(message: _Message) -> None:
        try:
            connection.send(message)
        except BrokenPipeError:  # the parent was killed, and this process with it
            os._exit(1)

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done == total or monotonic() - told >= POLL_SECONDS:
            told = monotonic()
            send((done, total))

    try:
        # The process of a program that was killed may still be about to end.
        with FileLock(folder.with_name(f"{folder.name}.writing.lock"), timeout=_ENDING_SECONDS):
            send(_Done(Assembly(file, folder, mirror=mirror, on_progress=tell).run()))
    except ModelError as e:
        send(e)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
