"""How the time of a search grows with the library; the chunks are made up of sentences of real documents."""

import json
import random
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from app.benchmarks.filling import fill_library
from app.composition import EMBEDDING_MODEL

SIZES = (10_000, 125_000, 300_000)
QUESTIONS = 200
CHUNKS_PER_DOCUMENT = 60
SENTENCES_PER_CHUNK = 6
_BATCH = 5_000
_CLUSTERS = 2_000
_SPREAD = 0.7


def measure(models: Path, data: Path, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Return milliseconds ``{chunks: {total|embed|bm25: {p50, p95}}}`` of questions asked one by one.

    ``total`` is the whole search, in which the question is embedded and all hits are read; ``embed`` and
    ``bm25`` are measured apart. What is left of the total is the vector index and reading rows.
    """
    with tempfile.TemporaryDirectory() as folder:
        return {str(size): _measure_size(models, data, Path(folder, str(size)), size) for size in sizes}


def _measure_size(models: Path, data: Path, folder: Path, size: int) -> dict[str, Any]:
    from rag.embedding.embedding_process import ProcessEmbeddingModel
    from rag.library import Library
    from rag.retrieval.lexical import LexicalRetriever
    from rag.storage.engine import open_database
    from rag.vector_store.chroma import open_chroma

    embedding = ProcessEmbeddingModel(models / EMBEDDING_MODEL)
    fill_library(
        folder,
        _make_chunks(data, size, embedding.dimension),
        fingerprint=embedding.fingerprint,
        chunks_per_document=CHUNKS_PER_DOCUMENT,
    )
    questions = _read_questions(data)
    never = threading.Event()
    engine = open_database(folder / "library.sqlite3")
    lexical = LexicalRetriever(engine)
    with closing(Library(folder=folder, embedding=embedding, open_vector_store=open_chroma)) as library:
        library.search(questions[0])  # loads the model, makes the vector index
        figures = {
            "total": _times(questions, library.search),
            "embed": _times(
                questions, lambda text: embedding.embed([text], cancel=never, on_progress=lambda _: None)
            ),
            "bm25": _times(questions, lambda text: lexical.search(text, top_k=100)),
        }
    engine.dispose()
    return figures


def _times(questions: Sequence[str], call: Callable[[str], object]) -> dict[str, float]:
    seconds = []
    for question in questions:
        start = perf_counter()
        call(question)
        seconds.append(perf_counter() - start)
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def _make_chunks(data: Path, size: int, dimension: int) -> Iterator[tuple[list[str], "np.ndarray"]]:
    """Yield texts of chunks and their vectors: unit vectors around some centres, as real ones lie."""
    choice, generator = random.Random(0), np.random.default_rng(0)  # noqa: S311 - nothing secret
    sentences = _read_sentences(data)
    centres = generator.standard_normal((_CLUSTERS, dimension), dtype=np.float32)
    for start in range(0, size, _BATCH):
        count = min(_BATCH, size - start)
        texts = [" ".join(choice.choices(sentences, k=SENTENCES_PER_CHUNK)) for _ in range(count)]
        noise = generator.standard_normal((count, dimension), dtype=np.float32)
        vectors = centres[generator.integers(0, _CLUSTERS, count)] + _SPREAD * noise
        yield texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _read_sentences(data: Path) -> list[str]:
    texts = (file.read_text(encoding="utf-8") for file in sorted((data / "docs").rglob("*.md")))
    parts = (part for text in texts for part in re.split(r"(?<=[.!?])\s+|\n", text))
    return [" ".join(part.split()) for part in parts if 40 <= len(part) <= 400]


def _read_questions(data: Path) -> list[str]:
    path = data / "docs" / "medquad" / "qa_with_source_doc.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")  # splitlines breaks at more than JSON Lines does
    questions = [json.loads(line)["question"] for line in lines if line]
    return random.Random(0).sample(questions, QUESTIONS)  # noqa: S311 - nothing secret
