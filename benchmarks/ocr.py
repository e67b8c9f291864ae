"""How well and how fast pages are recognised: ours, PyMuPDF's Tesseract, and RapidOCR if installed.

    python benchmarks/ocr.py --data DIR [--engines ours,pymupdf,rapidocr] [--pages N]

``DIR`` holds ``docs/pdf_scan_like`` (scans with their true text beside them) and ``docs/pdf_open`` (PDFs with
text, of which pages are rendered). Prints one JSON object. Character error rate: edits over the length of the
true text, reading order included. Words: share of the true words that were read (recall) and of the read
words that are true (precision), as multisets. Needs rapidfuzz, from the development dependencies.
"""

import argparse
import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymupdf
from rapidfuzz.distance import Levenshtein

from rag.documents.loading import ExtractionLimits
from rag.documents.pdf import load_pdf
from rag.types import Page

Engine = Callable[[Path], list[str]]
"""Gives the text of each page of a PDF of pictures."""
_WORD = re.compile(r"[\w%]+")
_RESOLUTIONS = (150, 300)
_LIGATURES = str.maketrans({"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl"})


@dataclass(frozen=True, slots=True)
class Sample:
    """Pages that are pictures, and what they say."""

    name: str
    file: Path
    truth: list[str]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--engines", default="ours,pymupdf")
    parser.add_argument("--pages", type=int, default=2, help="rendered pages of each PDF with text")
    arguments = parser.parse_args()
    makers = {"ours": lambda: read_ours, "pymupdf": make_pymupdf, "rapidocr": make_rapidocr}
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        samples = [
            *find_scans(arguments.data / "docs" / "pdf_scan_like"),
            *render_pages(arguments.data / "docs" / "pdf_open", Path(folder), arguments.pages),
        ]
        for name in arguments.engines.split(","):
            engine = makers[name]()
            figures[name] = {sample.name: measure(engine, sample) for sample in samples}
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            figures[name]["peak_mb_so_far"] = round(peak)
    sys.stdout.write(json.dumps({"name": "ocr", "figures": figures}, indent=1) + "\n")


def find_scans(folder: Path) -> Iterator[Sample]:
    """Yield the scans that have their text beside them."""
    for truth in sorted(folder.glob("*.truth.txt")):
        scan = truth.with_name(truth.name.replace(".truth.txt", ".pdf"))
        yield Sample(scan.stem, scan, truth.read_text(encoding="utf-8").rstrip("\f").split("\f"))


def render_pages(folder: Path, scratch: Path, count: int) -> Iterator[Sample]:
    """Turn pages of PDFs with text into pictures."""
    for dpi in _RESOLUTIONS:
        scans, truth = pymupdf.open(), []
        for file in sorted(folder.glob("*.pdf")):
            with pymupdf.open(file) as document:
                for page in list(document)[1 : 1 + count]:
                    picture = page.get_pixmap(dpi=dpi, colorspace="gray")
                    scans.new_page(width=page.rect.width, height=page.rect.height).insert_image(
                        page.rect, pixmap=picture
                    )
                    truth.append(page.get_text())
        path = scratch / f"rendered_{dpi}_dpi.pdf"
        scans.save(path)
        yield Sample(path.stem, path, truth)


def measure(engine: Engine, sample: Sample) -> dict[str, float]:
    """Return the figures of one engine on one sample."""
    start, start_cpu = time.perf_counter(), time.process_time()
    texts = engine(sample.file)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    pairs = [(flatten(true), flatten(read)) for true, read in zip(sample.truth, texts, strict=True)]
    edits = sum(Levenshtein.distance(true, read) for true, read in pairs)
    true_words = Counter(word for page, (true, _) in enumerate(pairs) for word in words(page, true))
    read_words = Counter(word for page, (_, read) in enumerate(pairs) for word in words(page, read))
    common = (true_words & read_words).total()
    return {
        "pages": len(texts),
        "character_error_rate": round(edits / sum(len(true) for true, _ in pairs), 4),
        "word_recall": round(common / true_words.total(), 4),
        "word_precision": round(common / max(1, read_words.total()), 4),
        "seconds_per_page": round(seconds / len(texts), 2),
        "cpu_seconds_per_page": round(cpu / len(texts), 2),
    }


def flatten(text: str) -> str:
    """Return the text on one line, broken words mended as every arm would."""
    return " ".join(re.sub(r"-\s*\n\s*", "", text.translate(_LIGATURES)).split())


def words(page: int, text: str) -> list[tuple[int, str]]:
    """Return the words of a page."""
    return [(page, word) for word in _WORD.findall(text.lower())]


def read_ours(file: Path) -> list[str]:
    """Read as the library does."""
    return [message.text for message in load_pdf(file, ExtractionLimits()) if isinstance(message, Page)]


def make_pymupdf() -> Engine:
    """Read with the Tesseract inside PyMuPDF, at its best resolution for this."""

    def read(file: Path) -> list[str]:
        with pymupdf.open(file) as document:
            return [page.get_textpage_ocr(dpi=300, full=True).extractText() for page in document]

    return read


def make_rapidocr() -> Engine:
    """Read with the models of PaddleOCR, by the package rapidocr."""
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error", "Global.max_side_len": 3000})

    def read_page(page: Any) -> str:
        pixels = page.get_pixmap(dpi=200, colorspace="rgb")
        picture = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
        found: Sequence[str] = engine(picture[:, :, ::-1].copy()).txts or ()
        return "\n".join(found)

    def read(file: Path) -> list[str]:
        with pymupdf.open(file) as document:
            return [read_page(page) for page in document]

    return read


if __name__ == "__main__":
    main()
