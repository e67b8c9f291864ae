"""Title, authors and year: what the user wrote comes first, what the file says is kept beside it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from rag.storage.tables import DocumentRow
from rag.types import ExtractedDocument, Metadata

_FIELDS = ("title", "authors", "year")


def read_metadata(connection: Connection, document: str) -> tuple[Metadata, Metadata] | None:
    """Return what counts and what was found in the file; ``None`` where there is no such document."""
    statement = select(DocumentRow.title, DocumentRow.authors, DocumentRow.year, DocumentRow.edited)
    row = connection.execute(statement.where(DocumentRow.id == document)).one_or_none()
    if row is None:
        return None
    current = {"title": row.title, "authors": row.authors, "year": row.year}
    return _metadata(current), _metadata(current | row.edited)


def write_metadata(connection: Connection, document: str, metadata: Metadata, found: Metadata) -> None:
    """Write what the user wants; a field that is as it was found does not count as edited."""
    wanted, original = _values(metadata), _values(found)
    edited = {name: original[name] for name in _FIELDS if wanted[name] != original[name]}
    _write(connection, document, wanted | {"edited": edited})


def write_found(connection: Connection, document: str, extracted: ExtractedDocument) -> None:
    """Write what was found in the file, now or again; what the user wrote stays."""
    edited = connection.scalar(select(DocumentRow.edited).where(DocumentRow.id == document)) or {}
    found = {"title": extracted.title, "authors": list(extracted.authors), "year": extracted.year}
    kept = {name: value for name, value in found.items() if name not in edited}
    _write(connection, document, kept | {"edited": {name: found[name] for name in edited}})


def _metadata(values: Mapping[str, Any]) -> Metadata:
    return Metadata(title=values["title"], authors=tuple(values["authors"]), year=values["year"])


def _values(metadata: Metadata) -> dict[str, Any]:
    return {"title": metadata.title, "authors": list(metadata.authors), "year": metadata.year}


def _write(connection: Connection, document: str, values: Mapping[str, Any]) -> None:
    connection.execute(update(DocumentRow).where(DocumentRow.id == document).values(**values))
