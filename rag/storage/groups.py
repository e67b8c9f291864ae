"""Collections and tags in SQL, each function on the caller's transaction.

Names compare without regard to case (ASCII). More documents may be given than a statement takes variables.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from rag.storage.tables import CollectionRow, MembershipRow, TagRow
from rag.storage.values import is_any_of
from rag.types import DocumentId, Group

_SEPARATOR = "\x1f"
"""Stands in no name: control characters are refused."""


def list_collections(connection: Connection) -> list[Group]:
    """List all collections by name, empty ones too."""
    statement = (
        select(CollectionRow.name, func.count(MembershipRow.document))
        .outerjoin(MembershipRow, MembershipRow.collection == CollectionRow.id)
        .group_by(CollectionRow.id)
        .order_by(CollectionRow.name)
    )
    return [Group(name=name, documents=count) for name, count in connection.execute(statement)]


def list_tags(connection: Connection) -> list[Group]:
    """List all tags by name."""
    statement = select(TagRow.tag, func.count()).group_by(TagRow.tag).order_by(TagRow.tag)
    return [Group(name=tag, documents=count) for tag, count in connection.execute(statement)]


def collections_of(connection: Connection, documents: Select[str]) -> dict[str, list[str]]:
    """Return the names of the collections of each of some documents, sorted."""
    statement = (
        select(MembershipRow.document, func.group_concat(CollectionRow.name, _SEPARATOR))
        .join(CollectionRow, CollectionRow.id == MembershipRow.collection)
        .where(MembershipRow.document.in_(documents))
        .group_by(MembershipRow.document)
    )
    return _split(connection.execute(statement))


def tags_of(connection: Connection, documents: Select[str]) -> dict[str, list[str]]:
    """Return the tags of each of some documents, sorted."""
    statement = (
        select(TagRow.document, func.group_concat(TagRow.tag, _SEPARATOR))
        .where(TagRow.document.in_(documents))
        .group_by(TagRow.document)
    )
    return _split(connection.execute(statement))


def find_collection(connection: Connection, name: str) -> int | None:
    """Return the number of a collection."""
    return connection.scalar(select(CollectionRow.id).where(CollectionRow.name == name))


def create_collection(connection: Connection, name: str) -> None:
    """Write an empty collection, whose name is not taken."""
    connection.execute(insert(CollectionRow).values(name=name))


def rename_collection(connection: Connection, collection: int, name: str) -> None:
    """Write another name, which is not taken."""
    connection.execute(update(CollectionRow).where(CollectionRow.id == collection).values(name=name))


def delete_collection(connection: Connection, collection: int) -> None:
    """Delete a collection; its documents stay."""
    connection.execute(delete(CollectionRow).where(CollectionRow.id == collection))


def members(connection: Connection, collection: int) -> set[DocumentId]:
    """Return the documents of a collection."""
    statement = select(MembershipRow.document).where(MembershipRow.collection == collection)
    return {DocumentId(document) for document in connection.scalars(statement)}


def put_in(connection: Connection, collection: int, documents: Iterable[DocumentId]) -> None:
    """Put documents that are not in it into a collection."""
    if rows := [{"collection": collection, "document": document} for document in documents]:
        connection.execute(insert(MembershipRow), rows)


def take_out(connection: Connection, collection: int, documents: Iterable[DocumentId]) -> None:
    """Take documents out of a collection."""
    is_chosen = is_any_of(MembershipRow.document, documents)
    connection.execute(delete(MembershipRow).where(MembershipRow.collection == collection, is_chosen))


def find_tag(connection: Connection, tag: str) -> str | None:
    """Return a tag as it is written on its documents."""
    return connection.scalar(select(TagRow.tag).where(TagRow.tag == tag).limit(1))


def tagged(connection: Connection, tag: str) -> set[DocumentId]:
    """Return the documents that carry a tag."""
    return {DocumentId(d) for d in connection.scalars(select(TagRow.document).where(TagRow.tag == tag))}


def add_tag(connection: Connection, tag: str, documents: Iterable[DocumentId]) -> None:
    """Tag documents that do not carry it."""
    if rows := [{"document": document, "tag": tag} for document in documents]:
        connection.execute(insert(TagRow), rows)


def remove_tag(connection: Connection, tag: str, documents: Iterable[DocumentId]) -> None:
    """Take a tag from documents."""
    is_chosen = is_any_of(TagRow.document, documents)
    connection.execute(delete(TagRow).where(TagRow.tag == tag, is_chosen))


def _split(rows: Iterable[Row[str, str]]) -> dict[str, list[str]]:
    """Ten thousand joined rows are read in a third of the time of the single ones."""
    return {document: sorted(names.split(_SEPARATOR), key=str.casefold) for document, names in rows}
