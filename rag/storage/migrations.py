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
_SECOND = (
    "ALTER TABLE documents ADD COLUMN authors JSON NOT NULL DEFAULT '[]'",
    "ALTER TABLE documents ADD COLUMN year INTEGER",
    "ALTER TABLE documents ADD COLUMN edited JSON NOT NULL DEFAULT '{}'",
    "ALTER TABLE documents ADD COLUMN is_enabled BOOLEAN NOT NULL DEFAULT 1",
    "ALTER TABLE documents ADD COLUMN replaced_by VARCHAR(16) REFERENCES documents (id) ON DELETE SET NULL",
    "ALTER TABLE documents ADD COLUMN replaces VARCHAR(16) REFERENCES documents (id) ON DELETE SET NULL",
    "ALTER TABLE documents ADD COLUMN ocr_pages INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE documents ADD COLUMN pipeline INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE documents ADD COLUMN password TEXT",
    "ALTER TABLE pages ADD COLUMN is_ocr BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE chunks ADD COLUMN is_restored BOOLEAN NOT NULL DEFAULT 0",
    """
    CREATE TABLE collections (
        id INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE
    )
    """,
    """
    CREATE TABLE memberships (
        collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
        document VARCHAR(16) NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        PRIMARY KEY (collection, document)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX ix_memberships_document ON memberships (document)",
    """
    CREATE TABLE tags (
        document VARCHAR(16) NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        tag TEXT NOT NULL COLLATE NOCASE,
        PRIMARY KEY (document, tag)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE folders (
        id INTEGER NOT NULL PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        collection INTEGER REFERENCES collections (id) ON DELETE SET NULL,
        synchronised DOUBLE
    )
    """,
    """
    CREATE TABLE sources (
        path TEXT NOT NULL PRIMARY KEY,
        document VARCHAR(16) NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL
    )
    """,
    "CREATE INDEX ix_sources_document ON sources (document)",
    """
    CREATE TABLE vectors_of_models (
        chunk INTEGER NOT NULL REFERENCES chunks (row) ON DELETE CASCADE,
        fingerprint VARCHAR(64) NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (chunk, fingerprint)
    )
    """,
    "INSERT INTO vectors_of_models SELECT chunk, fingerprint, vector FROM vectors",
    "DROP TABLE vectors",
    "ALTER TABLE vectors_of_models RENAME TO vectors",
    "CREATE INDEX ix_vectors_fingerprint ON vectors (fingerprint)",
    "CREATE TABLE full_text_form (version INTEGER NOT NULL PRIMARY KEY)",
)
_THIRD = (
    # The primary key of `vectors` serves as well, and each index is written again with every document.
    "DROP INDEX ix_vectors_fingerprint",
    # Each document adds a piece; more of them are joined at once, so that words are written less often.
    "INSERT INTO chunk_text (chunk_text, rank) VALUES ('automerge', 16)",
)
_FOURTH = (
    # Small documents add a piece together now; with more pieces still, words are seldom written again.
    "INSERT INTO chunk_text (chunk_text, rank) VALUES ('automerge', 32)",
    "INSERT INTO chunk_text (chunk_text, rank) VALUES ('crisismerge', 40)",
)
MIGRATIONS: Sequence[Sequence[str]] = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""Statements that lead from version ``n`` to ``n + 1``. Never change one that was published."""


def migrate(
    engine: Engine,
    migrations: Sequence[Sequence[str]] = MIGRATIONS,
    *,
    what: str = "This library was",
) -> None:
    """Bring a database to the newest version; each step is one transaction.

    Args:
        engine: of the database.
        migrations: statements that lead from one version to the next.
        what: begins the sentence about a database that a newer Bedside made.

    Raises:
        StorageError: it was written by a newer Bedside, it is damaged, or the disk refuses.
    """
    with storage_errors():
        with engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > len(migrations):
            raise StorageError(
                f"{what} made by a newer version of Bedside; please install that version first."
            )
        for number, statements in enumerate(migrations[version:], version + 1):
            with engine.begin() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"PRAGMA user_version = {number}")
