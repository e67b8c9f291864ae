"""Searching: fusion, words of every kind, what is found and what is left out."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking.context_aware import embedding_text
from rag.errors import VectorStoreError
from rag.library import Library
from rag.retrieval.fusion import fuse, fuse_reciprocal_ranks
from rag.retrieval.lexical import LexicalRetriever
from rag.storage.segmentation import find_terms, match_any, segment
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
    assert all(0 < score <= len(ranked) / 21 for score in scores)


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
    assert fuse_reciprocal_ranks([[a], [a]]) == [(a, pytest.approx(2 / 21))]


similarities = st.dictionaries(st.sampled_from([ChunkId(c) for c in "abcdefgh"]), st.floats(-1, 1))


@given(similarities, similarities)
def test_fusing_scores_keeps_every_chunk_and_sorts(cosines: dict[ChunkId, float], found: dict) -> None:
    bm25 = {chunk: abs(score) + 0.1 for chunk, score in found.items() if chunk in cosines}
    fused = fuse(cosines, bm25, dense=sorted(cosines, key=lambda chunk: -cosines[chunk]))
    assert {chunk for chunk, _ in fused} == set(cosines)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


def test_of_equally_near_chunks_the_one_with_the_words_comes_first() -> None:
    a, b = map(ChunkId, "ab")
    assert next(iter(dict(fuse({a: 0.5, b: 0.5}, {b: 3.0}, dense=[a, b])))) == b


@given(st.text())
def test_any_text_is_a_valid_query(text: str) -> None:
    expression = _match(text)
    if expression is not None:
        assert _matches(expression, "nothing of it") in (True, False)


@given(st.text())
def test_a_text_is_found_by_itself(text: str) -> None:
    expression = _match(text)
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
    assert _matches(_match(query), text)


@pytest.mark.parametrize(
    ("query", "text"), [("2,3-DPG", "DPG 3 and 2"), ("血钾", "钾和血"), ("heart", "earth"), ("心", "电图")]
)
def test_other_words_are_not_found(query: str, text: str) -> None:
    assert not _matches(_match(query), text)


@pytest.mark.parametrize("query", ["", "  ", "?!", "+-/", '"'])
def test_what_has_no_word_asks_for_nothing(query: str) -> None:
    assert _match(query) is None


def _match(query: str) -> str | None:
    return match_any(find_terms(query))


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


def test_a_search_stays_within_its_documents(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    kidney = next(d for d in library.documents() if d.file == "kidney.md")
    hits = library.search("sepsis guideline rule", top_k=3, documents=[kidney.id]).hits
    assert len(hits) == 3
    assert {hit.document.id for hit in hits} == {kidney.id}
    assert library.search("sepsis", documents=[]).hits == ()


def test_hits_bring_what_stands_before_and_after_them(library: Library, documents: list[Path]) -> None:
    add(library, *documents)
    for hit in library.search("dialysis guideline rule", top_k=5).hits:
        everything = library.chunks(hit.document.id)
        expected = [
            other
            for other in everything
            if abs(other.ordinal - hit.chunk.ordinal) == 1 and other.heading_path == hit.chunk.heading_path
        ]
        assert list(hit.neighbours) == expected


def _write_leaflets(folder: Path, *sentences: str) -> list[Path]:
    texts = [
        f"# Leaflet\n\nGive the medicine slowly through a large vein and watch the rhythm. {sentence} "
        "Repeat it after five minutes when the trace has not changed, and call for help early.\n"
        for sentence in sentences
    ]
    files = [folder / f"leaflet{number}.md" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files


def test_two_editions_of_one_text_are_one_hit(library: Library, tmp_path: Path) -> None:
    add(library, *_write_leaflets(tmp_path, "Use a glass syringe.", "Use a glass syringe !"))
    assert len(library.search("medicine through a large vein").hits) == 1


def test_texts_that_differ_in_a_figure_are_two_hits(library: Library, tmp_path: Path) -> None:
    add(library, *_write_leaflets(tmp_path, "Use 10 mL.", "Use 30 mL."))
    assert len(library.search("medicine through a large vein").hits) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Stop it when the pressure falls.", "Do not stop it when the pressure falls."),
        ("Give it to adults.", "Give it to children."),
        ("肾功能不全者禁用。", "肾功能不全者可用。"),
    ],
)
def test_texts_that_differ_in_a_word_that_matters_are_two_hits(
    library: Library, tmp_path: Path, one: str, other: str
) -> None:
    add(library, *_write_leaflets(tmp_path, one, other))
    assert len(library.search("medicine through a large vein").hits) == 2


def test_british_and_american_abbreviated_and_chinese_find_each_other(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "notes.md"
    path.write_text(
        "# Notes\n\n## One\n\nSevere hyperkalaemia is an emergency.\n\n## Two\n\nA case of AKI each day.\n",
        encoding="utf-8",
    )
    add(library, path, *_write_leaflets(tmp_path, "Nothing else."))
    for query, word in [
        ("hyperkalemia", "hyperkalaemia"),
        ("高钾血症", "hyperkalaemia"),
        ("acute kidney injury", "AKI"),
        ("急性肾损伤", "AKI"),
    ]:
        best = max(library.search(query).hits, key=lambda hit: hit.bm25)
        assert best.bm25 > 0, query
        assert word in best.chunk.text, query


def test_frequent_words_are_left_out_where_rarer_ones_decide(
    home: Path, library: Library, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(library, *documents)
    monkeypatch.setattr("rag.retrieval.lexical._MOST_ROWS", 10)
    lexical = LexicalRetriever(library._engine)
    found = [chunk for chunk, _ in lexical.search("sepsis guideline", top_k=50)]
    texts = {
        chunk.id: chunk.text for document in library.documents() for chunk in library.chunks(document.id)
    }
    assert found
    assert all("sepsis" in texts[chunk] for chunk in found)
    assert any("sepsis" not in text and "guideline" in text for text in texts.values())


def test_an_index_of_an_older_form_is_made_anew(home: Path, documents: list[Path]) -> None:
    library = open_library(home)
    add(library, *documents)
    library.close()
    with closing(sqlite3.connect(home / "library.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM full_text_form")
        connection.execute("INSERT INTO chunk_text (chunk_text) VALUES ('delete-all')")
    library = open_library(home)
    assert library.check().is_consistent
    assert library.search("sepsis").hits[0].bm25 > 0
    library.close()
