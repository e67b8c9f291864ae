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
    _fill(folder, data, size, fingerprint=embedding.fingerprint, dimension=embedding.dimension)
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


def _fill(folder: Path, data: Path, size: int, *, fingerprint: str, dimension: int) -> None:
    """Write a library's database as if it had been indexed; the vector index is made from it."""
    from sqlalchemy import insert

    from rag.storage import full_text
    from rag.storage.engine import open_database
    from rag.storage.migrations import migrate
    from rag.storage.tables import ChunkRow, DocumentRow, PageRow, VectorRow

    engine = open_database(folder / "library.sqlite3")
    migrate(engine)
    documents = -(-size // CHUNKS_PER_DOCUMENT)
    with engine.begin() as connection:
        connection.execute(insert(DocumentRow), [_document_values(number) for number in range(documents)])
        connection.execute(insert(PageRow), [_page_values(number) for number in range(documents)])
        for rows, vectors in _chunk_values(data, size, dimension):
            connection.execute(insert(ChunkRow), rows)
            connection.execute(
                insert(VectorRow),
                [
                    {"chunk": row["row"], "fingerprint": fingerprint, "vector": vector.tobytes()}
                    for row, vector in zip(rows, vectors, strict=True)
                ],
            )
        full_text.rebuild(connection)
        full_text.purge(connection)
    engine.dispose()


def _document_values(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:016x}",
        "file": f"{number}.md",
        "title": f"Document {number}",
        "sha256": f"{number:064x}",
        "size": 1,
        "media_type": "text/markdown",
        "status": "ready",
        "added": float(number),
        "chunks": CHUNKS_PER_DOCUMENT,
        "filtered": 0,
        "authors": [],
        "edited": [],
        "is_enabled": True,
        "ocr_pages": 0,
        "pipeline": 0,
    }


def _page_values(number: int) -> dict[str, Any]:
    return {"document": f"{number:016x}", "index": 0, "text": "", "boxes": b"", "is_ocr": False}


def _chunk_values(
    data: Path, size: int, dimension: int
) -> Iterator[tuple[list[dict[str, Any]], "np.ndarray"]]:
    """Yield rows of chunks and their vectors: unit vectors around some centres, as real ones lie."""
    choice, generator = random.Random(0), np.random.default_rng(0)  # noqa: S311 - nothing secret
    sentences = _read_sentences(data)
    centres = generator.standard_normal((_CLUSTERS, dimension), dtype=np.float32)
    for start in range(0, size, _BATCH):
        rows = [
            {
                "row": number + 1,
                "id": f"{number:016x}",
                "document": f"{number // CHUNKS_PER_DOCUMENT:016x}",
                "ordinal": number % CHUNKS_PER_DOCUMENT,
                "is_restored": False,
                "heading_path": [],
                "spans": [(0, 0, 1)],
                "sentences": [(0, 1)],
                "text": " ".join(choice.choices(sentences, k=SENTENCES_PER_CHUNK)),
            }
            for number in range(start, min(start + _BATCH, size))
        ]
        noise = generator.standard_normal((len(rows), dimension), dtype=np.float32)
        vectors = centres[generator.integers(0, _CLUSTERS, len(rows))] + _SPREAD * noise
        yield rows, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _read_sentences(data: Path) -> list[str]:
    texts = (file.read_text(encoding="utf-8") for file in sorted((data / "docs").rglob("*.md")))
    parts = (part for text in texts for part in re.split(r"(?<=[.!?])\s+|\n", text))
    return [" ".join(part.split()) for part in parts if 40 <= len(part) <= 400]


def _read_questions(data: Path) -> list[str]:
    path = data / "docs" / "medquad" / "qa_with_source_doc.jsonl"
    questions = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]
    return random.Random(0).sample(questions, QUESTIONS)  # noqa: S311 - nothing secret
