"""What a file is, told by its bytes."""

import zipfile
from pathlib import Path

import docx
import pytest

from rag.documents.detection import (
    DOCX,
    EPUB,
    HTML,
    MARKDOWN,
    PDF,
    PICTURE,
    PLAIN_TEXT,
    detect_media_type,
)
from rag.errors import BrokenDocument, EmptyDocument, EncryptedDocument, StorageError, UnsupportedDocument

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", b"%PDF-1.4\n", PDF),
        ("without_an_ending", b"junk\n%PDF-1.4\n", PDF),
        ("a.txt", b"Potassium", PLAIN_TEXT),
        ("README", "Käse".encode("latin-1"), PLAIN_TEXT),
        ("a.txt", "Potassium".encode("utf-16"), PLAIN_TEXT),
        ("a.MD", b"# Potassium", MARKDOWN),
        ("a.md", b"<p align=center>Potassium</p>", MARKDOWN),
        ("a.html", b"<!DOCTYPE html><p>x", HTML),
        ("saved", b"\xef\xbb\xbf\n<!-- saved --> <HTML lang=en>", HTML),
        ("a.xhtml", b"<?xml version='1.0'?><html/>", HTML),
        ("a.htm", b"<p>a fragment</p>", HTML),
        ("a.html", "<html>".encode("utf-16"), HTML),
        ("a.png", PNG, PICTURE),
        ("a.jpg", PNG, PICTURE),
        ("scan", b"II*\x00" + bytes(60), PICTURE),
        ("a.bmp", b"BM" + bytes(60), PICTURE),
        ("a.txt", b"BMJ Open: potassium", PLAIN_TEXT),
    ],
)
def test_content_decides(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert detect_media_type(tmp_path / name) == media_type


def test_a_word_document_is_told_by_its_parts(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))
    assert detect_media_type(tmp_path / "a.docx") == DOCX


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(60), "WebP"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.doc", OLE + bytes(600), "old Office file"),
        ("a.rtf", b"{\\rtf1 x}", "RTF"),
        ("a.csv", b"a,b\n1,2\n", ".csv"),
        ("a.bin", bytes(100), ".bin"),
    ],
)
def test_other_types_are_not_read_yet(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnsupportedDocument, match=f"{words}.*cannot be read yet; PDF, Word"):
        detect_media_type(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "promised", "found"),
    [
        ("a.pdf", b"Potassium", "a PDF", "plain text"),
        ("a.txt", b"%PDF-1.4", "plain text", "a PDF"),
        ("a.docx", b"%PDF-1.4", "a Word document", "a PDF"),
        ("a.txt", bytes(range(256)), "plain text", "binary"),
        ("a.md", PNG, "Markdown", "a picture"),
        ("a.png", b"%PDF-1.4", "a picture", "a PDF"),
        ("a.html", b"%PDF-1.4", "a web page", "a PDF"),
        ("a.epub", b"Potassium", "an e-book", "plain text"),
        ("a.txt", b"<html>", "plain text", "a web page"),
    ],
)
def test_a_wrong_name_is_said(tmp_path: Path, name: str, content: bytes, promised: str, found: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenDocument, match=f"says {promised}.*seems to be {found}"):
        detect_media_type(tmp_path / name)


def test_zip_archives_are_looked_into(tmp_path: Path) -> None:
    for name, part in (("a.epub", "META-INF/container.xml"), ("a.zip", "x.txt")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(part, "x")
    assert detect_media_type(tmp_path / "a.epub") == EPUB
    with pytest.raises(UnsupportedDocument):
        detect_media_type(tmp_path / "a.zip")
    (tmp_path / "a.docx").write_bytes((tmp_path / "a.zip").read_bytes()[:40])
    with pytest.raises(BrokenDocument, match="damaged"):
        detect_media_type(tmp_path / "a.docx")


def test_a_word_document_with_a_password_is_encrypted(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(EncryptedDocument, match="password"):
        detect_media_type(tmp_path / "a.docx")


def test_nothing_and_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    with pytest.raises(EmptyDocument):
        detect_media_type(tmp_path / "a.pdf")
    with pytest.raises(StorageError):
        detect_media_type(tmp_path / "gone.pdf")
    with pytest.raises(StorageError):
        detect_media_type(tmp_path)
