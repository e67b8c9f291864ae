"""Whether a search finds what it should: Bedside beside dense alone, BM25 alone and a plain fusion of both.

Each set is searched by all arms over the same files with the same embedding model:

- *ours*: the library's own search.
- *dense*, *bm25*: cosine alone, and BM25 alone of the question's words, over the library's chunks with title
  and headings.
- *plain*: reciprocal rank fusion (k = 60) of both over pieces of 512 characters that overlap by 128.
"""

import json
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from app.benchmarks import retrieval_sets as sets
from app.benchmarks.filling import document_id, fill_library
from app.benchmarks.remembering_model import RememberingModel
from app.benchmarks.retrieval_sets import Judgement, Passage, Question
from app.composition import EMBEDDING_MODEL

if TYPE_CHECKING:
    from rag.embedding.embedding_model import EmbeddingModel, Vectors
    from rag.library import Library

TOP_K = 10
PIECE, OVERLAP = 512, 128
PLAIN_RANK_CONSTANT, PLAIN_CANDIDATES = 60, 50
RESAMPLES = 10_000

Figures: TypeAlias = dict[str, dict[str, Any]]
_Arm: TypeAlias = Callable[[str], list[Passage]]
_OpenArms: TypeAlias = Callable[[], AbstractContextManager[Mapping[str, _Arm]]]
_ReadQuestions: TypeAlias = Callable[[], list[Question]]


def measure(models: Path, data: Path, keep: Path | None = None) -> Figures:
    """Return figures ``{set: {arm: {recall_at_10, hit_at_10, mrr, first, n}}}``.

    ``difference``, with *ours*, is ours less the best other arm, with a 95 % interval (bootstrap over
    questions).

    Args:
        models: the folder of models.
        data: the folder of real data.
        keep: a folder that keeps the vectors and the sets that are done, for a run that goes on where this
            one was ended; it belongs to one state of program, models and data.
    """
    from rag.embedding.embedding_process import ProcessEmbeddingModel

    with tempfile.TemporaryDirectory() as scratch:
        kept = keep or Path(scratch, "kept")
        kept.mkdir(parents=True, exist_ok=True)
        embedding = RememberingModel(
            ProcessEmbeddingModel(models / EMBEDDING_MODEL), kept / "vectors.sqlite3"
        )
        with _ending(embedding):
            return _measure_sets(data, Path(scratch), kept / "figures.json", embedding)


def _measure_sets(data: Path, scratch: Path, finished: Path, embedding: RememberingModel) -> Figures:
    """Measure the sets that are not finished; sets over the same files are searched in the same library."""
    masked, others, chinese = scratch / "masked", scratch / "others", sets.chinese_document()
    sets.write_masked(data, masked)
    shutil.copytree(data / "docs", others, ignore=shutil.ignore_patterns("medquad"))
    plan: tuple[tuple[_OpenArms, dict[str, _ReadQuestions]], ...] = (
        (
            lambda: _snippets(sets.read_snippets(data), embedding),
            {"bioasq": lambda: sets.read_bioasq(data)},
        ),
        (
            lambda: _corpus([masked, others, chinese], embedding),
            {
                "medquad_masked": lambda: sets.read_medquad(data),
                "medquad_masked_paraphrased": lambda: sets.read_medquad(data, paraphrased=True),
            },
        ),
        (
            lambda: _corpus([data / "docs", chinese], embedding),
            {
                "medquad": lambda: sets.read_medquad(data),
                "medquad_paraphrased": lambda: sets.read_medquad(data, paraphrased=True),
                "chinese": sets.read_chinese,
            },
        ),
    )
    figures: Figures = json.loads(finished.read_text(encoding="utf-8")) if finished.exists() else {}
    for open_arms, questions in plan:
        missing = [name for name in questions if name not in figures]
        if not missing:
            continue
        with open_arms() as arms:
            for name in missing:
                figures[name] = _compare(arms, questions[name]())
                finished.write_text(json.dumps(figures), encoding="utf-8")
    return figures


@contextmanager
def _corpus(paths: Sequence[Path], embedding: RememberingModel) -> "Iterator[Mapping[str, _Arm]]":
    """Add files to a new library and give the arms that search them."""
    from rag.chunking.context_aware import embedding_text
    from rag.library import Library
    from rag.vector_store.chroma import open_chroma

    with tempfile.TemporaryDirectory() as home:
        library = Library(folder=Path(home), embedding=embedding, open_vector_store=open_chroma)
        with closing(library):
            results = library.add(paths, cancel=threading.Event(), on_progress=lambda _: None)
            files = {result.document: result.file for result in results if result.document}
            chunks = [
                (files[document.id], chunk.text, embedding_text(document.title, chunk))
                for document in library.documents()
                for chunk in library.chunks(document.id)
                if chunk.is_retrievable
            ]
            pieces = [
                (files[document.id], text)
                for document in library.documents()
                for text in _cut("\n".join(library.page_texts(document.id).values()))
            ]
            yield _arms(library, files, chunks, pieces, embedding)


@contextmanager
def _snippets(snippets: Mapping[str, str], embedding: RememberingModel) -> "Iterator[Mapping[str, _Arm]]":
    """Make every snippet the one chunk of a document and give the arms that search them."""
    from rag.library import Library
    from rag.vector_store.chroma import open_chroma

    texts = list(snippets.values())
    files = {document_id(number): Path(name) for number, name in enumerate(snippets)}
    with tempfile.TemporaryDirectory() as home:
        fill_library(
            Path(home),
            [(texts, _embed(embedding, texts))],
            fingerprint=embedding.fingerprint,
            chunks_per_document=1,
        )
        library = Library(folder=Path(home), embedding=embedding, open_vector_store=open_chroma)
        with closing(library):
            chunks = [(Path(name), text, text) for name, text in snippets.items()]
            pieces = [(Path(name), piece) for name, text in snippets.items() for piece in _cut(text)]
            yield _arms(library, files, chunks, pieces, embedding)


def _arms(
    library: "Library",
    files: Mapping[str, Path],
    chunks: Sequence[tuple[Path, str, str]],
    pieces: Sequence[tuple[Path, str]],
    embedding: RememberingModel,
) -> Mapping[str, _Arm]:
    whole = _Pieces(chunks, embedding)
    plain = _Pieces([(file, text, text) for file, text in pieces], embedding)

    def ours(question: str) -> list[Passage]:
        hits = library.search(question, top_k=TOP_K).hits
        return [Passage(file=files[hit.document.id], text=hit.chunk.text) for hit in hits]

    return {"dense": whole.dense, "bm25": whole.bm25, "plain": plain.fusion, "ours": ours}


def _cut(text: str) -> list[str]:
    """Cut a text into pieces of one length."""
    return [text[start : start + PIECE] for start in range(0, max(len(text) - OVERLAP, 1), PIECE - OVERLAP)]


class _Pieces:
    """Pieces of text that are ranked as a straightforward program would."""

    def __init__(self, pieces: "Sequence[tuple[Path, str, str]]", embedding: "EmbeddingModel") -> None:
        """Each piece: its file, its text, and what is embedded and indexed."""
        self._passages = [Passage(file=file, text=text) for file, text, _ in pieces]
        self._embedding = embedding
        self._vectors = _embed(embedding, [text for *_, text in pieces])
        self._index = sqlite3.connect(":memory:")
        self._index.execute("CREATE VIRTUAL TABLE pieces USING fts5(text, tokenize='porter unicode61')")
        self._index.executemany("INSERT INTO pieces VALUES (?)", [(text,) for *_, text in pieces])

    def dense(self, question: str) -> list[Passage]:
        return [self._passages[row] for row in self._rank_vectors(question)[:TOP_K]]

    def bm25(self, question: str) -> list[Passage]:
        return [self._passages[row] for row in self._rank_words(question)[:TOP_K]]

    def fusion(self, question: str) -> list[Passage]:
        scores: dict[int, float] = {}
        for ranking in (self._rank_vectors(question), self._rank_words(question)):
            for rank, row in enumerate(ranking[:PLAIN_CANDIDATES], 1):
                scores[row] = scores.get(row, 0) + 1 / (PLAIN_RANK_CONSTANT + rank)
        return [self._passages[row] for row in sorted(scores, key=lambda row: -scores[row])[:TOP_K]]

    def _rank_vectors(self, question: str) -> list[int]:
        similarities = self._vectors @ _embed(self._embedding, [question])[0]
        return [int(row) for row in np.argsort(-similarities, kind="stable")[:PLAIN_CANDIDATES]]

    def _rank_words(self, question: str) -> list[int]:
        words = "".join(c if c.isalnum() else " " for c in question).split()
        expression = " OR ".join(f'"{word}"' for word in dict.fromkeys(words))
        statement = "SELECT rowid - 1 FROM pieces WHERE pieces MATCH ? ORDER BY rank LIMIT ?"
        return [row for (row,) in self._index.execute(statement, (expression, PLAIN_CANDIDATES))]


@contextmanager
def _ending(embedding: RememberingModel) -> Iterator[None]:
    try:
        yield
    finally:
        embedding.end()


def _embed(embedding: "EmbeddingModel", texts: Sequence[str]) -> "Vectors":
    return embedding.embed(texts, cancel=threading.Event(), on_progress=lambda _: None)


def _compare(arms: Mapping[str, _Arm], questions: Sequence[Question]) -> dict[str, Any]:
    judged = {
        name: [question.judge(arm(question.text)) for question in questions] for name, arm in arms.items()
    }
    values = {name: _columns(judgements) for name, judgements in judged.items()}
    figures: dict[str, Any] = {
        name: {metric: _round(column.mean()) for metric, column in columns.items()} | {"n": len(questions)}
        for name, columns in values.items()
    }
    figures["ours"]["difference"] = _differences(values)
    return figures


def _columns(judgements: Sequence[Judgement]) -> dict[str, np.ndarray]:
    return {
        "recall_at_10": np.array([judgement.recall for judgement in judgements]),
        "hit_at_10": np.array([judgement.hit for judgement in judgements]),
        "mrr": np.array([judgement.reciprocal_rank for judgement in judgements]),
        "first": np.array([float(judgement.reciprocal_rank == 1) for judgement in judgements]),
    }


def _differences(values: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, Any]:
    """Compare ours with the best other arm, question by question."""
    random = np.random.default_rng(0)
    found = {}
    for metric, ours in values["ours"].items():
        other = max((name for name in values if name != "ours"), key=lambda n: values[n][metric].mean())
        paired = ours - values[other][metric]
        samples = paired[random.integers(0, len(paired), (RESAMPLES, len(paired)))].mean(axis=1)
        low, high = np.percentile(samples, [2.5, 97.5])
        found[metric] = {"to": other, "mean": _round(paired.mean()), "low": _round(low), "high": _round(high)}
    return found


def _round(value: float) -> float:
    return round(float(value), 4)
