"""Embedding models in the models folder: folders of sentence-transformers, checked without loading."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from rag.embedding.hub import download_model
from rag.embedding.model_files import MODULES, find_problem, list_files, read_max_length
from rag.embedding.model_folder import read_dimension
from rag.embedding.preparation import is_prepared, prepare
from rag.errors import Cancelled, EmbeddingModelError, EmbeddingModelNotFound

_PART = ".embedding-model"
"""Folder, inside the models folder, of a model that is not whole yet."""
_LOCK = "embedding-models.lock"
_LOCK_SECONDS = 10
_BLOCK_BYTES = 4 * 2**20
_SPARE_BYTES = 64 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FETCHING_SHARE = 0.9
"""Of the progress; the rest is preparing."""
_SLOW = (
    "This model starts slowly, in about ten seconds: the form that loads quickly could not be made of it. "
    "It can be used all the same."
)


class Prepare(Protocol):
    """Makes the model in a folder quick to load, as :func:`rag.embedding.preparation.prepare` does."""

    def __call__(self, folder: Path, *, cancel: threading.Event) -> bool:
        """Return whether it is; raises :class:`~rag.errors.Cancelled` when ``cancel`` was set."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingModelRow:
    """An embedding model; what cannot be known where it has a problem is ``None``."""

    name: str
    folder: Path
    dimension: int | None
    """Length of its vectors."""
    max_length: int | None
    """How many tokens of a text it reads."""
    size: int
    """Bytes of its files."""
    problem: str | None
    """A sentence that says why it cannot be used."""
    note: str | None = None
    """A sentence of what is to be known of it though it can be used."""


class EmbeddingModelStore:
    """Embedding models by name. Adding one is whole or not at all, also when the program is killed."""

    def __init__(self, folder: Path, *, prepare: Prepare = prepare) -> None:
        """``folder`` of models is made when the first is added; each goes through ``prepare``."""
        self._folder = folder
        self._prepare = prepare

    def rows(self) -> list[EmbeddingModelRow]:
        """Return all models by name; one that cannot be used says so in ``problem``."""
        return [
            describe(file.parent) for file in sorted(self._folder.glob(f"*/{MODULES}")) if _is_named(file)
        ]

    def find(self, name: str) -> EmbeddingModelRow:
        """Return the model of this name, which may have a problem.

        Raises:
            EmbeddingModelNotFound: there is none.
        """
        rows = self.rows()
        for row in rows:
            if row.name.casefold() == name.casefold():
                return row
        names = ", ".join(row.name for row in rows) or "none yet"
        raise EmbeddingModelNotFound(
            f"There is no embedding model named {name!r}; the ones here are: {names}."
        )

    def add(
        self,
        folder: Path,
        *,
        name: str | None = None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> EmbeddingModelRow:
        """Copy a model's folder; only the files that a model needs, never a program or a pickle.

        Args:
            folder: as sentence-transformers saves a model.
            name: by default the folder's.
            cancel: leaves nothing behind.
            on_progress: called with the share that is done, rising to 1.

        Raises:
            EmbeddingModelError: the folder holds no usable model, the name is taken or impossible, or the
                disk refuses or is full.
            Cancelled: ``cancel`` was set.
        """
        problem = find_problem(folder)
        if problem is not None:
            raise EmbeddingModelError(problem)
        with self._adding(name or folder.resolve().name) as part:
            _copy(folder, part, cancel, _scaled(on_progress))
            return self._accept(part, name or folder.resolve().name, cancel, on_progress)

    def download(
        self,
        repo: str,
        *,
        name: str | None = None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
    ) -> EmbeddingModelRow:
        """Fetch a model from the Hugging Face hub. This is the one place where Bedside uses the network.

        Args:
            repo: like ``sentence-transformers/all-MiniLM-L6-v2``.
            name: by default the last part of ``repo``.
            cancel: ends it at once and leaves nothing behind.
            on_progress: called with the share that is done, rising to 1.

        Raises:
            EmbeddingModelError: the hub cannot be reached or has no such model, it cannot be used, the name
                is taken or impossible, or the disk refuses or is full.
            Cancelled: ``cancel`` was set.
        """
        wanted = name or repo.rpartition("/")[2]
        with self._adding(wanted) as part:
            download_model(
                repo,
                part,
                need_space=lambda size: _need_space(part, size),
                cancel=cancel,
                on_progress=_scaled(on_progress),
            )
            return self._accept(part, wanted, cancel, on_progress)

    def remove(self, name: str) -> None:
        """Delete a model's folder.

        Raises:
            EmbeddingModelNotFound: there is none of this name.
            EmbeddingModelError: the disk refuses.
        """
        with self._changing() as part:
            self.find(name).folder.replace(part)  # whole or not at all; the rest goes with what is left over

    def _accept(
        self, part: Path, name: str, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> EmbeddingModelRow:
        problem = find_problem(part)
        if problem is not None:
            raise EmbeddingModelError(problem)
        self._prepare(part, cancel=cancel)
        row = describe(part.replace(self._folder / name))
        on_progress(1)
        return row

    @contextmanager
    def _adding(self, name: str) -> Iterator[Path]:
        """Give an empty folder for a model of this name, once the name is free."""
        if not _NAME.fullmatch(name):
            raise EmbeddingModelError(
                f"A model cannot be named {name!r}; please choose a name of letters, digits, dots and dashes."
            )
        with self._changing() as part:
            if any(each.name.casefold() == name.casefold() for each in self._folder.iterdir()):
                raise EmbeddingModelError(f"Another model is named {name!r}; please choose another name.")
            part.mkdir()
            yield part

    @contextmanager
    def _changing(self) -> Iterator[Path]:
        part = self._folder / _PART
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / _LOCK, timeout=_LOCK_SECONDS):
                # Under the lock nobody else is using it: this also clears what a killed program left.
                shutil.rmtree(part, ignore_errors=True)
                try:
                    yield part
                finally:
                    shutil.rmtree(part, ignore_errors=True)
        except Timeout as e:
            raise EmbeddingModelError(
                "The models folder is being changed by another Bedside; please try again when it is done."
            ) from e
        except OSError as e:
            raise EmbeddingModelError(
                f"The models folder cannot be used ({e.strerror}); please check its place and rights."
            ) from e


def describe(folder: Path) -> EmbeddingModelRow:
    """Describe the model in a folder, without loading it."""
    problem = find_problem(folder)
    return EmbeddingModelRow(
        name=folder.name,
        folder=folder,
        dimension=None if problem else read_dimension(folder),
        max_length=None if problem else read_max_length(folder),
        size=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        problem=problem,
        note=None if problem or is_prepared(folder) else _SLOW,
    )


def _scaled(on_progress: Callable[[float], None]) -> Callable[[float], None]:
    return lambda fraction: on_progress(_FETCHING_SHARE * fraction)


def _is_named(modules: Path) -> bool:
    return not modules.parent.name.startswith(".")


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE_BYTES:
        raise EmbeddingModelError(
            f"The model needs {size / 1e9:.1f} GB on the disk and {free / 1e9:.1f} GB are free; "
            "please make room and try again."
        )


def _copy(source: Path, target: Path, cancel: threading.Event, on_progress: Callable[[float], None]) -> None:
    files = list_files(source)
    total, done = sum((source / file).stat().st_size for file in files), 0
    _need_space(target, total)
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        with (source / file).open("rb") as reading, (target / file).open("xb") as writing:
            while block := reading.read(_BLOCK_BYTES):
                if cancel.is_set():
                    raise Cancelled("Adding the embedding model was stopped; nothing was changed.")
                writing.write(block)
                done += len(block)
                on_progress(done / total)
            writing.flush()
            os.fsync(writing.fileno())
