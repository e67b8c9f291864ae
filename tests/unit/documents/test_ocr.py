"""Recognised text: what is read where, in which order, and what is said when it cannot be."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from installer.system_packages import missing_ocr_data
from rag.documents import ocr
from rag.documents.detection import PDF, PICTURE
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits, OcrPageCount, Progress
from rag.documents.pdf import load_pdf, load_picture
from rag.errors import BrokenDocument, Cancelled, DocumentTooLarge, EmptyDocument, OcrUnavailable
from rag.types import BlockKind, Page, WordBox
from tests.unit.documents.files import (
    LEFT,
    LOREM,
    RIGHT,
    assert_boxes_fit,
    read,
    save,
    texts,
    wrap,
    write_column,
)


@pytest.fixture(autouse=True)
def _language_data() -> None:
    """The set-up brings it where it may install packages; CI is such a place."""
    missing = missing_ocr_data()
    if missing and not os.environ.get("CI"):
        pytest.skip(f"not installed: {', '.join(missing)}")


A4 = pymupdf.paper_rect("a4")
TEXT = wrap(" ".join(LOREM[:4]), 80)


def draw(write: Callable[[pymupdf.Page], object], *, dpi: int = 150) -> pymupdf.Pixmap:
    """Render what is written on a page."""
    document = pymupdf.open()
    page = document.new_page(width=A4.width, height=A4.height)
    write(page)
    return page.get_pixmap(dpi=dpi, colorspace="gray")


def text_picture(lines: Sequence[str] = TEXT, *, size: float = 11.0) -> pymupdf.Pixmap:
    return draw(lambda page: write_column(page, lines, x=LEFT, y=150, size=size))


def scan(path: Path, *pictures: pymupdf.Pixmap, rotate: int = 0, stamp: str = "") -> Path:
    """Write a PDF whose pages are pictures."""
    document = pymupdf.open()
    for picture in pictures:
        sides = (A4.width, A4.height) if rotate % 180 == 0 else (A4.height, A4.width)
        page = document.new_page(width=sides[0], height=sides[1])
        page.insert_image(page.rect, pixmap=picture, rotate=rotate)
        if stamp:
            page.insert_text((LEFT, 830), stamp, fontsize=7)
    return save(document, path)


def find(page: Page, word: str) -> WordBox:
    """Return the box of the first place where a word stands."""
    start = page.text.index(word)
    return next(box for box in page.boxes if box.start <= start < box.end)


def test_a_scanned_page_is_read_and_its_words_stand_where_they_are_seen(tmp_path: Path) -> None:
    document = read(scan(tmp_path / "a.pdf", text_picture()))
    [page] = document.pages
    assert page.is_ocr
    assert page.number == 1
    assert texts(document, BlockKind.PARAGRAPH) == [" ".join(TEXT)]
    assert_boxes_fit(page)
    box = find(page, "Potassium")
    assert box.x0 == pytest.approx(LEFT, abs=3)
    assert 140 < box.y0 < box.y1 < 156


def test_pages_with_text_keep_it_and_only_pictures_are_recognised(tmp_path: Path) -> None:
    scan(tmp_path / "scan.pdf", text_picture())
    document = pymupdf.open()
    write_column(document.new_page(), LOREM, x=LEFT, y=200)
    document.insert_pdf(pymupdf.open(tmp_path / "scan.pdf"))
    document.new_page()
    messages = list(load_pdf(save(document, tmp_path / "a.pdf"), ExtractionLimits()))
    pages = [message for message in messages if isinstance(message, Page)]
    assert [page.is_ocr for page in pages] == [False, True, False]
    assert OcrPageCount(pages=1) in messages
    fractions = [message.fraction for message in messages if isinstance(message, Progress)]
    assert fractions == sorted(fractions)


def test_a_text_page_with_a_picture_is_not_recognised(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, pixmap=text_picture(["Another text", "in the picture"]))
    write_column(page, LOREM, x=LEFT, y=400)
    [page] = read(save(document, tmp_path / "a.pdf")).pages
    assert not page.is_ocr
    assert "Another" not in page.text


def test_the_invisible_text_of_a_scan_is_its_text(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, pixmap=text_picture())
    page.insert_text((LEFT, 150), LOREM[0] + LOREM[1], fontsize=8, render_mode=3)
    [page] = read(save(document, tmp_path / "a.pdf")).pages
    assert not page.is_ocr
    assert "Potassium" in page.text


def test_a_stamp_on_a_scan_does_not_stand_for_its_text(tmp_path: Path) -> None:
    [page] = read(scan(tmp_path / "a.pdf", text_picture(), stamp="Downloaded from a library in 2020")).pages
    assert page.is_ocr
    assert "Potassium leaves the body" in page.text


def test_letters_turned_into_outlines_are_recognised(tmp_path: Path) -> None:
    source = pymupdf.open()
    write_column(source.new_page(width=A4.width, height=A4.height), TEXT, x=LEFT, y=150)
    outlined = pymupdf.open("svg", source[0].get_svg_image(text_as_path=True).encode())
    path = tmp_path / "a.pdf"
    path.write_bytes(outlined.convert_to_pdf())
    [page] = read(path).pages
    assert page.is_ocr
    assert "Potassium leaves the body" in page.text


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_page_that_was_scanned_sideways_is_turned(tmp_path: Path, rotate: int) -> None:
    lines = wrap(" ".join(LOREM * 2), 80)
    document = read(scan(tmp_path / "a.pdf", text_picture(lines), rotate=rotate))
    [page] = document.pages
    assert texts(document, BlockKind.PARAGRAPH) == [" ".join(lines)]
    box = find(page, "Potassium")
    middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    x, y = LEFT + 25, 147  # where it stands upright
    expected = {90: (y, A4.width - x), 180: (A4.width - x, A4.height - y), 270: (A4.height - y, x)}[rotate]
    assert middle == pytest.approx(expected, abs=10)


def test_two_columns_that_stand_aslant_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = wrap(" ".join(LOREM[:3] * 2), 42)
    right = wrap(" ".join(LOREM[3:] * 3), 42)

    def write(page: pymupdf.Page) -> None:
        turn = (pymupdf.Point(300, 400), pymupdf.Matrix(2.0))
        for lines, x in ((left, LEFT), (right, RIGHT)):
            for number, line in enumerate(lines):
                page.insert_text((x, 150 + 14 * number), line, fontsize=10, morph=turn)

    document = read(scan(tmp_path / "a.pdf", draw(write, dpi=200)))
    assert "".join(document.pages[0].text.split()) == "".join("".join(left + right).split())


def test_chinese_is_read_without_spaces_between_its_characters(tmp_path: Path) -> None:
    lines = [
        "肾功能不全的病人应当定期检查血钾",
        "透析可以清除体内多余的水分和毒素",
        "高钾血症需要立即治疗",
    ] * 3

    def write(page: pymupdf.Page) -> None:
        for number, line in enumerate(lines):
            page.insert_text((LEFT, 150 + 24 * number), line, fontsize=14, fontname="china-s")

    [page] = read(scan(tmp_path / "a.pdf", draw(write, dpi=200))).pages
    assert "定期检查血钾" in page.text


def test_every_frame_of_a_picture_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(text_picture().tobytes("png"))
    [page] = read(tmp_path / "a.png", load_picture).pages
    assert (page.number, page.is_ocr) == (1, True)
    assert "Potassium leaves the body" in page.text
    frames = [text_picture([f"The {word} frame."]) for word in ("first", "second")]
    (tmp_path / "a.tiff").write_bytes(tiff(frames))
    pages = read(tmp_path / "a.tiff", load_picture).pages
    assert [page.text for page in pages] == ["The first frame.", "The second frame."]


def tiff(frames: Sequence[pymupdf.Pixmap]) -> bytes:
    """Write an uncompressed TIFF (6.0, section 6) with several frames."""
    content = b"II*\x00"
    link = 4
    content += bytes(4)
    for frame in frames:
        pixels = bytes(frame.samples)
        offset = len(content)
        content += pixels + bytes(len(pixels) % 2)
        fields = {256: frame.width, 257: frame.height, 258: 8, 259: 1, 262: 1, 273: offset}
        fields |= {277: 1, 278: frame.height, 279: len(pixels)}
        here = len(content)
        content = content[:link] + here.to_bytes(4, "little") + content[link + 4 :]
        content += len(fields).to_bytes(2, "little")
        for tag, value in fields.items():
            content += tag.to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00" + value.to_bytes(4, "little")
        link = len(content)
        content += bytes(4)
    return content


def test_a_picture_without_text_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(draw(lambda page: None).tobytes("png"))
    with pytest.raises(EmptyDocument, match="no text"):
        read(tmp_path / "a.png", load_picture)


def test_a_picture_that_would_unpack_to_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(text_picture().tobytes("png"))
    with pytest.raises(DocumentTooLarge, match="pixels"):
        list(load_picture(tmp_path / "a.png", ExtractionLimits(max_picture_pixels=1_000_000)))


@pytest.mark.parametrize("length", [40, 400])
def test_a_damaged_picture_is_said(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.png").write_bytes(text_picture().tobytes("png")[:length])
    with pytest.raises((BrokenDocument, EmptyDocument)):
        read(tmp_path / "a.png", load_picture)


def test_more_scanned_pages_than_the_limit_are_refused(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", *[text_picture(["x"])] * 3)
    with pytest.raises(DocumentTooLarge, match="3 pages that are pictures"):
        list(load_pdf(path, ExtractionLimits(max_ocr_pages=2)))


def test_missing_language_data_is_said_and_files_with_text_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "_FOLDERS", (str(tmp_path / "nowhere"),))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(OcrUnavailable, match="tesseract-ocr-eng"):
        read(scan(tmp_path / "scan.pdf", text_picture()))
    document = pymupdf.open()
    write_column(document.new_page(), LOREM, x=LEFT, y=200)
    assert read(save(document, tmp_path / "text.pdf")).pages[0].text


def test_cancel_ends_a_recognition(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", *[text_picture(TEXT[:1])] * 40)
    cancel = threading.Event()
    seen: list[float] = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        cancel.set()

    with Extractor(limits=ExtractionLimits()) as extractor, pytest.raises(Cancelled):
        extractor.extract(path, PDF, cancel=cancel, on_progress=stop)
    assert max(seen) < 0.5


def test_recognised_pages_come_through_the_child_process(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(text_picture().tobytes("png"))
    with Extractor(limits=ExtractionLimits()) as extractor:
        document = extractor.extract(
            tmp_path / "a.png", PICTURE, cancel=threading.Event(), on_progress=lambda fraction: None
        )
    assert document.pages == read(tmp_path / "a.png", load_picture).pages
    assert document.pages[0].is_ocr
