"""The form of the file of conversations, version by version; only forwards."""

from collections.abc import Sequence

_FIRST = (
    # Files that were written before there were versions have these tables already.
    """
    CREATE TABLE IF NOT EXISTS conversations (
        id VARCHAR(32) NOT NULL PRIMARY KEY,
        title TEXT NOT NULL,
        changed DOUBLE NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS turns (
        number INTEGER NOT NULL PRIMARY KEY,
        conversation VARCHAR(32) NOT NULL,
        asked DOUBLE NOT NULL,
        answer TEXT NOT NULL,
        FOREIGN KEY (conversation) REFERENCES conversations (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX IF NOT EXISTS ix_turns_conversation ON turns (conversation)",
)
_SECOND = (
    "ALTER TABLE turns ADD COLUMN parent INTEGER REFERENCES turns (number)",
    # Until now every turn followed the one before it.
    """
    UPDATE turns SET parent = (
        SELECT max(earlier.number) FROM turns AS earlier
        WHERE earlier.conversation = turns.conversation AND earlier.number < turns.number
    )
    """,
    # A deletion looks whether the turn is anybody's parent.
    "CREATE INDEX ix_turns_parent ON turns (parent)",
    "ALTER TABLE conversations ADD COLUMN leaf INTEGER",
    "UPDATE conversations SET leaf = (SELECT max(number) FROM turns WHERE conversation = conversations.id)",
    # Without content: the text stands in `turns` and is not stored twice. Rows are those of `turns`.
    "CREATE VIRTUAL TABLE turn_text USING fts5(question, answer, content='', tokenize='porter unicode61')",
    "CREATE TABLE full_text_form (form TEXT NOT NULL PRIMARY KEY)",
)
MIGRATIONS: Sequence[Sequence[str]] = (_FIRST, _SECOND)
"""Statements that lead from version ``n`` to ``n + 1``. Never change one that was published."""
