"""What every vector store keeps, and what only one on the disk can."""

import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.embedding.embedding_model import Vectors
from rag.errors import VectorStoreError
from rag.types import ChunkId
from rag.vector_store.chroma import open_chroma
from rag.vector_store.vector_store import VectorStore
from tests.support.library import open_exact

DIMENSION = 16


def ids(count: int, *, start: int = 0) -> list[ChunkId]:
    return [ChunkId(f"chunk-{number}") for number in range(start, start + count)]


def unit_vectors(count: int, *, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(params=[open_exact, open_chroma])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    opened = request.param(tmp_path / "store")
    yield opened
    opened.close()


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    assert store.query(unit_vectors(1)[0], top_k=5) == []
    assert store.count() == 0
    assert store.ids() == set()


def test_the_nearest_come_first_with_their_cosine(store: VectorStore) -> None:
    vectors = unit_vectors(200)
    store.add(ids(200), vectors)
    question = unit_vectors(1, seed=1)[0]
    found = store.query(question, top_k=10)
    best = np.argsort(-(vectors @ question))[:10]
    assert [chunk for chunk, _ in found] == [f"chunk-{number}" for number in best]
    np.testing.assert_allclose([cosine for _, cosine in found], (vectors @ question)[best], atol=1e-5)


def test_fewer_vectors_than_asked_for(store: VectorStore) -> None:
    store.add(ids(3), unit_vectors(3))
    assert len(store.query(unit_vectors(1)[0], top_k=10)) == 3


def test_adding_an_id_again_replaces_its_vector(store: VectorStore) -> None:
    store.add(ids(3), unit_vectors(3))
    replaced = unit_vectors(1, seed=9)
    store.add(ids(1), replaced)
    assert store.count() == 3
    best, cosine = store.query(replaced[0], top_k=1)[0]
    assert best == "chunk-0"
    assert cosine == pytest.approx(1, abs=1e-5)


def test_what_was_removed_is_not_found(store: VectorStore) -> None:
    vectors = unit_vectors(20)
    store.add(ids(20), vectors)
    store.remove([*ids(10), ChunkId("never there")])
    assert store.ids() == set(ids(10, start=10))
    assert store.count() == 10
    assert {chunk for chunk, _ in store.query(vectors[0], top_k=20)} == set(ids(10, start=10))


def test_more_than_one_batch(store: VectorStore) -> None:
    vectors = unit_vectors(2500)
    store.add(ids(2500), vectors)
    assert store.count() == 2500
    assert store.query(vectors[2499], top_k=1)[0][0] == "chunk-2499"


def test_nothing_to_add_or_remove(store: VectorStore) -> None:
    store.add([], unit_vectors(0))
    store.remove([])
    assert store.count() == 0


def test_chroma_keeps_its_vectors(tmp_path: Path) -> None:
    vectors = unit_vectors(50)
    store = open_chroma(tmp_path)
    store.add(ids(50), vectors)
    store.close()
    again = open_chroma(tmp_path)
    assert again.query(vectors[7], top_k=1)[0][0] == "chunk-7"
    again.close()


def test_chroma_left_open_is_probed_and_used(tmp_path: Path) -> None:
    store = open_chroma(tmp_path)
    store.add(ids(5), unit_vectors(5))
    store.close()
    (tmp_path / "in-use").touch()
    again = open_chroma(tmp_path)
    assert again.count() == 5
    again.close()


def test_torn_chroma_is_an_error_and_no_crash(tmp_path: Path) -> None:
    store = open_chroma(tmp_path)
    store.add(ids(50), unit_vectors(50))
    store.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (tmp_path / "in-use").touch()
    with pytest.raises(VectorStoreError, match="rebuild"):
        open_chroma(tmp_path)


def test_chroma_holds_no_names(tmp_path: Path) -> None:
    store = open_chroma(tmp_path)
    store.add(ids(5), unit_vectors(5))
    store.close()
    content = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"chunk-3" in content
    assert str(tmp_path).encode() not in content


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries offer no such switch")
def test_the_files_of_a_new_store_hold_no_memory_of_another(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [ChunkId(str(number)) for number in range(len(vectors))]
    for name in ("one", "two", "three"):
        store = open_chroma(tmp_path / name)
        store.add(ids, vectors)
        store.query(vectors[0], top_k=3)
        store.close()
    graphs = [file.read_bytes() for file in tmp_path.rglob("data_level0.bin")]
    assert len(graphs) == 3  # not written to yet: the vectors are in the log
    assert [graph.strip(b"\0") for graph in graphs] == [b"", b"", b""]
