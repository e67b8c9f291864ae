"""A vector index that is torn, missing or foreign: the check finds it, the rebuild repairs it."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.reading import DocumentReader
from rag.types import Finding
from rag.vector_store import chroma
from tests.support.library import HashingEmbeddingModel, add, open_library, write_document


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose index is beyond the threshold from which Chroma keeps its graph in files of its own."""
    home = tmp_path_factory.mktemp("sound") / "library"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(chroma._INDEX, "sync_threshold", 200)
        patch.setitem(chroma._INDEX, "batch_size", 100)
        library = open_library(home, open_vector_store=chroma.open_chroma)
        topics = [f"topic{number}" for number in range(150)]
        add(library, write_document(home.parent, "large", topics=topics))
        library.close()
    return home


def generation(home: Path) -> Path:
    (folder,) = (home / "vectors").iterdir()
    return folder


def truncate_graph(home: Path) -> None:
    files = list(generation(home).rglob("data_level0.bin"))
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    (generation(home) / "in-use").touch()  # what was written to it did not end well


def truncate_database(home: Path) -> None:
    file = generation(home) / "chroma.sqlite3"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (generation(home) / "in-use").touch()


def delete_database(home: Path) -> None:
    (generation(home) / "chroma.sqlite3").unlink()


def write_garbage(home: Path) -> None:
    (generation(home) / "chroma.sqlite3").write_bytes(b"\xffthis is no database" * 999)


def delete_folder(home: Path) -> None:
    shutil.rmtree(home / "vectors")


def leave_unfinished(home: Path) -> None:
    (generation(home) / "complete").unlink()


def take_from_another_model(home: Path) -> None:
    folder = generation(home)
    folder.rename(folder.with_name(f"{HashingEmbeddingModel(seed=1).fingerprint[:16]}-1"))


def make_of_another_version(home: Path) -> None:
    connection = sqlite3.connect(generation(home) / "chroma.sqlite3")
    with connection:
        connection.execute("UPDATE migrations SET sql = sql || ' ', hash = 'another'")
        connection.execute("ALTER TABLE collections RENAME TO groups")
    connection.close()


def empty_collection(home: Path) -> None:
    connection = sqlite3.connect(generation(home) / "chroma.sqlite3")
    with connection:
        connection.execute("DELETE FROM embeddings WHERE id % 2")
    connection.close()


def refuse_to_read(*_: object, **__: object) -> None:
    raise AssertionError("a document was read again")


@pytest.mark.parametrize(
    "damage",
    [
        truncate_graph,
        truncate_database,
        delete_database,
        write_garbage,
        delete_folder,
        leave_unfinished,
        take_from_another_model,
        make_of_another_version,
        empty_collection,
    ],
)
def test_a_broken_index_is_found_and_made_again(
    sound: Path, home: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(sound, home)
    damage(home)
    library = open_library(home, open_vector_store=chroma.open_chroma)
    monkeypatch.setattr(DocumentReader, "read", refuse_to_read)
    report = library.check()
    assert [each.finding for each in report.inconsistencies] == [Finding.VECTOR_INDEX]
    report = library.rebuild(cancel=threading.Event(), on_progress=lambda _: None)
    assert report.inconsistencies == ()
    assert library.search("topic7 guideline").hits
    library.close()


def test_an_index_that_was_broken_is_made_again_by_a_search(sound: Path, home: Path) -> None:
    shutil.copytree(sound, home)
    write_garbage(home)
    library = open_library(home, open_vector_store=chroma.open_chroma)
    assert library.search("topic7 guideline").hits
    assert library.check().inconsistencies == ()
    library.close()


def test_vectors_of_another_model_are_found_and_embedded_again(sound: Path, home: Path) -> None:
    shutil.copytree(sound, home)
    library = open_library(
        home, open_vector_store=chroma.open_chroma, embedding=HashingEmbeddingModel(seed=1)
    )
    findings = [each.finding for each in library.check().inconsistencies]
    assert Finding.FOREIGN_VECTORS in findings
    assert library.rebuild(cancel=threading.Event(), on_progress=lambda _: None).inconsistencies == ()
    library.close()
