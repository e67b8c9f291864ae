"""Searching: fusion, words of every kind, what is found and what is left out."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking.context_aware import embedding_text
from rag.errors import VectorStoreError
from rag.library import Library
from rag.retrieval.fusion import fuse_reciprocal_ranks
from rag.storage.segmentation import match_expression, segment
from rag.types import ChunkId, FilterReason, Finding
from rag.vector_store.chroma import open_chroma
from tests.support.library import HashingEmbeddingModel, add, open_library, write_document

rankings = st.lists(st.lists(st.sampled_from([ChunkId(c) for c in "abcdefgh"]), unique=True), max_size=4)


@given(rankings)
def test_fusion_keeps_every_id_once_and_sorts(ranked: list[list[ChunkId]]) -> None:
    fused = fuse_reciprocal_ranks(ranked)
    assert sorted(chunk for chunk, _ in fused) == sorted({chunk for ranking in ranked for chunk in ranking})
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= len(ranked) / 61 for score in scores)


@given(rankings)
def test_fusion_does_not_hang_on_the_order_of_the_rankings(ranked: list[list[ChunkId]]) -> None:
    one, other = fuse_reciprocal_ranks(ranked), fuse_reciprocal_ranks(ranked[::-1])
    assert dict(one) == pytest.approx(dict(other))


@given(st.lists(st.sampled_from([ChunkId(c) for c in "abcdefgh"]), unique=True))
def test_fusing_one_ranking_changes_nothing(ranking: list[ChunkId]) -> None:
    assert [chunk for chunk, _ in fuse_reciprocal_ranks([ranking])] == ranking


def test_fusion_prefers_what_both_found() -> None:
    a, b, c = map(ChunkId, "abc")
    assert [chunk for chunk, _ in fuse_reciprocal_ranks([[a, b], [c, b]])] == [b, a, c]
    assert fuse_reciprocal_ranks([[a], [a]]) == [(a, pytest.approx(2 / 61))]


@given(st.text())
def test_any_text_is_a_valid_query(text: str) -> None:
    expression = match_expression(text)
    if expression is not None:
        assert _matches(expression, "nothing of it") in (True, False)


@given(st.text())
def test_a_text_is_found_by_itself(text: str) -> None:
    expression = match_expression(text)
    if expression is not None and text.isascii():
        assert _matches(expression, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("K+", "The level of K+ rises."),
        ("2,3-DPG", "A fall of 2,3-DPG shifts the curve."),
        ("SpO2", "SpO2 below 90 %"),
        ("SpO₂", "SpO2 below 90 %"),
        ("albuminuria measured", "Measuring albuminuria"),
        ("血钾", "病人的血钾升高"),
        ("高钾血症的治疗", "治疗高钾血症时"),
        ("心", "心电图"),
        ("ＥＣＧ", "an ECG was taken"),
        ('say "stop" AND (NOT)', "they say so"),
        ("mmol/L", "5.8 mmol per litre"),
        ("β-blocker", "Give a β-blocker."),
        ("naïve", "a naive patient"),
    ],
)
def test_words_of_every_kind_are_found(query: str, text: str) -> None:
    assert _matches(match_expression(query), text)


@pytest.mark.parametrize(
    ("query", "text"), [("2,3-DPG", "DPG 3 and 2"), ("血钾", "钾和血"), ("heart", "earth"), ("心", "电图")]
)
def test_other_words_are_not_found(query: str, text: str) -> None:
    assert not _matches(match_expression(query), text)


@pytest.mark.parametrize("query", ["", "  ", "?!", "+-/", '"'])
def test_what_has_no_word_asks_for_nothing(query: str) -> None:
    assert match_expression(query) is None


def _matches(expression: str | None, text: str) -> bool:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(text, tokenize='porter unicode61')")
    connection.execute("INSERT INTO t VALUES (?)", [segment(text)])
    found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", [expression]).fetchone()[0]
    connection.close()
    return bool(found)


@pytest.mark.parametrize("query", ["", "   ", "\n"])
def test_an_empty_query_finds_nothing(library: Library, documents: list[Path], query: str) -> None:
    add(library, documents[0])
    assert library.search(query).hits == ()


def test_an_empty_library_finds_nothing(library: Library) -> None:
    result = library.search("potassium")
    assert (result.query, result.hits) == ("potassium", ())


def test_a_hit_says_where_it_stands_and_how_near_it_is(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    result = library.search("sepsis guideline rule", top_k=5)
    assert len(result.hits) == 5
    best = result.hits[0]
    assert best.document.file == "intensive.md"
    assert "sepsis" in best.chunk.text
    assert best.page is None
    assert best.bm25 > 0
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    model = HashingEmbeddingModel()
    texts = [result.query, *(embedding_text(hit.document.title, hit.chunk) for hit in result.hits)]
    question, *chunks = model.embed(texts, cancel=threading.Event(), on_progress=lambda _: None)
    assert [hit.similarity for hit in result.hits] == pytest.approx(
        [question @ own for own in chunks], abs=1e-5
    )


def test_words_that_stand_nowhere_still_find_what_is_near(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    hits = library.search("zzz qqq", top_k=3).hits
    assert len(hits) == 3
    assert {hit.bm25 for hit in hits} == {0}


def test_filtered_chunks_are_kept_but_not_found(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "paper.md"
    references = "\n".join(
        f"{n}. Smith J, Miller A. A study of quartzwort {n}. J Nephrol. 20{n:02}; {n}(3): 1{n}-1{n + 5}.\n"
        for n in range(1, 30)
    )
    path.write_text(
        "# Paper\n\n## Methods\n\nWe studied potassium in 300 people over two years.\n\n## References\n\n"
        + references,
        encoding="utf-8",
    )
    (result,) = add(library, path)
    assert result.filtered > 0
    filtered = [chunk for chunk in library.chunks(result.document) if chunk.filtered]
    assert {chunk.filtered for chunk in filtered} == {FilterReason.REFERENCES}
    found = {hit.chunk.id for hit in library.search("quartzwort study", top_k=50).hits}
    assert found
    assert found.isdisjoint(chunk.id for chunk in filtered)


def test_searching_goes_on_while_documents_are_added_and_removed(home: Path, tmp_path: Path) -> None:
    library = open_library(home, open_vector_store=open_chroma)
    files = [write_document(tmp_path, f"file{n}", topics=["potassium", f"topic{n}"]) for n in range(8)]
    add(library, files[0])

    def change() -> None:
        add(library, *files[1:])
        library.remove(library.documents()[0].id)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(change)
        while not writing.done():
            for hit in library.search("potassium guideline", top_k=10).hits:
                assert hit.chunk.document == hit.document.id
        writing.result()
    assert len(library.documents()) == 7
    assert library.check().is_consistent
    library.close()


def test_vectors_of_another_model_are_found_and_embedded_again(home: Path, documents: list[Path]) -> None:
    library = open_library(home, open_vector_store=open_chroma, embedding=HashingEmbeddingModel(seed=1))
    add(library, *documents)
    library.close()

    library = open_library(home, open_vector_store=open_chroma, embedding=HashingEmbeddingModel(seed=2))
    assert Finding.FOREIGN_VECTORS in {i.finding for i in library.check().inconsistencies}
    with pytest.raises(VectorStoreError, match="rebuild"):
        library.search("potassium")
    report = library.rebuild(cancel=threading.Event(), on_progress=lambda _: None)
    assert report.inconsistencies == ()
    assert report.vectors == report.chunks
    assert library.search("potassium guideline").hits[0].document.file == "kidney.md"
    library.close()
