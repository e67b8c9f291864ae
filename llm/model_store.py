"""The models folder: GGUF files under names, shared by everything on this machine that uses Bedside."""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from llm.errors import (
    ModelError,
    ModelExists,
    ModelFileError,
    ModelNotFound,
    ModelStoreError,
)
from llm.file_reading import FileReading
from llm.gguf_file import GgufHeader, choose_context, memory_needed, read_header
from llm.types import ModelRow

DEFAULT_MODEL = "smollm2-135m"
"""Name of the model that comes with the set-up."""
REGISTRY_FILE = "models.json"
_LOCK_SECONDS = 10
_NAME_CHARACTERS = 64
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names of files that Windows takes for devices, whatever their ending."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: str
    size: int
    modified_ns: int


class _Registry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = 1
    models: dict[str, _Entry] = {}


class ModelStore:
    """Models by name. Reading needs no lock: the registry is replaced whole."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made when the first model is added."""
        self._folder = folder

    @property
    def folder(self) -> Path:
        """The models folder; it need not be there yet."""
        return self._folder

    def rows(self) -> list[ModelRow]:
        """Return all models by name; one whose file is missing, changed or damaged says so in ``problem``."""
        return [self._row(name, entry) for name, entry in sorted(self._read().models.items())]

    def find(self, name: str) -> ModelRow:
        """Return a model whose file is there and is the one that was added.

        Raises:
            ModelNotFound: there is none of this name.
            ModelFileError: its file is missing, changed or damaged.
        """
        known = self._read().models
        key = _match(name, known)
        if key is None:
            names = ", ".join(sorted(known)) or "none yet"
            raise ModelNotFound(f"There is no model named {name!r}; the models here are: {names}.")
        row = self._row(key, known[key])
        if row.problem is not None:
            raise ModelFileError(row.problem)
        return row

    def add(
        self,
        file: Path,
        name: str | None = None,
        *,
        on_progress: Callable[[float], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> ModelRow:
        """Put a model into the folder: linked where the file system allows it, else copied.

        The same file under the same name changes nothing. Progress runs from 0 to 1.

        Args:
            file: A GGUF file.
            name: ``None`` for one made from the file's name.
            on_progress: Told about the bytes that were read.
            cancel: Stops the copy and leaves nothing behind.

        Raises:
            ModelFileError: the file is no usable GGUF.
            ModelExists: another file has this name.
            ModelStoreError: the folder cannot be written, or the disk is full.
            ModelCancelled: ``cancel`` was set.
        """
        read_header(file)
        wanted = clean_name(name if name is not None else file.stem)
        with self._changing() as registry:
            key = _match(wanted, registry.models) or wanted
            known = registry.models.get(key)
            part = self._folder / f"{key}.part"
            reading = FileReading(file.stat().st_size, on_progress, cancel)
            sha256 = reading.digest(file) if known else reading.take(file, part)
            if known and known.sha256 != sha256:
                raise ModelExists(f"Another model is named {key!r}; please choose another name.")
            if known and self._problem(key, known) is None:
                return self._row(key, known)
            if known:
                reading.take(file, part)
            return self._enter(registry, key, part, sha256)

    def add_all(
        self,
        path: Path,
        *,
        on_progress: Callable[[float], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> list[ModelRow]:
        """Add a GGUF file, or every one that lies in a folder, under names made of their files' names.

        Of a folder, a file that cannot be added is a row with the reason in ``problem``, after the others.

        Args:
            path: A file or a folder.
            on_progress: Told the share of the files' bytes that is done, from 0 to 1.
            cancel: Stops; files that were added before stay.

        Raises:
            ModelFileError: a single file is no usable GGUF, or the folder holds none.
            ModelExists: a single file's name is taken by another.
            ModelStoreError: the folder cannot be written, or the disk is full.
            ModelCancelled: ``cancel`` was set.
        """
        if not path.is_dir():
            return [self.add(path, on_progress=on_progress, cancel=cancel)]
        files = sorted(file for file in path.iterdir() if file.suffix.casefold() == ".gguf")
        if not files:
            raise ModelFileError(f"{path.name} holds no GGUF file; please choose another folder.")
        sizes = [file.stat().st_size for file in files]
        rows = []
        for number, file in enumerate(files):
            before, size = sum(sizes[:number]), sizes[number]
            tell = on_progress and _scale(on_progress, before / sum(sizes), size / sum(sizes))
            try:
                rows.append(self.add(file, on_progress=tell, cancel=cancel))
            except (ModelFileError, ModelExists) as error:
                rows.append(_broken_row(file.stem, file, sha256="", size=size, problem=str(error)))
        return sorted(rows, key=lambda row: row.problem is not None)

    def adopt(
        self, file: Path, name: str, *, sha256: str | None, cancel: threading.Event | None = None
    ) -> ModelRow:
        """Take over a file that lies on the disk of the models folder: it is renamed, never copied.

        Args:
            file: A GGUF file; it stays where it is unless this succeeds.
            name: A model of this name whose file is missing or changed is replaced.
            sha256: What the file must have, where that is known.
            cancel: Stops while the file is read.

        Raises:
            ModelFileError: the file is no usable GGUF, or another than ``sha256`` says.
            ModelExists: another model has this name.
            ModelStoreError: the folder cannot be written.
            ModelCancelled: ``cancel`` was set.
        """
        found = FileReading(read_header(file).file_size, None, cancel).digest(file)
        if sha256 is not None and found != sha256:
            raise ModelFileError(f"{file.name} is not the file that was expected; please fetch it again.")
        with self._changing() as registry:
            key = _match(name, registry.models) or clean_name(name)
            known = registry.models.get(key)
            if known is not None and self._problem(key, known) is None:
                raise ModelExists(f"Another model is named {key!r}; please remove that first.")
            return self._enter(registry, key, file, found)

    def remove(self, name: str) -> None:
        """Delete a model's file in the folder with what is kept beside it, and forget its name.

        Raises:
            ModelNotFound: there is none of this name.
            ModelStoreError: the folder cannot be written.
        """
        with self._changing() as registry:
            key = _match(name, registry.models)
            if key is None:
                raise ModelNotFound(f"There is no model named {name!r}; nothing was removed.")
            file = registry.models.pop(key).file
            for beside in (file, *(path.name for path in self._folder.glob(f"{key}.gguf.*.json"))):
                (self._folder / beside).unlink(missing_ok=True)

    def check(self, file: Path) -> ModelRow:
        """Describe a GGUF file anywhere, without loading or adding it.

        Raises:
            ModelFileError: the file is no usable GGUF.
        """
        header = read_header(file)
        sha256 = FileReading(header.file_size, None, None).digest(file)
        return _describe(clean_name(file.stem), file, sha256, header)

    def _enter(self, registry: _Registry, name: str, file: Path, sha256: str) -> ModelRow:
        """Give a file on the folder's disk its place, and the registry its entry."""
        target = file.replace(self._folder / f"{name}.gguf")
        status = target.stat()
        entry = _Entry(file=target.name, sha256=sha256, size=status.st_size, modified_ns=status.st_mtime_ns)
        registry.models[name] = entry
        return self._row(name, entry)

    def _row(self, name: str, entry: _Entry) -> ModelRow:
        path = self._folder / entry.file
        problem = self._problem(name, entry)
        if problem is None:
            try:
                return _describe(name, path, entry.sha256, read_header(path))
            except ModelFileError as error:
                problem = str(error)
        return _broken_row(name, path, sha256=entry.sha256, size=entry.size, problem=problem)

    def _problem(self, name: str, entry: _Entry) -> str | None:
        """Say what is wrong with a file. Its bytes are read only where its time has changed."""
        path = self._folder / entry.file
        try:
            status = path.stat()
            is_same = status.st_size == entry.size and (
                status.st_mtime_ns == entry.modified_ns
                or FileReading(entry.size, None, None).digest(path) == entry.sha256
            )
        except OSError:
            return f"The file of model {name!r} is missing; please add the model again."
        return None if is_same else f"The file of model {name!r} was changed; please add the model again."

    def _read(self) -> _Registry:
        path = self._folder / REGISTRY_FILE
        try:
            return _Registry.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return _Registry()
        except OSError as error:
            raise ModelStoreError(_refusal(error)) from error
        except ValidationError as error:
            raise ModelStoreError(
                f"The list of models ({REGISTRY_FILE}) is damaged; please delete it and add the models again."
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[_Registry]:
        """Give the registry for a change, and write it when the change went well."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / f"{REGISTRY_FILE}.lock", timeout=_LOCK_SECONDS):
                try:
                    registry = self._read()
                    before = registry.model_dump_json()
                    yield registry
                    if registry.model_dump_json() != before:
                        self._write(registry)
                finally:
                    # Under the lock nobody else is writing one: this also clears what a killed copy left.
                    for part in self._folder.glob("*.part"):
                        part.unlink()
        except Timeout as error:
            raise ModelStoreError(
                "The models folder is being changed by another Bedside; please try again when it is done."
            ) from error
        except OSError as error:
            raise ModelStoreError(_refusal(error)) from error

    def _write(self, registry: _Registry) -> None:
        part = self._folder / f"{REGISTRY_FILE}.part"
        with part.open("w", encoding="utf-8") as stream:
            json.dump(registry.model_dump(), stream, indent=1, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._folder / REGISTRY_FILE)


def clean_name(text: str) -> str:
    """Make a name that is a file name everywhere: letters, digits, dot, dash and underscore."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-_")[:_NAME_CHARACTERS].rstrip(".-_")
    if not cleaned:
        raise ModelError("The name of a model needs a letter or digit from A-Z, a-z, 0-9.")
    return f"model-{cleaned}" if _DEVICES.match(cleaned) else cleaned


def _match(name: str, names: dict[str, _Entry]) -> str | None:
    """Find a name; capitals make no difference, because they make none for some file systems."""
    with suppress(ModelError):
        wanted = clean_name(name).casefold()
        return next((known for known in names if known.casefold() == wanted), None)
    return None


def _describe(name: str, path: Path, sha256: str, header: GgufHeader) -> ModelRow:
    available = psutil.virtual_memory().available
    needed = memory_needed(header, choose_context(header, available))
    return ModelRow(
        name=name,
        path=path,
        sha256=sha256,
        size=header.file_size,
        architecture=header.architecture,
        quantisation=header.quantisation,
        n_ctx=header.n_ctx_train,
        n_params=header.n_params,
        has_chat_template=header.chat_template is not None,
        memory_needed=needed,
        fits=needed <= available,
    )


def _broken_row(name: str, path: Path, *, sha256: str, size: int, problem: str) -> ModelRow:
    return ModelRow(
        name=name,
        path=path,
        sha256=sha256,
        size=size,
        architecture="",
        quantisation="",
        n_ctx=0,
        n_params=0,
        has_chat_template=False,
        memory_needed=0,
        fits=False,
        problem=problem,
    )


def _scale(tell: Callable[[float], None], start: float, share: float) -> Callable[[float], None]:
    """Make the progress of a part one of the whole."""
    return lambda fraction: tell(start + share * fraction)


def _refusal(error: OSError) -> str:
    return f"The models folder cannot be used ({error.strerror}); please check its place and permissions."
