"""E-books: chapters in the order of the spine, what the package says, and what is refused."""

import zipfile
from pathlib import Path

import pytest

from rag.documents.epub import load_epub
from rag.documents.loading import ExtractionLimits
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument, UnsupportedDocument
from tests.unit.documents.files import read

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Potassium</dc:title>
<dc:creator>Ada Lovelace</dc:creator>
<dc:creator>Karl Ewald</dc:creator><dc:date>2019-05-12</dc:date></metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="art" href="art.png" media-type="image/png"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="art"/><itemref idref="two"/></spine>
</package>"""
CHAPTER = """<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"
xmlns:epub="http://www.idpf.org/2007/ops"><head><title>x</title></head><body><h1>Chapter {0}</h1>
<p>Text {0}.</p>
<aside epub:type="footnote">Note {0}.</aside></body></html>"""
PARTS = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": CHAPTER.format("of contents"),
    "OEBPS/text/one a.xhtml": CHAPTER.format("one"),
    "OEBPS/text/two.xhtml": CHAPTER.format("two"),
}


def book(tmp_path: Path, **changes: str | None) -> Path:
    """Write a book; ``changes`` by the last part of a name, ``None`` leaves the part out."""
    with zipfile.ZipFile(tmp_path / "a.epub", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            changed = changes.get(Path(name).stem, content)
            if changed is not None:
                archive.writestr(name, changed)
    return tmp_path / "a.epub"


def test_chapters_come_in_the_order_of_the_spine_without_the_navigation(tmp_path: Path) -> None:
    document = read(book(tmp_path), load_epub)
    assert document.pages[0].text == (
        "Chapter one\n\nText one.\n\nNote one.\n\nChapter two\n\nText two.\n\nNote two."
    )
    assert [block.kind.value for block in document.blocks] == ["heading", "paragraph", "footnote"] * 2
    assert (document.title, document.year) == ("Potassium", 2019)
    assert document.authors == ("Ada Lovelace", "Karl Ewald")


def add(file: Path, name: str, content: str | bytes) -> Path:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file


ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData
xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>"""


def test_a_protected_book_is_refused_one_with_obfuscated_fonts_is_read(tmp_path: Path) -> None:
    fonts = ENCRYPTION.format("http://www.idpf.org/2008/embedding")
    assert read(add(book(tmp_path), "META-INF/encryption.xml", fonts), load_epub).title == "Potassium"
    locked = ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    with pytest.raises(UnsupportedDocument, match="DRM"):
        read(add(book(tmp_path), "META-INF/encryption.xml", locked), load_epub)


def test_a_book_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    file = add(book(tmp_path), "OEBPS/bomb.xhtml", bytes(5_000_000))
    with pytest.raises(DocumentTooLarge, match="5 MB"):
        list(load_epub(file, ExtractionLimits(max_unpacked_bytes=4_000_000)))


@pytest.mark.parametrize(
    "changes",
    [{"container": "<container/>"}, {"container": "no xml"}, {"book": None}, {"book": "<"}, {"two": None}],
)
def test_a_damaged_book_is_said(tmp_path: Path, changes: dict[str, str | None]) -> None:
    with pytest.raises(BrokenDocument, match="e-book is damaged"):
        read(book(tmp_path, **changes), load_epub)


def test_a_book_without_text_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument):
        read(book(tmp_path, **{"one a": "<html/>", "two": "<html/>"}), load_epub)


def test_entities_of_the_package_are_not_expanded(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    package = PACKAGE.replace("<package", f'<!DOCTYPE package [<!ENTITY a0 "boom">{bomb}]><package', 1)
    package = package.replace("<dc:title>Potassium", "<dc:title>Potassium&a9;")
    with pytest.raises(BrokenDocument):
        read(book(tmp_path, book=package), load_epub)
