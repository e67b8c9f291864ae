"""From which files the documents came, and which folders are watched."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select, update

from rag.errors import FolderNotFound
from rag.storage import groups
from rag.storage.engine import read_only, storage_errors
from rag.storage.tables import CollectionRow, DocumentRow, FolderRow, SourceRow
from rag.types import DocumentId, DocumentStatus, WatchedFolder

UNKNOWN = -1
"""In place of a size: what lies at the path is to be read, whatever it looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was when it was read."""

    path: str
    """Absolute; see :func:`path_text`."""
    size: int
    modified: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A file whose bytes are a document's."""

    document: DocumentId
    source: Source
    is_ready: bool
    """Whether the document is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document comes from, and what is to become of it there."""

    source: Source
    replaces: DocumentId | None = None
    """Said by the user; else the path tells."""
    collection: str | None = None
    """Which it joins."""


def path_text(path: Path) -> str:
    """Write a path absolute, and so that it can be kept: old systems wrote names in any encoding."""
    # Path.absolute leaves `..` in; Path.resolve follows links, and a link is what the user named.
    absolute = os.path.abspath(path)  # noqa: PTH100
    return os.fsencode(absolute).decode("utf-8", "backslashreplace")


class Sources:
    """Every method is one transaction and may be called from any thread.

    Raises :class:`~rag.errors.StorageError` when the database is damaged or the disk refuses.
    """

    def __init__(self, engine: Engine) -> None:
        """``engine`` of a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    def all(self) -> dict[str, KnownFile]:
        """Return what is known of files, by path."""
        statement = select(
            SourceRow.path, SourceRow.size, SourceRow.modified, DocumentRow.id, DocumentRow.status
        ).join(DocumentRow, DocumentRow.id == SourceRow.document)
        with storage_errors(), self._reader.begin() as connection:
            return {
                row.path: KnownFile(
                    document=DocumentId(row.id),
                    source=Source(path=row.path, size=row.size, modified=row.modified),
                    is_ready=row.status == DocumentStatus.READY,
                )
                for row in connection.execute(statement)
            }

    def forget(self, paths: Collection[str]) -> None:
        """Forget files that are no longer there."""
        with storage_errors(), self._engine.begin() as connection:
            connection.execute(delete(SourceRow).where(SourceRow.path.in_(paths)))

    def watch(self, folder: Path, *, collection: str | None) -> None:
        """Write down a folder; one that is watched already gets this collection."""
        with storage_errors(), self._engine.begin() as connection:
            key = None if collection is None else open_collection(connection, collection)
            known = update(FolderRow).where(FolderRow.path == path_text(folder)).values(collection=key)
            if connection.execute(known).rowcount == 0:
                values = {"path": path_text(folder), "collection": key, "synchronised": None}
                connection.execute(insert(FolderRow).values(values))

    def unwatch(self, folder: Path) -> None:
        """Forget a folder; its documents stay, and where they came from.

        Raises:
            FolderNotFound: it is none of them.
        """
        with storage_errors(), self._engine.begin() as connection:
            statement = delete(FolderRow).where(FolderRow.path == path_text(folder))
            if connection.execute(statement).rowcount == 0:
                raise FolderNotFound(
                    "This folder is not watched; `bedside library folders` shows those that are."
                )

    def folders(self) -> list[WatchedFolder]:
        """List the watched folders by their paths."""
        statement = (
            select(FolderRow.path, CollectionRow.name, FolderRow.synchronised)
            .join(CollectionRow, CollectionRow.id == FolderRow.collection, isouter=True)
            .order_by(FolderRow.path)
        )
        with storage_errors(), self._reader.begin() as connection:
            return [
                WatchedFolder(
                    path=Path(path),
                    collection=name,
                    synchronised=None if at is None else datetime.fromtimestamp(at, UTC),
                )
                for path, name, at in connection.execute(statement)
            ]

    def mark_synchronised(self, folder: Path) -> None:
        """Write down that this is how the folder is now."""
        now = datetime.now(UTC).timestamp()
        with storage_errors(), self._engine.begin() as connection:
            statement = update(FolderRow).where(FolderRow.path == path_text(folder))
            connection.execute(statement.values(synchronised=now))


def put_source(connection: Connection, document: str, source: Source) -> None:
    """Write down that a document's bytes are at a path."""
    values = {
        "path": source.path,
        "document": document,
        "size": source.size,
        "modified": source.modified,
    }
    connection.execute(insert(SourceRow).prefix_with("OR REPLACE").values(values))


def document_at(connection: Connection, path: str) -> DocumentId | None:
    """Return the document whose bytes were at a path last."""
    found = connection.scalar(select(SourceRow.document).where(SourceRow.path == path))
    return None if found is None else DocumentId(found)


def other_paths(connection: Connection, document: str, path: str) -> list[str]:
    """List where else a document's bytes were."""
    statement = select(SourceRow.path).where(SourceRow.document == document, SourceRow.path != path)
    return list(connection.scalars(statement))


def open_collection(connection: Connection, name: str) -> int:
    """Return the number of a collection, which is made where it is not there."""
    if (number := groups.find_collection(connection, name)) is not None:
        return number
    groups.create_collection(connection, name)
    return open_collection(connection, name)


def join_collection(connection: Connection, document: str, name: str) -> None:
    """Put a document into a collection, if it is not in it yet."""
    collection = open_collection(connection, name)
    groups.put_in(connection, collection, {DocumentId(document)} - groups.members(connection, collection))
