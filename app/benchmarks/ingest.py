"""How quickly documents come into the library, beside a LlamaIndex pipeline on the same files in one run.

Both run as processes of their own: ours is ``library add`` on an empty data folder, the other is
:mod:`app.benchmarks.llamaindex_pipeline` in a Python that has LlamaIndex. Both have the same embedding model;
the other's chunks are cut so that both embed about the same amount of text.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.benchmarks import llamaindex_pipeline
from app.benchmarks.process_tree import Cost, run_measured, seconds_to_stop
from app.composition import EMBEDDING_MODEL, open_library
from app.errors import AppError
from app.paths import Home
from app.settings import Settings

SUFFIXES = frozenset({".pdf", ".docx", ".md", ".txt", ".rst", ".epub"})
"""What both read as documents; the other takes web pages for plain text."""
CANCEL_AFTER_SECONDS = (3.0, 6.0, 12.0)
_FLOAT_BYTES = 4


def measure(data: Path, models: Path, other_python: Path | None) -> dict[str, Any]:
    """Return the figures; those of the comparison only where ``other_python`` is given.

    The documents are those in ``data``, or in its folder ``docs`` where it has one.

    Raises:
        AppError: there are no documents, or a pipeline fails.
    """
    folder_of_documents = data / "docs" if (data / "docs").is_dir() else data
    candidates = sorted(
        file for file in folder_of_documents.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()
    )
    if not candidates:
        raise AppError(f"There are no documents in {data}; please name a folder with --data.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        readable = _readable(candidates, other_python, folder) if other_python else candidates
        home = folder / "home"
        ours = run_measured(_add(home, models, readable))
        rows = [json.loads(line) for line in ours.output.split("\n") if line]
        indexed = [row for row in rows if row["status"] == "indexed"]
        if not indexed:
            raise AppError("None of the documents could be indexed; please look at library add.")
        pages = sum(row["pages"] or 1 for row in indexed)
        stored = _stored(home, models)
        figures: dict[str, Any] = {
            "files": len(indexed),
            "pages": pages,
            "pages_per_second": pages / ours.seconds,
            "peak_mb": ours.peak_bytes / 1e6,
            "write_ratio": (ours.written_bytes - stored["originals"]) / (stored["text"] + stored["vectors"]),
            "cancel_seconds": _cancel_seconds(folder, models, readable),
            **_cost("ours", ours),
            "chunks": stored["chunks"],
            "embedded_characters": stored["characters"],
            "text_bytes": stored["text"],
            "vector_bytes": stored["vectors"],
        }
        if other_python:
            characters = stored["characters"] // stored["chunks"]
            files = [Path(row["file"]) for row in indexed]
            other = _ingest_with_other(files, other_python, folder, models / EMBEDDING_MODEL, characters)
            figures |= {
                "ratio_to_llamaindex": other.seconds / ours.seconds,
                "cpu_ratio_to_llamaindex": other.cpu_seconds / ours.cpu_seconds,
                **_cost("llamaindex", other),
                **{f"llamaindex_{name}": value for name, value in _result(other).items()},
            }
    return figures


def _add(home: Path, models: Path, files: Sequence[Path]) -> list[str | Path]:
    start = [sys.executable, "-m", "app", "--home", home, "--models", models]
    return [*start, "library", "add", "--json", *files]


def _readable(files: Sequence[Path], python: Path, folder: Path) -> list[Path]:
    cost = run_measured(_other(python, folder, files, "list"))
    return [Path(file) for file in _result(cost)]


def _ingest_with_other(
    files: Sequence[Path], python: Path, folder: Path, model: Path, characters: int
) -> Cost:
    options = ("--model", model, "--store", folder / "store", "--characters", str(characters))
    return run_measured([*_other(python, folder, files, "ingest"), *options])


def _other(python: Path, folder: Path, files: Sequence[Path], action: str) -> list[str | Path]:
    listed = folder / "files.json"
    listed.write_text(json.dumps([str(file) for file in files]), encoding="utf-8")
    return [python, Path(llamaindex_pipeline.__file__), action, listed]


def _result(cost: Cost) -> Any:
    """Read the last line: what its libraries print comes before."""
    if cost.status != 0:
        raise AppError("The pipeline of LlamaIndex failed; please see its messages above.")
    return json.loads(cost.output.splitlines()[-1])


def _cancel_seconds(folder: Path, models: Path, files: Sequence[Path]) -> float:
    """Return the longest time from Ctrl-C to the end, over several moments."""
    stopped = [
        seconds_to_stop(_add(folder / f"stopped-{number}", models, files), after=after)
        for number, after in enumerate(CANCEL_AFTER_SECONDS)
    ]
    return max((seconds for seconds in stopped if seconds is not None), default=0.0)


def _stored(home: Path, models: Path) -> dict[str, int]:
    """Count what the library holds: bytes of originals, text and vectors, chunks and characters embedded."""
    from rag.chunking.context_aware import embedding_text
    from rag.embedding.model_folder import read_dimension

    library = open_library(Home(home), models, Settings())
    try:
        documents = library.documents()
        texts = [
            embedding_text(document.title, chunk)
            for document in documents
            for chunk in library.chunks(document.id)
            if chunk.is_retrievable
        ]
        pages = [text for document in documents for text in library.page_texts(document.id).values()]
        return {
            "originals": sum(document.size for document in documents),
            "text": sum(len(text.encode()) for text in pages),
            "vectors": len(texts) * read_dimension(models / EMBEDDING_MODEL) * _FLOAT_BYTES,
            "chunks": len(texts),
            "characters": sum(map(len, texts)),
        }
    finally:
        library.close()


def _cost(name: str, cost: Cost) -> dict[str, float]:
    return {
        f"{name}_seconds": cost.seconds,
        f"{name}_cpu_seconds": cost.cpu_seconds,
        f"{name}_peak_mb": cost.peak_bytes / 1e6,
        f"{name}_written_mb": cost.written_bytes / 1e6,
    }
