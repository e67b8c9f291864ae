"""The full-text index ``chunk_text``: written in the same transaction as the chunks it belongs to."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select, text, true
from sqlalchemy.exc import DatabaseError

from rag.storage.engine import read_only, storage_errors
from rag.storage.segmentation import match_expression, segment
from rag.storage.tables import ChunkRow, DocumentRow
from rag.types import ChunkId

_HEADINGS_WEIGHT = 0.5
"""What a match in title or headings counts beside one in the text."""

_INSERT = text("INSERT INTO chunk_text (rowid, headings, text) VALUES (:row, :headings, :text)")
_DELETE = text(
    "INSERT INTO chunk_text (chunk_text, rowid, headings, text) VALUES ('delete', :row, :headings, :text)"
)
_DELETE_ALL = text("INSERT INTO chunk_text (chunk_text) VALUES ('delete-all')")
_MERGE = text("INSERT INTO chunk_text (chunk_text) VALUES ('optimize')")
_VERIFY = text("INSERT INTO chunk_text (chunk_text) VALUES ('integrity-check')")
_ROWS = text("SELECT id FROM chunk_text_docsize")
_SEARCH = text(
    "SELECT chunks.id, found.score FROM ("
    "SELECT rowid, -bm25(chunk_text, :weight, 1.0) AS score FROM chunk_text "
    "WHERE chunk_text MATCH :expression ORDER BY score DESC LIMIT :top_k"
    ") AS found JOIN chunks ON chunks.row = found.rowid ORDER BY found.score DESC, chunks.id"
)


def index_document(connection: Connection, document: str) -> None:
    """Add the chunks of a document that are not filtered."""
    if entries := _entries(connection, ChunkRow.document == document):
        connection.execute(_INSERT, entries)


def forget_document(connection: Connection, document: str) -> None:
    """Mark the entries of a document as deleted, while its chunks are still there.

    Their words stay in the file until :func:`purge`.
    """
    if entries := _entries(connection, ChunkRow.document == document):
        connection.execute(_DELETE, entries)


def purge(connection: Connection) -> None:
    """Merge the index into one piece, which leaves out everything that was deleted."""
    connection.execute(_MERGE)


def rebuild(connection: Connection) -> None:
    """Make the index again from the chunks."""
    connection.execute(_DELETE_ALL)
    if entries := _entries(connection, true()):
        connection.execute(_INSERT, entries)


def is_intact(connection: Connection) -> bool:
    """Tell whether the index holds exactly the chunks that are not filtered and is sound in itself."""
    expected = set(connection.scalars(select(ChunkRow.row).where(ChunkRow.filtered.is_(None))))
    if set(connection.scalars(_ROWS)) != expected:
        return False
    try:
        connection.execute(_VERIFY)
    except DatabaseError:
        return False
    return True


def search(engine: Engine, query: str, *, top_k: int) -> list[tuple[ChunkId, float]]:
    """Return chunks in which any term of the query stands, with their BM25 (positive), best first."""
    expression = match_expression(query)
    if expression is None:
        return []
    parameters = {"expression": expression, "weight": _HEADINGS_WEIGHT, "top_k": top_k}
    with storage_errors(), read_only(engine).begin() as connection:
        return [(ChunkId(chunk), score) for chunk, score in connection.execute(_SEARCH, parameters)]


def _entries(connection: Connection, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    statement = (
        select(ChunkRow.row, DocumentRow.title, ChunkRow.heading_path, ChunkRow.text)
        .join(DocumentRow, DocumentRow.id == ChunkRow.document)
        .where(ChunkRow.filtered.is_(None), condition)
    )
    return [
        {"row": row, "headings": segment("\n".join([title, *headings])), "text": segment(body)}
        for row, title, headings, body in connection.execute(statement)
    ]
