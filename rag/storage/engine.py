"""The one place that opens a database of the data folder."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from rag.errors import StorageError

BUSY_SECONDS = 10
"""How long a statement waits for another writer, and the last checkpoint for readers."""

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    # Deleted text is overwritten with zeros, also where the page stays in use.
    "secure_delete = ON",
    # Pages that every document changes, as of indexes, go into the database once in many documents: 32 MB.
    "wal_autocheckpoint = 8000",
    # Changed pages stay in memory until the transaction ends, up to 32 MB: those that are written before are
    # written again with the next change.
    "cache_spill = 8000",
    # By what a statement undoes itself: it is small, and no text belongs into the system's folder.
    "temp_store = MEMORY",
)
_DEFERRED = "is_read_only"


def open_database(path: Path) -> Engine:
    """Open or make an SQLite database; threads may share the engine.

    A transaction takes the write lock when it begins, so that it never fails halfway on another writer;
    those of :func:`read_only` do not.

    Raises:
        StorageError: the file is damaged or no database, or the disk refuses.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    try:
        with storage_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
    except StorageError:
        engine.dispose()
        raise
    return engine


def read_only(engine: Engine) -> Engine:
    """Return the same engine for transactions that only read: each sees one state and holds nobody up."""
    return engine.execution_options(**{_DEFERRED: True})


def shrink(engine: Engine) -> None:
    """Rewrite the file and cut its log, so that nothing which was deleted is left in either.

    Raises:
        StorageError: the disk refuses, or somebody read for too long; nothing is lost.
    """
    with storage_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA temp_store = FILE")  # as large as the database
        try:
            connection.exec_driver_sql("VACUUM")
        finally:
            connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
        is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
    if is_busy:
        raise StorageError("The database is in use, so its log still holds removed text; please try again.")


def is_sound(engine: Engine) -> bool:
    """Read all of a database; 1 GB takes some seconds.

    Raises:
        StorageError: it is so damaged that it cannot be read.
    """
    with storage_errors(), read_only(engine).begin() as connection:
        findings = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    return findings == "ok" and orphans is None


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what SQLite and the disk raise into one sentence.

    Raises:
        StorageError: in place of SQLAlchemy's database errors and ``OSError``.
    """
    try:
        yield
    except DBAPIError as e:
        raise StorageError(_describe(e.orig)) from e
    except OSError as e:
        raise StorageError(_describe(e)) from e


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own comes too late for reads and DDL
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if options.get(_DEFERRED) else "BEGIN IMMEDIATE")


def _describe(error: BaseException | None) -> str:
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "The disk is full; please free some space and try again."
        return (
            "The disk refuses to read or write; please check the rights of the file and of the data folder."
        )
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return "The disk is full; please free some space and try again."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return (
                "A database in the data folder is damaged; please restore the folder from a copy, or move it "
                "away and add the documents again."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "The database is in use by another program; please close it and try again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return "The database cannot be written; please check the rights of the data folder."
        case sqlite3.SQLITE_IOERR:
            return "The disk refuses to read or write the database; please check its space and its health."
    return "The database failed; please run a check of the library."
