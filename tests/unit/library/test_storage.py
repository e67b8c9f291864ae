"""The database and the disk: damaged, newer, full; and what is packed for them."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, inspect

from rag.errors import StorageError
from rag.storage.boxes import pack_boxes, unpack_boxes
from rag.storage.engine import open_database, read_only, shrink
from rag.storage.migrations import MIGRATIONS, migrate
from rag.storage.tables import Base
from rag.types import AddStatus, Finding, WordBox
from tests.support.library import add, open_library, write_document


@contextmanager
def page_limit(pages: int) -> Iterator[None]:
    """Let every database be full at this size."""

    def limit(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def foreign_keys(engine: Engine, table: str) -> set[tuple[Any, ...]]:
    """Ask SQLite: SQLAlchemy does not read what happens on delete where the key stands at its column."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})").all()
    return {tuple(row[2:]) for row in rows}


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    migrated, declared = open_database(tmp_path / "a.sqlite3"), create_engine("sqlite://")
    migrate(migrated)
    Base.metadata.create_all(declared)
    for table in Base.metadata.tables:
        ours, theirs = ({c["name"]: c for c in inspect(e).get_columns(table)} for e in (migrated, declared))
        assert {name: (str(c["type"]), c["nullable"], c["primary_key"]) for name, c in ours.items()} == {
            name: (str(c["type"]), c["nullable"], c["primary_key"]) for name, c in theirs.items()
        }
        assert foreign_keys(migrated, table) == foreign_keys(declared, table)
    migrated.dispose()
    declared.dispose()


def test_migrations_go_on_where_they_stand(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite3")
    steps = [["CREATE TABLE one (a)"], ["CREATE TABLE two (a)", "INSERT INTO one VALUES (7)"]]
    migrate(engine, steps[:1])
    migrate(engine, steps)
    migrate(engine, steps)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT a FROM one").scalars().all() == [7]
    engine.dispose()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite3")
    with pytest.raises(StorageError):
        migrate(engine, [["CREATE TABLE one (a)", "CREATE nonsense"]])
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_newer_database_is_refused(home: Path) -> None:
    open_library(home).close()
    connection = sqlite3.connect(home / "library.sqlite3")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StorageError, match="newer version"):
        open_library(home)


@pytest.mark.parametrize("content", [b"this is no database" * 300, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "library.sqlite3").write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        open_library(home)
    assert (home / "library.sqlite3").read_bytes() == content


def test_a_database_damaged_inside_is_found_by_the_check(home: Path, documents: list[Path]) -> None:
    library = open_library(home)
    add(library, *documents)
    library.close()
    clear_first_page(home / "library.sqlite3", "chunks")
    library = open_library(home)
    assert [i.finding for i in library.check().inconsistencies] == [Finding.DATABASE]
    library.close()


def test_a_database_whose_documents_are_damaged_is_refused(home: Path, documents: list[Path]) -> None:
    open_library(home).close()
    clear_first_page(home / "library.sqlite3", "documents")
    with pytest.raises(StorageError, match="damaged"):
        open_library(home)


def clear_first_page(file: Path, table: str) -> None:
    connection = sqlite3.connect(file)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()
    connection.close()
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    file.write_bytes(content)


def test_a_full_database_leaves_nothing_of_the_file(
    home: Path, documents: list[Path], tmp_path: Path
) -> None:
    library = open_library(home)
    add(library, documents[0])
    library.close()
    large = write_document(tmp_path, "large", topics=[f"topic{number}" for number in range(60)])
    pages = (home / "library.sqlite3").stat().st_size // 4096
    with page_limit(pages + 8):
        library = open_library(home)
        (result,) = add(library, large)
        assert result.status is AddStatus.FAILED
        assert "disk is full" in str(result.reason)
        assert [document.file for document in library.documents()] == ["kidney.md"]
        assert len(list((home / "originals").iterdir())) == 1
        assert library.check().is_consistent
        library.close()
    library = open_library(home)
    assert add(library, large)[0].status is AddStatus.INDEXED
    library.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_while_copying_leaves_nothing(home: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("A line that is copied until the disk is full.\n" * 60_000, encoding="utf-8")
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tests.support.library import add, open_library\n"
        "library = open_library(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))\n"
        "(result,) = add(library, Path(sys.argv[2]))\n"
        "print(result.status, result.reason, len(library.documents()))\n"
        "library.close()\n"
    )
    command = [sys.executable, "-c", program, str(home), str(large)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == "failed The disk is full; please free some space and try again. 0\n"
    assert list((home / "originals").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"please check the rights"):
        open_library(tmp_path / "file" / "library")


def test_the_settings_of_a_connection(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite3")
    with engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "secure_delete", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "synchronous": 1,
        "busy_timeout": 10_000,
    }


def test_readers_do_not_wait_for_a_writer_and_see_one_state(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite3")
    migrate(engine, [["CREATE TABLE one (a)"]])
    with read_only(engine).begin() as reader, engine.begin() as writer:
        assert reader.exec_driver_sql("SELECT count(*) FROM one").scalar_one() == 0
        writer.exec_driver_sql("INSERT INTO one VALUES (1)")
        writer.commit()
        assert reader.exec_driver_sql("SELECT count(*) FROM one").scalar_one() == 0
    engine.dispose()


def test_shrinking_leaves_nothing_deleted_in_any_file(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite3")
    migrate(engine, [["CREATE TABLE one (a)"]])
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO one VALUES ('a deleted sentence')")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM one")
    assert any(b"a deleted sentence" in file.read_bytes() for file in tmp_path.iterdir())
    shrink(engine)
    assert not any(b"a deleted sentence" in file.read_bytes() for file in tmp_path.iterdir())
    engine.dispose()


coordinates = st.floats(-100, 20_000)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), *[coordinates] * 4), max_size=50))
def test_packed_boxes_come_back(values: list[tuple[int, int, float, float, float, float]]) -> None:
    boxes = [
        WordBox(start=start, end=end, x0=x0, y0=y0, x1=x1, y1=y1) for start, end, x0, y0, x1, y1 in values
    ]
    unpacked = unpack_boxes(pack_boxes(boxes))
    assert [(box.start, box.end) for box in unpacked] == [(box.start, box.end) for box in boxes]
    for ours, theirs in zip(unpacked, boxes, strict=True):
        for side in ("x0", "y0", "x1", "y1"):
            assert getattr(ours, side) == pytest.approx(getattr(theirs, side), abs=0.00501)
