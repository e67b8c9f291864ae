"""Which document is the newer version of which; all of it inside a transaction of the caller's."""

import os

from sqlalchemy import Connection, insert, literal, select, update

from rag.storage.metadata import read_metadata, write_metadata
from rag.storage.sources import (
    UNKNOWN,
    Origin,
    document_at,
    join_collection,
    other_paths,
    put_source,
)
from rag.storage.tables import DocumentRow, MembershipRow, SourceRow, TagRow
from rag.types import DocumentId, Metadata


def find_older(connection: Connection, new: str, origin: Origin) -> DocumentId | None:
    """Return the current document of which this will be the newer version.

    It is the one that the user named, else the one that came from this path with other bytes. One that still
    lies at another path too stays current: there it did not change.
    """
    if origin.replaces is not None:
        newest = _newest(connection, origin.replaces)
        return None if newest == new else newest
    path = origin.source.path
    old = document_at(connection, path)
    if old is None or old == new or _replaced_by(connection, old) is not None:
        return None
    # Path.exists would raise on what may not be looked at; that is no reason to take it for gone.
    copies = [other for other in other_paths(connection, old, path) if os.path.lexists(other)]
    return None if copies else old


def is_back(connection: Connection, document: str, origin: Origin) -> bool:
    """Tell whether a path that held other bytes holds those of this document."""
    return document_at(connection, origin.source.path) not in (None, document)


def arrive(connection: Connection, document: str, origin: Origin) -> None:
    """Write down where a document's bytes are, and put it into its collection."""
    put_source(connection, document, origin.source)
    if origin.collection is not None:
        join_collection(connection, document, origin.collection)


def take_over(connection: Connection, old: str, new: str) -> None:
    """Let a document take the place of an older one, with its groups, its state and what the user wrote."""
    if (described := read_metadata(connection, old)) and (found := read_metadata(connection, new)):
        write_metadata(connection, new, _with_edits(*described, current=found[0]), found[1])
    is_enabled = select(DocumentRow.is_enabled).where(DocumentRow.id == old).scalar_subquery()
    changes = {"is_enabled": is_enabled, "replaces": None, "replaced_by": None}
    connection.execute(update(DocumentRow).where(DocumentRow.id == new).values(changes))
    connection.execute(update(DocumentRow).where(DocumentRow.id == old).values(replaced_by=new))
    _join_groups(connection, old, new)


def hand_back(connection: Connection, document: str) -> list[DocumentId]:
    """Before a document is deleted, give its place back; return those that become current by that.

    What lies at the paths it came from is read anew by the next synchronisation.
    """
    older = list(connection.scalars(select(DocumentRow.id).where(DocumentRow.replaced_by == document)))
    newer = _replaced_by(connection, document)
    awaited = connection.scalar(select(DocumentRow.replaces).where(DocumentRow.id == document))
    connection.execute(update(DocumentRow).where(DocumentRow.id.in_(older)).values(replaced_by=newer))
    if before := awaited or next(iter(older), None):
        statement = update(SourceRow).where(SourceRow.document == document)
        connection.execute(statement.values(document=before, size=UNKNOWN, modified=UNKNOWN))
    return [] if newer else [DocumentId(each) for each in older]


def _with_edits(older: Metadata, found: Metadata, *, current: Metadata) -> Metadata:
    """Return what is current with what the user wrote for the older version in place of what was found."""
    return Metadata(
        title=current.title if older.title == found.title else older.title,
        authors=current.authors if older.authors == found.authors else older.authors,
        year=current.year if older.year == found.year else older.year,
    )


def _join_groups(connection: Connection, old: str, new: str) -> None:
    memberships = select(MembershipRow.collection, literal(new)).where(MembershipRow.document == old)
    tags = select(literal(new), TagRow.tag).where(TagRow.document == old)
    for row, names, rows in (
        (MembershipRow, ["collection", "document"], memberships),
        (TagRow, ["document", "tag"], tags),
    ):
        connection.execute(insert(row).prefix_with("OR IGNORE").from_select(names, rows))


def _newest(connection: Connection, document: str) -> DocumentId:
    while (newer := _replaced_by(connection, document)) is not None:
        document = newer
    return DocumentId(document)


def _replaced_by(connection: Connection, document: str) -> str | None:
    return connection.scalar(select(DocumentRow.replaced_by).where(DocumentRow.id == document))
