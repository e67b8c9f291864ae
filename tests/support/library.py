"""A small embedding model without weights, small documents, and a library made of both."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from rag.embedding.embedding_model import Vectors
from rag.errors import Cancelled
from rag.intake import Wish
from rag.library import Library
from rag.types import AddResult, ChunkId, IngestProgress
from rag.vector_store.exact import ExactVectorStore
from rag.vector_store.vector_store import VectorStore

_WORD = re.compile(r"\w+")


class HashingEmbeddingModel:
    """Counts words in buckets that their hash chooses: texts that share words are near each other."""

    def __init__(self, *, dimension: int = 64, seed: int = 0) -> None:
        """Another ``seed`` is another model."""
        self.dimension = dimension
        self._seed = seed

    @property
    def fingerprint(self) -> str:
        """See the protocol."""
        return hashlib.sha256(f"{self.dimension} {self._seed}".encode()).hexdigest()

    def warm_up(self) -> None:
        """See the protocol."""

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        """See the protocol."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            if cancel.is_set():
                raise Cancelled("Embedding was stopped.")
            for word in _WORD.findall(text.casefold()):
                digest = hashlib.blake2b(f"{self._seed} {word}".encode(), digest_size=8).digest()
                vectors[row, int.from_bytes(digest[:4]) % self.dimension] += 1 if digest[4] % 2 else -1
            if not vectors[row].any():
                vectors[row, 0] = 1
            on_progress((row + 1) / len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def close(self) -> None:
        """See the protocol."""


class KeptVectorStore(ExactVectorStore):
    """Keeps what it holds in a file, written anew at each change."""

    def __init__(self, folder: Path) -> None:
        """Read the file of the folder, if it is there."""
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "vectors.npz"
        if self._file.exists():
            with np.load(self._file) as kept:
                super().add([ChunkId(str(chunk)) for chunk in kept["ids"]], kept["vectors"])

    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        """See the protocol."""
        super().add(ids, vectors)
        self._write()

    def remove(self, ids: Sequence[ChunkId]) -> None:
        """See the protocol."""
        super().remove(ids)
        self._write()

    def _write(self) -> None:
        part = self._file.with_suffix(".part.npz")
        np.savez(part, ids=np.array(list(self._vectors), dtype=str), vectors=list(self._vectors.values()))
        part.replace(self._file)


def open_exact(folder: Path) -> VectorStore:
    """Open a store that compares with every vector."""
    return KeptVectorStore(folder)


def open_library(
    folder: Path,
    *,
    open_vector_store: Callable[[Path], VectorStore] = open_exact,
    embedding: HashingEmbeddingModel | None = None,
    exact_up_to: int = 0,
) -> Library:
    """Open a library that needs no model and keeps all vectors in the store."""
    return Library(
        folder=folder,
        embedding=embedding or HashingEmbeddingModel(),
        open_vector_store=open_vector_store,
        exact_up_to=exact_up_to,
    )


def add(
    library: Library,
    *paths: Path,
    wish: Wish | None = None,
    cancel: threading.Event | None = None,
    on_progress: Callable[[IngestProgress], None] = lambda _: None,
) -> list[AddResult]:
    """Add files to the end."""
    return list(library.add(paths, wish=wish, cancel=cancel or threading.Event(), on_progress=on_progress))


def add_one(library: Library, path: Path, *, wish: Wish | None = None) -> AddResult:
    """Add one file."""
    (result,) = add(library, path, wish=wish)
    return result


def resume(library: Library) -> list[AddResult]:
    """Go on with what was left unfinished."""
    return list(library.resume(cancel=threading.Event(), on_progress=lambda _: None))


def write_document(folder: Path, name: str, *, topics: Iterable[str]) -> Path:
    """Write a Markdown file with a section for each topic; every sentence is different."""
    lines = [f"# Handbook {name}"]
    for topic in topics:
        lines += [f"## About {topic}", ""]
        lines += [
            " ".join(
                f"The {topic} guideline of {name} gives rule {rule}-{part} for {topic}." for part in range(4)
            )
            + "\n"
            for rule in range(6)
        ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_documents(folder: Path) -> list[Path]:
    """Write three files, each on its own topics."""
    topics = {
        "kidney": ("potassium", "dialysis"),
        "intensive": ("sepsis", "ventilation"),
        "heart": ("rhythm", "conduction"),
    }
    return [write_document(folder, name, topics=topics[name]) for name in topics]
