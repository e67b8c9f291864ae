"""Adds files to libraries and kills itself on the way: ``indexing_child FILE... -- FOLDER MOMENT STORE ...``.

A moment is the number of a call into the library's package: ``0`` never comes, then the number of calls is
printed. Or it is a stage and the number of the report about it, as ``embedding:1``. A store is ``chroma`` or
``exact``. Each library is added to by a copy of this process, so that the packages are loaded once.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # processes that read documents load this module too
    from rag.types import IngestProgress

_PACKAGE = str(Path(__file__).parents[2] / "rag")


class _Calls:
    """Counts the calls into the package, in all threads, and dies at one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_PACKAGE):
            self.count += 1
            if self.count == self._last:
                _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _add_until(moment: str, folder: Path, store: str, files: Sequence[Path]) -> None:
    from rag import parcels
    from rag.vector_store.chroma import open_chroma
    from tests.support.library import add, open_exact, open_library

    parcels.MOST_FILES = 2  # so that some are in work together while another one is read
    stage, _, number = moment.rpartition(":")
    reports = 0

    def count(progress: "IngestProgress") -> None:
        nonlocal reports
        reports += progress.stage == stage
        if stage and reports == int(number):
            _die()

    calls = _Calls(0 if stage else int(number))
    threading.setprofile(calls)
    sys.setprofile(calls)
    library = open_library(folder, open_vector_store=open_chroma if store == "chroma" else open_exact)
    add(library, *files, cancel=threading.Event(), on_progress=count)
    library.close()
    sys.setprofile(None)
    sys.stdout.write(f"{calls.count}\n")
    sys.stdout.flush()


def main() -> None:
    """Run each library in a copy of this process; 1 when one did not end as it should."""
    separator = sys.argv.index("--")
    files = [Path(file) for file in sys.argv[1:separator]]
    runs = sys.argv[separator + 1 :]
    import tests.support.library  # noqa: F401

    if "chroma" in runs:
        import chromadb  # noqa: F401
    for folder, moment, store in zip(runs[::3], runs[1::3], runs[2::3], strict=True):
        if (child := os.fork()) == 0:
            _add_until(moment, Path(folder), store, files)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) != (moment != "0"):
            sys.exit(f"{moment}: {status}")


if __name__ == "__main__":
    main()
