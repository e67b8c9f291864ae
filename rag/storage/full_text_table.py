"""A contentless FTS5 table: it holds the words of rows that stand elsewhere, under the same numbers.

See https://sqlite.org/fts5.html, "Contentless Tables" and "Special INSERT Commands".
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Integer, column, insert, select, table
from sqlalchemy.exc import DatabaseError

Entry = Mapping[str, str | int]
"""The number of a row as ``rowid``, and its text in each column."""


class FullTextTable:
    """Changes the table in the transaction that changes what it is of."""

    def __init__(self, name: str, *columns: str) -> None:
        """Both are names of the schema."""
        self._name = name
        self._table = table(name, column(name), column("rowid"), *map(column, columns))
        self._rows = select(column("id", Integer)).select_from(table(f"{name}_docsize"))

    def add(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Add rows."""
        connection.execute(insert(self._table), entries)

    def forget(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Mark rows as deleted whose entries are as they were added; their words stay until :meth:`merge`."""
        connection.execute(insert(self._table), [{self._name: "delete", **entry} for entry in entries])

    def clear(self, connection: Connection) -> None:
        """Delete all rows."""
        self._command(connection, "delete-all")

    def merge(self, connection: Connection) -> None:
        """Merge the index into one piece, which leaves out everything that was deleted."""
        self._command(connection, "optimize")

    def rows(self, connection: Connection) -> set[int]:
        """Return the numbers of all rows."""
        return set(connection.scalars(self._rows))

    def is_intact(self, connection: Connection, expected: set[int]) -> bool:
        """Tell whether the index holds exactly the expected rows and is sound in itself."""
        if self.rows(connection) != expected:
            return False
        try:
            self._command(connection, "integrity-check")
        except DatabaseError:
            return False
        return True

    def _command(self, connection: Connection, word: str) -> None:
        connection.execute(insert(self._table).values({self._name: word}))
