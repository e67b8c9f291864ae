"""Builds the PDF files of these tests, and reads them in this process."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf

from rag.documents.loading import ExtractionLimits, Loading, Structure
from rag.documents.pdf import load_pdf
from rag.types import Block, BlockKind, ExtractedDocument, Page

LEFT, RIGHT, MIDDLE = 60.0, 320.0, 72.0
"""Where columns begin on a page 595 points wide."""
LEADING = 13.0
SIZE = 10.0

LOREM = (
    "Potassium leaves the body mostly through the kidney, and the rest through the gut.",
    "When filtration falls, the remaining nephrons secrete more of it for a long time.",
    "A rise above six and a half millimoles is treated at once, whatever the heart shows.",
    "Calcium steadies the membrane, insulin moves the ion into cells, dialysis takes it out.",
    "The cause is looked for in parallel, among drugs, diet, acidosis and broken tissue.",
)


def write_column(
    page: pymupdf.Page, lines: Sequence[str], *, x: float, y: float, size: float = SIZE, font: str = "helv"
) -> float:
    """Write lines below each other; return where the next would stand."""
    for line in lines:
        page.insert_text((x, y), line, fontsize=size, fontname=font)
        y += LEADING * size / SIZE
    return y


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` characters, without hyphens."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def save(document: pymupdf.Document, path: Path, **options: object) -> Path:
    """Write the file and return its path."""
    document.save(path, **options)
    document.close()
    return path


def one_page(path: Path, draw: Callable[[pymupdf.Page], object], *, rotation: int = 0) -> Path:
    """Write a file of one page."""
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    draw(page)
    page.set_rotation(rotation)
    return save(document, path)


def read(path: Path, loader: Callable[[Path, ExtractionLimits], Loading] = load_pdf) -> ExtractedDocument:
    """Read a file in this process."""
    pages: list[Page] = []
    for message in loader(path, ExtractionLimits()):
        if isinstance(message, Page):
            pages.append(message)
        elif isinstance(message, Structure):
            return ExtractedDocument(
                title=message.title,
                pages=tuple(pages),
                blocks=message.blocks,
                authors=message.authors,
                year=message.year,
            )
    raise AssertionError("the loader gave no structure")


def text_of(document: ExtractedDocument, block: Block) -> str:
    """Return a block's text, its spans joined with a bar."""
    return "|".join(document.pages[span.page_index].text[span.start : span.end] for span in block.spans)


def texts(document: ExtractedDocument, kind: BlockKind) -> list[str]:
    """Return the texts of all blocks of a kind."""
    return [text_of(document, block) for block in document.blocks if block.kind is kind]


def assert_boxes_fit(page: Page) -> None:
    """Boxes ascend, hold no white space, and together hold everything else."""
    covered: list[int] = []
    for box in page.boxes:
        assert box.start < box.end
        covered.extend(range(box.start, box.end))
        assert box.x0 <= box.x1
        assert box.y0 <= box.y1
    assert covered == [index for index, character in enumerate(page.text) if not character.isspace()]
