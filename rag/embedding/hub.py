"""Fetches a model from the Hugging Face hub, in a process of its own: alone knows huggingface_hub.

The process may use the network while this one stays as it is, and a download that hangs can be ended.
"""

import hashlib
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

from rag.embedding.model_files import is_model_file
from rag.embedding.serving import end_with_parent
from rag.errors import Cancelled, EmbeddingModelError

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_XET": "1",  # its blocks go through a cache outside the models folder
    "HF_HUB_VERBOSITY": "critical",
    "DO_NOT_TRACK": "1",
}
_CACHE = ".cache"
"""What the hub's library leaves in the folder."""
_WEIGHTS = frozenset({".safetensors"})
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Found:
    """The model is there; ``size`` is in bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class _Done:
    """All files are there."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """It cannot be had; ``sentence`` is for the user."""

    sentence: str


_Message: TypeAlias = _Found | _Done | _Failed


def download_model(
    repo: str,
    target: Path,
    *,
    need_space: Callable[[int], None],
    cancel: threading.Event,
    on_progress: Callable[[float], None],
) -> None:
    """Write a model's files into the folder ``target``.

    Args:
        repo: name of the owner and of the model, with a slash.
        target: is empty; when this fails the caller deletes it.
        need_space: raises where so many bytes have no room.
        cancel: looked at several times a second.
        on_progress: called with the share of the bytes, rising to 1.

    Raises:
        EmbeddingModelError: the hub cannot be reached or has no such model.
        Cancelled: ``cancel`` was set.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_download, args=(theirs, repo, target), name="bedside-download", daemon=True
    )
    process.start()
    theirs.close()
    try:
        size = _receive(ours, repo, cancel, lambda: None)
        if isinstance(size, _Found):
            need_space(size.size)
            ours.send(None)
            _receive(ours, repo, cancel, lambda: on_progress(min(_written(target) / size.size, 1.0)))
        on_progress(1)
    finally:
        process.kill()
        process.join()
        ours.close()
    shutil.rmtree(target / _CACHE, ignore_errors=True)


def _receive(
    connection: "Connection[None, _Message]", repo: str, cancel: threading.Event, wait: Callable[[], None]
) -> _Message:
    while not connection.poll(_POLL_SECONDS):
        if cancel.is_set():
            raise Cancelled("Downloading the embedding model was stopped; nothing was changed.")
        wait()
    try:
        message = connection.recv()
    except EOFError:
        message = _Failed(f"Downloading {repo} ended unexpectedly; please try again.")
    if isinstance(message, _Failed):
        raise EmbeddingModelError(message.sentence)
    return message


def _written(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # it was moved to its place
            continue
    return total


def _download(connection: "Connection[_Message, None]", repo: str, target: Path) -> None:
    """Runs in the child, where nothing was imported yet that reads the environment."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.update(_ENVIRONMENT)
    connection.send(_fetch(connection, repo, target))


def _fetch(connection: "Connection[_Message, None]", repo: str, target: Path) -> _Message:
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        found = HfApi(token=False).model_info(repo, files_metadata=True)
        files = {file.rfilename: file for file in found.siblings or () if is_model_file(file.rfilename)}
        connection.send(_Found(sum(file.size or 0 for file in files.values()) or 1))
        connection.recv()
        for name, file in sorted(files.items()):
            path = hf_hub_download(repo, name, revision=found.sha, local_dir=target, token=False)
            if not _is_as_stated(Path(path), file.lfs.sha256 if file.lfs else None):
                return _Failed(
                    f"{name} of {repo} is not the file that the hub names (its sha256) and was removed; "
                    "please try again, and if it happens again choose another model."
                )
    except (GatedRepoError, RepositoryNotFoundError, HFValidationError):
        return _Failed(
            f"The hub has no public model {repo!r}; please check its name, which looks like owner/model."
        )
    except Exception as e:  # noqa: BLE001 - the border of the process: the network can fail in any way
        return _Failed(
            f"{repo} could not be downloaded ({type(e).__name__}); please check the connection and try again."
        )
    return _Done()


def _is_as_stated(file: Path, sha256: str | None) -> bool:
    """Compare a file with what the hub says of it: of weights it must, of the small files it says nothing."""
    if sha256 is None:
        return file.suffix not in _WEIGHTS
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
