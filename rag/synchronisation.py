"""Watched folders: what was added, changed, moved and removed in them since the last time."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag.errors import FolderNotFound
from rag.indexing import find_files
from rag.intake import Wish
from rag.organisation import clean
from rag.reading import OnProgress
from rag.storage.sources import KnownFile, Source, Sources, path_text
from rag.types import AddResult, AddStatus, FolderChanges, MissingFile, MovedFile, WatchedFolder


class AddFiles(Protocol):
    """Adds files to the library, each as it is wished."""

    def __call__(
        self, files: Sequence[tuple[Path, Wish]], *, cancel: threading.Event, on_progress: OnProgress
    ) -> Iterator[AddResult]:
        """Yield a result for each, in their order, until ``cancel`` is set."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How a folder looks before anything is done."""

    folder: WatchedFolder
    present: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()
    """Folders in it that may not be looked into; nothing is known of what is in them."""
    changed: tuple[Path, ...] = ()
    """Files to be read, and the refused folders, so that they are spoken of."""
    unchanged: int = 0
    reason: str | None = None
    """Why nothing is to be done."""


class Synchronisation:
    """Lets the library follow folders of the user's, on demand. No document is ever removed here.

    Watching and listing may be done from any thread; one thread at a time may synchronise, and not while
    another adds. All methods raise :class:`~rag.errors.StorageError` when the database is damaged or the disk
    refuses.
    """

    def __init__(self, *, sources: Sources, add: AddFiles) -> None:
        """Both belong to one library."""
        self._sources = sources
        self._add = add

    def watch(self, folder: Path, *, collection: str | None = None) -> None:
        """Follow a folder from now on; its first synchronisation adds what is in it.

        Args:
            folder: one that is watched already gets this collection in place of the one before.
            collection: which new documents from it join; made where it is not there.

        Raises:
            FolderNotFound: there is no such folder.
            InvalidEntry: the name of the collection is empty, too long or holds control characters.
        """
        if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where it may not look
            raise FolderNotFound("There is no such folder; please check its path.")
        name = None if collection is None else clean(collection, "name of a collection")
        self._sources.watch(folder, collection=name)

    def unwatch(self, folder: Path) -> None:
        """Follow a folder no more; its documents stay.

        Raises:
            FolderNotFound: it is not watched.
        """
        self._sources.unwatch(folder)

    def folders(self) -> list[WatchedFolder]:
        """List the watched folders by their paths."""
        return self._sources.folders()

    def synchronise(
        self,
        folder: Path | None = None,
        *,
        cancel: threading.Event,
        on_progress: OnProgress,
        on_result: Callable[[AddResult], None] = lambda _: None,
    ) -> list[FolderChanges]:
        """Add what is new in a watched folder, by default in all of them, and tell what changed.

        A file that looks as it did is not read. A folder that is not there, or empty as when its drive is not
        connected, changes nothing. Stopped in between, the next time goes on.

        Args:
            folder: one of those that are watched.
            cancel: ends it; what was done stays.
            on_progress: told many times a second.
            on_result: told how each file that was read ended.

        Raises:
            FolderNotFound: the folder is not watched.
            EmbeddingError: the embedding model is missing, so that nothing can be added.
        """
        known = self._sources.all()
        looks = [_look(each, known) for each in self._chosen(folder)]
        wishes: dict[Path, Wish] = {}
        for look in reversed(looks):  # of folders inside each other the first one counts
            wishes |= dict.fromkeys(look.changed, Wish(collection=look.folder.collection))
        results = []
        for result in self._add(list(wishes.items()), cancel=cancel, on_progress=on_progress):
            on_result(result)
            results.append(result)
        is_whole = len(results) == len(wishes)
        moved = self._find_moved(looks, known, results) if is_whole else []
        return [self._conclude(look, results, moved, is_whole=is_whole) for look in looks]

    def _chosen(self, folder: Path | None) -> list[WatchedFolder]:
        watched = self._sources.folders()
        if folder is None:
            return watched
        chosen = [each for each in watched if path_text(each.path) == path_text(folder)]
        if not chosen:
            raise FolderNotFound("This folder is not watched; watch it first (bedside library watch FOLDER).")
        return chosen

    def _conclude(
        self, look: _Look, results: Sequence[AddResult], moved: Sequence[MovedFile], *, is_whole: bool
    ) -> FolderChanges:
        folder = look.folder.path
        if look.reason is not None:
            return FolderChanges(folder=folder, reason=look.reason, is_whole=is_whole)
        changed = set(look.changed)
        own = [result for result in results if result.file in changed]
        good = [result for result in own if result.status is not AddStatus.FAILED]
        arrived = tuple(each for each in moved if each.new in changed)
        copies = sum(r.status is AddStatus.DUPLICATE and r.replaces is None for r in good) - len(arrived)
        missing = self._find_missing(look) if is_whole else []
        if is_whole:
            self._sources.mark_synchronised(folder)
        return FolderChanges(
            folder=folder,
            added=tuple(r for r in good if r.status is AddStatus.INDEXED and r.replaces is None),
            replaced=tuple(r for r in good if r.replaces is not None),
            unchanged=look.unchanged + copies,
            missing=tuple(missing),
            moved=arrived,
            failed=tuple(r for r in own if r.status is AddStatus.FAILED),
            is_whole=is_whole,
        )

    def _find_moved(
        self, looks: Sequence[_Look], known: Mapping[str, KnownFile], results: Sequence[AddResult]
    ) -> list[MovedFile]:
        """Find the old place of what has a new one; forget the old one."""
        gone = {
            each.document: path
            for path, each in known.items()
            if any(_is_gone(path, look) for look in looks if look.reason is None)
        }
        moved = [
            MovedFile(old=Path(gone[result.document]), new=result.file, document=result.document)
            for result in results
            if result.status is AddStatus.DUPLICATE
            and result.document in gone
            and path_text(result.file) not in known
        ]
        self._sources.forget([path_text(each.old) for each in moved])
        return moved

    def _find_missing(self, look: _Look) -> list[MissingFile]:
        """Find the documents that came from this folder and lie nowhere any more; forget copies that went."""
        known = self._sources.all()
        present = {each.document for path, each in known.items() if os.path.lexists(path)}
        gone = {path: each.document for path, each in known.items() if _is_gone(path, look)}
        self._sources.forget([path for path, document in gone.items() if document in present])
        return [
            MissingFile(path=Path(path), document=document)
            for path, document in sorted(gone.items())
            if document not in present
        ]


def _look(folder: WatchedFolder, known: Mapping[str, KnownFile]) -> _Look:
    """Look at a folder without reading a file."""
    if not os.path.isdir(folder.path):  # noqa: PTH112 - Path.is_dir raises where it may not look
        reason = "This folder is not there, so nothing was changed; please connect its drive, or unwatch it."
        return _Look(folder=folder, reason=reason)
    found = find_files([folder.path])
    refused = tuple(path_text(each) for each in found if os.path.isdir(each))  # noqa: PTH112
    if path_text(folder.path) in refused:
        reason = "This folder may not be looked into, so nothing was changed; please check its rights."
        return _Look(folder=folder, reason=reason)
    if not found and any(_is_in(path, path_text(folder.path)) for path in known):
        reason = "This folder is empty, so nothing was changed; please connect its drive, or unwatch it."
        return _Look(folder=folder, reason=reason)
    changed = tuple(each for each in found if not _is_unchanged(each, known))
    return _Look(
        folder=folder,
        present=frozenset(map(path_text, found)),
        refused=refused,
        changed=changed,
        unchanged=len(found) - len(changed),
    )


def _is_unchanged(file: Path, known: Mapping[str, KnownFile]) -> bool:
    before = known.get(path_text(file))
    if before is None or not before.is_ready:
        return False
    try:
        status = file.stat()
    except OSError:  # adding it says why
        return False
    path = before.source.path
    return before.source == Source(path=path, size=status.st_size, modified=status.st_mtime_ns)


def _is_gone(path: str, look: _Look) -> bool:
    """Tell whether a file was in a folder and is not there any more."""
    is_unseen = any(_is_in(path, refused) for refused in look.refused)
    return _is_in(path, path_text(look.folder.path)) and path not in look.present and not is_unseen


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)
