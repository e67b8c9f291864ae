"""Fills a library past reading and chunking, for benchmarks that need many chunks or given ones."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.embedding.embedding_model import Vectors


def _one_sentence(text: str) -> list[tuple[int, int]]:
    return [(0, len(text))]


def fill_library(
    folder: Path,
    batches: "Iterable[tuple[Sequence[str], Vectors]]",
    *,
    fingerprint: str,
    chunks_per_document: int,
    split: Callable[[str], list[tuple[int, int]]] = _one_sentence,
) -> None:
    """Write a library's database as if it had been indexed; the vector index is made from it at first use.

    Documents have no title, so that nothing but the texts is searched.

    Args:
        folder: of the library that is to be; new.
        batches: texts of chunks and their vectors, in order.
        fingerprint: of the embedding model.
        chunks_per_document: how many successive chunks make a document. Its id is its number, counted from
            0, as :func:`document_id` writes it.
        split: returns the offsets of a chunk's sentences.
    """
    from sqlalchemy import insert

    from rag.storage import full_text
    from rag.storage.engine import open_database
    from rag.storage.migrations import migrate
    from rag.storage.tables import ChunkRow, DocumentRow, PageRow, VectorRow

    engine = open_database(folder / "library.sqlite3")
    migrate(engine)
    done = 0
    with engine.begin() as connection:
        for texts, vectors in batches:
            rows = [
                _chunk_values(done + n, text, chunks_per_document, split(text))
                for n, text in enumerate(texts)
            ]
            if new := sorted({row["document"] for row in rows if row["ordinal"] == 0}):
                connection.execute(insert(DocumentRow), [_document_values(document) for document in new])
                connection.execute(insert(PageRow), [_page_values(document) for document in new])
            connection.execute(insert(ChunkRow), rows)
            connection.execute(
                insert(VectorRow),
                [
                    {"chunk": row["row"], "fingerprint": fingerprint, "vector": vector.tobytes()}
                    for row, vector in zip(rows, vectors, strict=True)
                ],
            )
            done += len(texts)
        full_text.rebuild(connection)
        full_text.purge(connection)
    engine.dispose()


def document_id(number: int) -> str:
    """Return the id of a document that was filled in."""
    return f"{number:016x}"


def _document_values(document: str) -> dict[str, Any]:
    return {
        "id": document,
        "file": f"{document}.md",
        "title": "",
        "sha256": document,
        "size": 1,
        "media_type": "text/markdown",
        "status": "ready",
        "added": float(int(document, 16)),
        "chunks": 1,
        "filtered": 0,
        "authors": [],
        "edited": {},
        "is_enabled": True,
        "ocr_pages": 0,
        "pipeline": 0,
    }


def _page_values(document: str) -> dict[str, Any]:
    return {"document": document, "index": 0, "text": "", "boxes": b"", "is_ocr": False}


def _chunk_values(
    number: int, text: str, chunks_per_document: int, sentences: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    return {
        "row": number + 1,
        "id": f"{number:016x}",
        "document": document_id(number // chunks_per_document),
        "ordinal": number % chunks_per_document,
        "is_restored": False,
        "heading_path": [],
        "spans": [(0, 0, 1)],
        "sentences": sentences,
        "text": text,
    }
