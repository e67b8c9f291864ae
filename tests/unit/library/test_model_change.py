"""Another embedding model: the old one serves until all is embedded, and nothing done is lost."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.embedding.embedding_model import Vectors
from rag.embedding.serving_model import Gate
from rag.errors import Cancelled, EmbeddingError
from rag.library import Library
from rag.model_change import BATCH
from tests.support.library import HashingEmbeddingModel, add, open_library, write_document

OTHER = HashingEmbeddingModel(dimension=48, seed=1)


class WatchedModel(HashingEmbeddingModel):
    """Tells of each batch before it is embedded, and whether it was closed."""

    def __init__(self, on_batch: Callable[[int], None] = lambda _: None) -> None:
        super().__init__(dimension=48, seed=1)
        self._on_batch = on_batch
        self.batches = 0
        self.is_closed = False

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        self.batches += 1
        self._on_batch(self.batches)
        return super().embed(texts, cancel=cancel, on_progress=on_progress)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(params=[0, 1000], ids=["store", "memory"])
def filled(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Iterator[Library]:
    library = open_library(home, exact_up_to=request.param)
    for number in range(3):
        topics = [f"topic{number}x{part}" for part in range(30)]
        add(library, write_document(tmp_path / "files", f"book{number}", topics=topics))
    yield library
    library.close()


def change(library: Library, model: HashingEmbeddingModel, cancel: threading.Event | None = None) -> None:
    library.change_model(model, cancel=cancel or threading.Event(), on_progress=lambda _: None)


def hits(library: Library, query: str) -> list[str]:
    return [hit.chunk.id for hit in library.search(query).hits]


def test_all_is_embedded_anew_and_the_new_model_serves(filled: Library) -> None:
    found = filled.search("topic1x5 guideline").hits[0].chunk
    told: list[float] = []
    filled.change_model(OTHER, cancel=threading.Event(), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert filled.search("topic1x5 guideline").hits[0].chunk == found
    report = filled.check()
    assert report.is_consistent
    assert filled._archive.count(fingerprint=OTHER.fingerprint) == report.vectors == report.chunks
    filled.drop_other_vectors()
    assert filled._archive.count(fingerprint=HashingEmbeddingModel().fingerprint) == 0
    assert filled.check().is_consistent


def test_the_old_model_serves_meanwhile(filled: Library) -> None:
    before = hits(filled, "topic2x7 rule")
    seen: list[bool] = []
    model = WatchedModel(lambda _: seen.append(hits(filled, "topic2x7 rule") == before))
    change(filled, model)
    assert len(seen) > 3
    assert all(seen)


def test_stopped_it_goes_on_where_it_was(filled: Library, home: Path) -> None:
    cancel = threading.Event()
    model = WatchedModel(lambda batch: cancel.set() if batch == 3 else None)
    before = hits(filled, "topic0x3")
    with pytest.raises(Cancelled):
        change(filled, model, cancel)
    done = filled._archive.count(fingerprint=OTHER.fingerprint)
    assert done == 2 * BATCH
    assert hits(filled, "topic0x3") == before
    assert filled.check().is_consistent
    assert not model.is_closed
    filled.close()
    reopened = open_library(home)
    rest, told = WatchedModel(), list[float]()
    reopened.change_model(rest, cancel=threading.Event(), on_progress=told.append)
    assert told[0] > 0
    assert rest.batches == -(-(reopened.check().chunks - done) // BATCH)
    reopened.close()
    assert rest.is_closed


def test_killed_after_the_change_either_model_can_serve(filled: Library, home: Path) -> None:
    change(filled, OTHER)
    filled.close()
    for model in (HashingEmbeddingModel(), OTHER):
        library = open_library(home, embedding=model)
        assert library.search("topic0x3 guideline").hits
        assert library.check().is_consistent
        library.close()


def test_what_is_added_and_removed_meanwhile_is_in_both(filled: Library, tmp_path: Path) -> None:
    def intervene(batch: int) -> None:
        if batch == 2:
            filled.remove(filled.documents()[-1].id)
            add(filled, write_document(tmp_path, "late", topics=["oxygen", "helium"]))

    change(filled, WatchedModel(intervene))
    assert filled.check().is_consistent
    assert "helium" in filled.search("helium guideline").hits[0].chunk.text
    assert not any("topic2x" in hit.chunk.text for hit in filled.search("topic2x7").hits)


def test_adding_and_searching_beside_the_change_keep_vectors_apart(filled: Library, tmp_path: Path) -> None:
    files = [
        write_document(tmp_path / "more", f"more{number}", topics=[f"new{number}"]) for number in range(8)
    ]
    done = threading.Event()

    def search() -> int:
        count = 0
        while not done.is_set():
            count += bool(filled.search("topic1x1 guideline").hits)
        return count

    with ThreadPoolExecutor(2) as pool:
        searching, adding = pool.submit(search), pool.submit(add, filled, *files)
        try:
            change(filled, OTHER)
            change(filled, HashingEmbeddingModel(seed=2))
        finally:
            adding.result()
            done.set()
        assert searching.result() > 0
    change(filled, OTHER)
    assert filled.check().is_consistent
    assert filled._archive.without_vector(fingerprint=OTHER.fingerprint) == []


def test_a_model_that_fails_leaves_the_old_one(filled: Library) -> None:
    def fail(batch: int) -> None:
        raise EmbeddingError("The model is damaged.")

    before = hits(filled, "topic0x3")
    with pytest.raises(EmbeddingError):
        change(filled, WatchedModel(fail))
    assert hits(filled, "topic0x3") == before


def test_the_vectors_of_a_change_that_was_given_up_go(filled: Library) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        change(filled, WatchedModel(lambda batch: cancel.set() if batch == 2 else None), cancel)
    filled.drop_other_vectors()
    assert filled._archive.count(fingerprint=OTHER.fingerprint) == 0
    assert filled.check().is_consistent


def test_an_empty_library_changes_at_once(home: Path, tmp_path: Path) -> None:
    library = open_library(home)
    change(library, OTHER)
    add(library, write_document(tmp_path, "first", topics=["kidney"]))
    assert library._archive.count(fingerprint=OTHER.fingerprint) == library.check().chunks > 0
    library.close()


def test_a_gate_waits_for_those_inside_unless_cancelled() -> None:
    gate, cancel = Gate(), threading.Event()
    cancel.set()
    with gate.passed(), pytest.raises(Cancelled), gate.closed(cancel):
        pass
    with gate.closed(cancel):
        pass
    with gate.passed():
        pass
