"""An index of words whose rows stand elsewhere."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from rag.storage.full_text_table import FullTextTable

TABLE = FullTextTable("note_text", "title", "body")
FIRST = {"rowid": 7, "title": "Potassium", "body": "it's 6.5"}
SECOND = {"rowid": 9, "title": "Sodium", "body": "120 now"}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text("CREATE VIRTUAL TABLE note_text USING fts5(title, body, content='')"))
        yield connection
    engine.dispose()


def find(connection: Connection, word: str) -> list[int]:
    found = text("SELECT rowid FROM note_text WHERE note_text MATCH :word")
    return list(connection.scalars(found, {"word": word}))


def test_rows_are_found_by_the_words_of_each_column_until_they_are_forgotten(connection: Connection) -> None:
    TABLE.add(connection, [FIRST, SECOND])
    assert (find(connection, "potassium"), find(connection, "now")) == ([7], [9])
    assert TABLE.rows(connection) == {7, 9}
    assert TABLE.is_intact(connection, {7, 9})
    TABLE.forget(connection, [FIRST])
    TABLE.merge(connection)
    assert (find(connection, "potassium"), find(connection, "sodium")) == ([], [9])
    assert not TABLE.is_intact(connection, {7, 9})
    assert TABLE.is_intact(connection, {9})


def test_all_can_be_deleted_at_once(connection: Connection) -> None:
    TABLE.add(connection, [FIRST, SECOND])
    TABLE.clear(connection)
    assert find(connection, "sodium") == []
    assert TABLE.is_intact(connection, set())


def test_a_damaged_index_is_told(connection: Connection) -> None:
    TABLE.add(connection, [FIRST, SECOND])
    connection.commit()
    connection.execute(text("DELETE FROM note_text_data WHERE id > 10"))  # the words themselves
    assert not TABLE.is_intact(connection, {7, 9})
