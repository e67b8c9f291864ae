"""The library database's form, version by version; only forwards."""

from collections.abc import Sequence

from sqlalchemy import Engine

from rag.errors import StorageError
from rag.storage.engine import storage_errors

_FIRST = (
    """
    CREATE TABLE documents (
        id VARCHAR(16) NOT NULL PRIMARY KEY,
        file TEXT NOT NULL,
        title TEXT NOT NULL,
        sha256 VARCHAR(64) NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        media_type VARCHAR(128) NOT NULL,
        status VARCHAR(16) NOT NULL,
        added DOUBLE NOT NULL,
        pages INTEGER,
        chunks INTEGER NOT NULL,
        filtered INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE pages (
        document VARCHAR(16) NOT NULL,
        "index" INTEGER NOT NULL,
        number INTEGER,
        text TEXT NOT NULL,
        width DOUBLE,
        height DOUBLE,
        boxes BLOB NOT NULL,
        PRIMARY KEY (document, "index"),
        FOREIGN KEY (document) REFERENCES documents (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE chunks (
        row INTEGER NOT NULL PRIMARY KEY,
        id VARCHAR(64) NOT NULL UNIQUE,
        document VARCHAR(16) NOT NULL,
        ordinal INTEGER NOT NULL,
        filtered VARCHAR(32),
        heading_path JSON NOT NULL,
        spans JSON NOT NULL,
        sentences JSON NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (document, ordinal),
        FOREIGN KEY (document) REFERENCES documents (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE vectors (
        chunk INTEGER NOT NULL PRIMARY KEY,
        fingerprint VARCHAR(64) NOT NULL,
        vector BLOB NOT NULL,
        FOREIGN KEY (chunk) REFERENCES chunks (row) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_vectors_fingerprint ON vectors (fingerprint)",
    "CREATE TABLE removals (document VARCHAR(16) NOT NULL PRIMARY KEY)",
    # Without content: the text stands in `chunks` and is not stored twice. Rows are those of `chunks`.
    "CREATE VIRTUAL TABLE chunk_text USING fts5(headings, text, content='', tokenize='porter unicode61')",
)
MIGRATIONS: Sequence[Sequence[str]] = (_FIRST,)
"""Statements that lead from version ``n`` to ``n + 1``. Never change one that was published."""


def migrate(engine: Engine, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a database to the newest version; each step is one transaction.

    Raises:
        StorageError: it was written by a newer Bedside, it is damaged, or the disk refuses.
    """
    with storage_errors():
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > len(migrations):
            raise StorageError(
                "This library was made by a newer version of Bedside; please install that version to open it."
            )
        for number, statements in enumerate(migrations[version:], version + 1):
            with engine.begin() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"PRAGMA user_version = {number}")
