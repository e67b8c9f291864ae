"""Hostile and odd files: each ends as a document or as one sentence, and the next file is read."""

import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from rag.documents.detection import EPUB, HTML, PDF, PICTURE, PLAIN_TEXT
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits
from rag.errors import BrokenDocument, DocumentError, DocumentTooLarge, EmptyDocument, EncryptedDocument
from rag.types import ExtractedDocument
from tests.unit.documents.files import LOREM, save, write_column

LIMITS = replace(ExtractionLimits(), memory_bytes=600_000_000, stall_seconds=30.0)


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(limits=LIMITS) as extractor:
        yield extractor


def extract(
    extractor: Extractor, path: Path, media_type: str = PDF, password: str | None = None
) -> ExtractedDocument:
    return extractor.extract(
        path, media_type, password=password, cancel=threading.Event(), on_progress=lambda fraction: None
    )


def pdf_of(path: Path, objects: list[bytes]) -> Path:
    """Write a PDF of raw objects; the first is the catalogue, the second the page tree."""
    content, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\n" % (size, table, size)
    path.write_bytes(content + b"startxref\n%d\n%%%%EOF" % content.index(b"xref\n0"))
    return path


def stream(content: bytes, *, times: int = 1, entries: bytes = b"") -> bytes:
    """Return a stream object, deflated one or more times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    filters = b"/FlateDecode " * times
    return b"<</Length %d/Filter[%b]%b>>stream\n%b\nendstream" % (len(content), filters, entries, content)


CATALOGUE, TREE = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def page_of(box: bytes = b"0 0 595 842") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>" % box


TEXT = b"BT /F 10 Tf 100 700 Td (Potassium) Tj ET\n"


def one_page(
    content: bytes, *, catalogue: bytes = CATALOGUE, tree: bytes = TREE, page: bytes | None = None
) -> list[bytes]:
    return [catalogue, tree, page or page_of(), content, FONT]


def forms_in_forms() -> list[bytes]:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>/Font<</F 5 0 R>>>>"
    forms = [stream(b"/X Do " * 10, entries=form % (number + 1)) for number in range(6, 11)]
    page = page_of().replace(b"<</Font", b"<</XObject<</X 6 0 R>>/Font")
    return [*one_page(stream(b"/X Do"), page=page), *forms, stream(TEXT)]


BOMBS: dict[str, Callable[[], list[bytes]]] = {
    "a stream that grows a thousandfold": lambda: one_page(stream(b"0 0 m 1 1 l S\n" * 1_000_000)),
    "a stream packed three times": lambda: one_page(stream(bytes(100_000_000), times=3)),
    "brackets in brackets": lambda: one_page(stream(b"[" * 500_000)),
    "objects in objects": lambda: one_page(stream(TEXT), catalogue=CATALOGUE + b"[" * 100_000),
    "saved states": lambda: one_page(stream(b"q " * 1_000_000 + TEXT)),
    "a tree that holds itself": lambda: one_page(
        stream(TEXT), tree=b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>"
    ),
    "a count without pages": lambda: one_page(stream(TEXT), tree=b"<</Type/Pages/Kids[]/Count 2000000000>>"),
    "a page larger than a house": lambda: one_page(stream(TEXT), page=page_of(b"0 0 90000000 90000000")),
    "a page without any area": lambda: one_page(stream(TEXT), page=page_of(b"0 0 0 0")),
    "forms that draw ten forms each": forms_in_forms,
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_pdf_bomb_ends_as_a_document_or_a_sentence(extractor: Extractor, tmp_path: Path, name: str) -> None:
    path = pdf_of(tmp_path / "a.pdf", BOMBS[name]())
    assert path.stat().st_size < 1_500_000
    try:
        assert extract(extractor, path).pages
    except DocumentError as e:
        assert str(e).endswith(".")  # noqa: PT017 - either end is right
    (tmp_path / "next.txt").write_text("Potassium is high.")
    assert extract(extractor, tmp_path / "next.txt", PLAIN_TEXT).pages


def encrypted(path: Path) -> Path:
    document = pymupdf.open()
    write_column(document.new_page(), LOREM, x=60, y=200)
    return save(document, path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="kidney", owner_pw="owner")


@pytest.mark.parametrize("password", ["kidney", "owner"])
def test_a_password_opens_a_pdf(extractor: Extractor, tmp_path: Path, password: str) -> None:
    path = encrypted(tmp_path / "a.pdf")
    assert extract(extractor, path, password=password).pages[0].text.startswith("Potassium")


@pytest.mark.parametrize(
    ("password", "sentence"), [(None, "add it again with its password"), ("heart", "does not open this PDF")]
)
def test_without_the_password_it_is_asked_for(
    extractor: Extractor, tmp_path: Path, password: str | None, sentence: str
) -> None:
    with pytest.raises(EncryptedDocument, match=sentence):
        extract(extractor, encrypted(tmp_path / "a.pdf"), password=password)


def test_a_password_that_is_not_needed_does_no_harm(extractor: Extractor, tmp_path: Path) -> None:
    document = pymupdf.open()
    write_column(document.new_page(), LOREM, x=60, y=200)
    assert extract(extractor, save(document, tmp_path / "a.pdf"), password="x").pages


@pytest.mark.parametrize("media_type", [PDF, EPUB, PICTURE])
@pytest.mark.parametrize(
    "content", [b"\x00", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", bytes(4096)]
)
def test_what_is_not_what_it_should_be_is_said(
    extractor: Extractor, tmp_path: Path, media_type: str, content: bytes
) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises((BrokenDocument, EmptyDocument)):
        extract(extractor, tmp_path / "a", media_type)


def test_a_page_of_many_elements_is_read(extractor: Extractor, tmp_path: Path) -> None:
    paragraphs = "<p>Potassium <b>is</b> high.</p>\n" * 30_000
    (tmp_path / "a.html").write_text(f"<html>{paragraphs}</html>")
    assert len(extract(extractor, tmp_path / "a.html", HTML).blocks) == 30_000


def test_a_page_with_too_much_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html>" + "<p>Potassium is high.</p>" * 1000)
    limits = replace(LIMITS, max_characters=1000)
    with Extractor(limits=limits) as extractor, pytest.raises(DocumentTooLarge, match="too much text"):
        extract(extractor, tmp_path / "a.html", HTML)
