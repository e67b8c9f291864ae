"""Adds files to a library until it kills itself: ``indexing_child FOLDER MOMENT FILE...`` with ``python -m``.

``MOMENT`` is the number of the progress report at which it dies, or ``after-vectors``. The second dies in
Chroma, the first with an index in memory.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from rag.embedding.embedding_model import Vectors
from rag.types import ChunkId, IngestProgress
from rag.vector_store.chroma import ChromaVectorStore
from tests.support.library import add, open_exact, open_library

AFTER_VECTORS = "after-vectors"
"""The vectors are in the index, SQL does not know them."""


class _DyingStore(ChromaVectorStore):
    def add(self, ids: Sequence[ChunkId], vectors: Vectors) -> None:
        super().add(ids, vectors)
        if len(ids):
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, moment, *files = sys.argv[1:]
    reports = 0

    def count(_: IngestProgress) -> None:
        nonlocal reports
        reports += 1
        if str(reports) == moment:
            _die()

    open_store = _DyingStore if moment == AFTER_VECTORS else open_exact
    library = open_library(Path(folder), open_vector_store=open_store)
    add(library, *map(Path, files), cancel=threading.Event(), on_progress=count)


if __name__ == "__main__":
    main()
