"""The child process: what comes through it, what ends it, and that nothing of it stays behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pymupdf
import pytest

from rag.documents.detection import PDF, PLAIN_TEXT
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits
from rag.errors import BrokenDocument, Cancelled, DocumentTooLarge, EmptyDocument, StorageError
from rag.types import ExtractedDocument
from tests.unit.documents.files import LOREM, read, save, write_column

LIMITS = ExtractionLimits()


@pytest.fixture
def extractor() -> Iterator[Extractor]:
    with Extractor(limits=LIMITS) as extractor:
        yield extractor


@pytest.fixture(scope="module")
def long_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of 2,000 pages."""
    pdf = pymupdf.open()
    for number in range(2000):
        pdf.new_page().insert_text((60, 200), [f"Page text number {number} on potassium.", *LOREM[:2]])
    return save(pdf, tmp_path_factory.mktemp("pdf") / "long.pdf")


@pytest.fixture
def short_pdf(tmp_path: Path) -> Path:
    """A PDF of 50 pages."""
    pdf = pymupdf.open()
    for _ in range(50):
        pdf.new_page().insert_text((60, 200), LOREM[0])
    return save(pdf, tmp_path / "short.pdf")


def extract(
    extractor: Extractor,
    path: Path,
    media_type: str = PDF,
    *,
    cancel: threading.Event | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> ExtractedDocument:
    return extractor.extract(path, media_type, cancel=cancel or threading.Event(), on_progress=on_progress)


def child() -> psutil.Process:
    """Return the one process that reads."""
    [process] = multiprocessing.active_children()
    return psutil.Process(process.pid)


def test_two_thousand_pages_come_page_by_page_as_they_are(extractor: Extractor, long_pdf: Path) -> None:
    fractions: list[float] = []
    document = extract(extractor, long_pdf, on_progress=fractions.append)
    assert [page.number for page in document.pages] == list(range(1, 2001))
    assert all(f"number {page.index} on" in page.text for page in document.pages)
    assert fractions == sorted(fractions)
    assert len(fractions) > 2000
    assert fractions[-1] == 1.0


def test_what_comes_through_is_what_the_loader_gave(extractor: Extractor, tmp_path: Path) -> None:
    pdf = pymupdf.open()
    write_column(pdf.new_page(), LOREM, x=60, y=200)
    path = save(pdf, tmp_path / "a.pdf")
    assert extract(extractor, path) == read(path)


def test_one_child_reads_many_files_also_after_one_that_failed(extractor: Extractor, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Potassium is high.")
    (tmp_path / "empty.txt").write_text(" \n ")
    extract(extractor, tmp_path / "good.txt", PLAIN_TEXT)
    first = child().pid
    assert extract(extractor, tmp_path / "good.txt", PLAIN_TEXT).pages[0].text == "Potassium is high."
    assert child().pid == first
    with pytest.raises(EmptyDocument):
        extract(extractor, tmp_path / "empty.txt", PLAIN_TEXT)
    assert extract(extractor, tmp_path / "good.txt", PLAIN_TEXT).title == "good"


def test_cancel_ends_the_child(extractor: Extractor, long_pdf: Path) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        extract(extractor, long_pdf, cancel=cancel, on_progress=lambda fraction: cancel.set())
    assert not multiprocessing.active_children()


def test_a_child_that_dies_is_an_error_of_the_file_and_the_next_file_is_read(
    extractor: Extractor, long_pdf: Path, tmp_path: Path
) -> None:
    with pytest.raises(BrokenDocument, match="damaged"):
        extract(extractor, long_pdf, on_progress=lambda fraction: child().kill())
    (tmp_path / "good.txt").write_text("Potassium is high.")
    assert extract(extractor, tmp_path / "good.txt", PLAIN_TEXT).title == "good"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (replace(LIMITS, memory_bytes=1), "memory"),
        (replace(LIMITS, stall_seconds=0.0), "too long"),
        (replace(LIMITS, base_seconds=0.0, page_seconds=0.0), "too long"),
        (replace(LIMITS, max_characters=1000), "too much text"),
        (replace(LIMITS, max_bytes=1000), "MB"),
        (replace(LIMITS, max_pages=49), "pages"),
    ],
)
def test_a_file_over_a_limit_is_refused(limits: ExtractionLimits, words: str, short_pdf: Path) -> None:
    with Extractor(limits=limits) as extractor, pytest.raises(DocumentTooLarge, match=words):
        extract(extractor, short_pdf)
    assert not multiprocessing.active_children()


def test_a_parser_that_fails_is_an_error_of_the_file(extractor: Extractor, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(BrokenDocument):
        extract(extractor, tmp_path / "a.pdf")


def test_a_missing_file_is_no_fault_of_the_document(extractor: Extractor, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        extract(extractor, tmp_path / "gone.pdf")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_does_not_reach_the_child(extractor: Extractor, short_pdf: Path) -> None:
    sent: list[bool] = []

    def interrupt(fraction: float) -> None:
        if not sent:
            sent.append(True)
            child().send_signal(signal.SIGINT)

    assert len(extract(extractor, short_pdf, on_progress=interrupt).pages) == 50
    assert sent


PARENT = """
import sys, threading
from pathlib import Path
from multiprocessing import active_children
from rag.documents.detection import PDF
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits

def tell(fraction):
    print(active_children()[0].pid, flush=True)
    threading.Event().wait()

extractor = Extractor(limits=ExtractionLimits())
extractor.extract(Path(sys.argv[1]), PDF, cancel=threading.Event(), on_progress=tell)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_child_ends_when_the_program_is_killed(long_pdf: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(long_pdf)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        reader = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([reader], timeout=20)[1] == []
