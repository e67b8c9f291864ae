"""The newest vectors in memory, older ones in a store: what moves, what is found, what is written again."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.library import Library
from rag.vector_store.chroma import open_chroma
from rag.vector_store.vector_store import VectorStore
from tests.support.library import add, add_one, open_exact, open_library, write_document

SOME = 10


@pytest.fixture(params=[open_exact, open_chroma])
def open_store(request: pytest.FixtureRequest) -> Callable[[Path], VectorStore]:
    return request.param


def write(folder: Path, count: int) -> list[Path]:
    return [write_document(folder, f"name{number}", topics=[f"topic{number}"]) for number in range(count)]


def generations(home: Path) -> list[Path]:
    return sorted((home / "vectors").glob("*-*"))


def found_topics(library: Library, count: int) -> list[str]:
    hits = [library.search(f"topic{number} guideline").hits[0] for number in range(count)]
    return [hit.document.title.removeprefix("Handbook name") for hit in hits]


def test_few_vectors_need_no_files_and_come_back(home: Path, tmp_path: Path) -> None:
    library = open_library(home, exact_up_to=1000)
    add(library, *write(tmp_path, 3))
    library.close()
    assert generations(home) == []
    library = open_library(home, exact_up_to=1000)
    assert library.check().is_consistent
    assert found_topics(library, 3) == ["0", "1", "2"]
    assert library.check().is_consistent
    library.close()


def test_the_oldest_move_into_a_store_and_all_are_found(
    home: Path, tmp_path: Path, open_store: Callable[[Path], VectorStore]
) -> None:
    files = write(tmp_path, 25)
    library = open_library(home, open_vector_store=open_store, exact_up_to=SOME)
    add(library, *files)
    chunks = sum(document.chunks for document in library.documents())
    assert chunks > 2 * SOME
    assert found_topics(library, 25) == [str(number) for number in range(25)]
    library.close()
    (generation,) = generations(home)
    assert chunks - 2 * SOME <= int((generation / "complete").read_text()) <= chunks - SOME

    library = open_library(home, open_vector_store=open_store, exact_up_to=SOME)
    assert library.check().is_consistent
    assert found_topics(library, 25) == [str(number) for number in range(25)]
    assert library.check().is_consistent
    library.close()
    assert generations(home) == [generation]


def test_a_removal_writes_the_store_again_only_where_it_held_the_document(
    home: Path, tmp_path: Path, open_store: Callable[[Path], VectorStore]
) -> None:
    library = open_library(home, open_vector_store=open_store, exact_up_to=SOME)
    results = add(library, *write(tmp_path, 25))
    (before,) = generations(home)
    library.remove(results[-1].document)
    assert generations(home) == [before]
    library.remove(results[0].document)
    assert generations(home) != [before]
    assert library.check().is_consistent
    assert found_topics(library, 24)[1:] == [str(number) for number in range(1, 24)]
    library.close()


def test_what_was_disabled_leaves_the_store_when_it_is_removed(home: Path, tmp_path: Path) -> None:
    library = open_library(home, open_vector_store=open_chroma, exact_up_to=SOME)
    results = add(library, *write(tmp_path, 25))
    (before,) = generations(home)
    first = results[0].document
    library.organisation.enable([first], is_enabled=False)
    library.organisation.enable([first], is_enabled=True)
    assert library.check().is_consistent
    assert found_topics(library, 25)[0] == "0"
    library.organisation.enable([first], is_enabled=False)
    library.remove(first)
    assert generations(home) != [before]
    assert library.check().is_consistent
    library.close()


def test_another_limit_is_kept_from_then_on(home: Path, tmp_path: Path) -> None:
    library = open_library(home, exact_up_to=1000)
    files = write(tmp_path, 25)
    add(library, *files)
    library.close()
    library = open_library(home, exact_up_to=SOME)
    assert found_topics(library, 25) == [str(number) for number in range(25)]
    assert len(generations(home)) == 1
    add_one(library, write_document(tmp_path, "another", topics=["something"]))
    assert library.rebuild(cancel=threading.Event(), on_progress=lambda _: None).is_consistent
    library.close()
