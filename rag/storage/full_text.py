"""The full-text index ``chunk_text``: written in the same transaction as the chunks it belongs to."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, text, true

from rag.storage.engine import read_only, storage_errors
from rag.storage.full_text_table import FullTextTable
from rag.storage.searchable import is_searchable
from rag.storage.segmentation import VERSION, segment
from rag.storage.tables import ChunkRow, DocumentRow, FullTextFormRow
from rag.storage.values import is_any_of
from rag.types import ChunkId, DocumentId

_BATCH = 1000
_HEADINGS_WEIGHT = 2.0
"""What a match in title or headings counts beside one in the text."""

_TABLE = FullTextTable("chunk_text", "headings", "text")
_SIZE = text("SELECT count(*) FROM chunk_text_docsize")
_SEARCH = """
    SELECT chunks.id, sum(found.score) AS total FROM ({rankings}) AS found
    JOIN chunks ON chunks.row = found.row
    GROUP BY found.row ORDER BY total DESC, chunks.id LIMIT :top_k
"""
_RANKING = """
    SELECT * FROM (
        SELECT rowid AS row, :weight{number} * -bm25(chunk_text, :headings_weight, 1.0) AS score
        FROM chunk_text WHERE chunk_text MATCH :expression{number} {scope} ORDER BY score DESC LIMIT :depth
    )
"""
_COUNT = text(
    "SELECT count(*) FROM (SELECT 1 FROM chunk_text WHERE chunk_text MATCH :expression LIMIT :at_most)"
)
_IN_SCOPE = """
    AND rowid IN (SELECT row FROM chunks WHERE document IN (SELECT value FROM json_each(:documents)))
"""


def index_documents(connection: Connection, documents: Collection[str]) -> None:
    """Add the searchable chunks of documents, as one piece of the index."""
    for entries in _entries(connection, is_any_of(ChunkRow.document, documents)):
        _TABLE.add(connection, entries)


def forget_documents(connection: Connection, documents: Collection[str]) -> None:
    """Mark the entries of documents as deleted, while they are as they were when they were made.

    Their words stay in the file until :func:`purge`.
    """
    for entries in _entries(connection, is_any_of(ChunkRow.document, documents)):
        _TABLE.forget(connection, entries)


def purge(connection: Connection) -> None:
    """Merge the index into one piece, which leaves out everything that was deleted."""
    _TABLE.merge(connection)


def refresh(engine: Engine) -> None:
    """Make an index anew that was made with another segmentation; 10,000 chunks take a few seconds."""
    with storage_errors():
        with read_only(engine).begin() as connection:
            version = connection.scalar(select(FullTextFormRow.version))
        if version != VERSION:
            with engine.begin() as connection:
                rebuild(connection)


def rebuild(connection: Connection) -> None:
    """Make the index again from the chunks."""
    connection.execute(delete(FullTextFormRow))
    connection.execute(insert(FullTextFormRow).values(version=VERSION))
    _TABLE.clear(connection)
    for entries in _entries(connection, true()):
        _TABLE.add(connection, entries)


def is_intact(connection: Connection) -> bool:
    """Tell whether the index holds exactly the searchable chunks and is sound in itself."""
    return _TABLE.is_intact(connection, set(connection.scalars(select(ChunkRow.row).where(is_searchable()))))


def size(engine: Engine) -> int:
    """Count the chunks in the index."""
    with storage_errors(), read_only(engine).begin() as connection:
        return connection.scalar(_SIZE) or 0


def count(engine: Engine, expression: str, *, at_most: int) -> int:
    """Count the chunks that satisfy an expression; what is more than ``at_most`` is not counted."""
    parameters = {"expression": expression, "at_most": at_most}
    with storage_errors(), read_only(engine).begin() as connection:
        return connection.scalar(_COUNT, parameters) or 0


def search(
    engine: Engine,
    expressions: Sequence[tuple[str, float]],
    *,
    top_k: int,
    documents: Collection[DocumentId] | None = None,
) -> list[tuple[ChunkId, float]]:
    """Return the chunks that satisfy any of some expressions, best first.

    Args:
        engine: of a library's database.
        expressions: in the language of FTS5, each with what its BM25 counts.
        top_k: how many at most; each expression brings twice as many, of which the sums are compared.
        documents: where to search; everywhere where it is ``None``.

    Returns:
        Chunks with their weighted sum of BM25 (positive).
    """
    if not expressions:
        return []
    scope = "" if documents is None else _IN_SCOPE
    rankings = (_RANKING.format(number=number, scope=scope) for number in range(len(expressions)))
    parameters: dict[str, Any] = {"headings_weight": _HEADINGS_WEIGHT, "top_k": top_k, "depth": 2 * top_k}
    for number, (expression, weight) in enumerate(expressions):
        parameters |= {f"expression{number}": expression, f"weight{number}": weight}
    if documents is not None:
        parameters["documents"] = json.dumps(sorted(documents))
    statement = text(_SEARCH.format(rankings=" UNION ALL ".join(rankings)))
    with storage_errors(), read_only(engine).begin() as connection:
        return [(ChunkId(chunk), score) for chunk, score in connection.execute(statement, parameters)]


def _entries(connection: Connection, condition: ColumnElement[bool]) -> Iterator[list[dict[str, Any]]]:
    """Yield what the index holds of searchable chunks, at most a thousand at a time."""
    statement = (
        select(ChunkRow.row, DocumentRow.title, ChunkRow.heading_path, ChunkRow.text)
        .join(DocumentRow, DocumentRow.id == ChunkRow.document)
        .where(is_searchable(), condition)
        .order_by(ChunkRow.row)  # a smaller row than the one before would begin another piece of the index
        .execution_options(yield_per=_BATCH)
    )
    for rows in connection.execute(statement).partitions():
        yield [
            {"rowid": row, "headings": segment("\n".join([title, *headings])), "text": segment(body)}
            for row, title, headings, body in rows
        ]
