"""What a file is, told by its bytes and never by its name alone."""

import re
import zipfile
from pathlib import Path

from rag.errors import BrokenDocument, EmptyDocument, EncryptedDocument, StorageError, UnsupportedDocument

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"
HTML = "text/html"
EPUB = "application/epub+zip"
PICTURE = "image/*"

_XML = "application/xml"
_RTF = "application/rtf"
_OLE = "application/x-ole-storage"
_ZIP = "application/zip"
_WEBP = "image/webp"
_BINARY = "application/octet-stream"

_SPOKEN = {
    PDF: "a PDF",
    DOCX: "a Word document (docx)",
    MARKDOWN: "Markdown",
    PLAIN_TEXT: "plain text",
    HTML: "a web page (HTML)",
    _XML: "an XML file",
    _RTF: "a rich text file (RTF)",
    EPUB: "an e-book (EPUB)",
    _OLE: "an old Office file (doc, xls or ppt)",
    _ZIP: "a ZIP archive",
    PICTURE: "a picture",
    _WEBP: "a WebP picture",
    _BINARY: "binary data",
}
_PROMISED_BY_SUFFIX = {
    ".pdf": PDF,
    ".docx": DOCX,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": PLAIN_TEXT,
    ".text": PLAIN_TEXT,
    ".rst": PLAIN_TEXT,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".epub": EPUB,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif"), PICTURE),
    "": PLAIN_TEXT,
}
_MAGIC = (
    (b"{\\rtf", _RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 8192
_PDF_HEADER_WITHIN = 1024
"""Readers accept ``%PDF-`` anywhere in the first 1,024 bytes (ISO 32000-1, annex H)."""
_HTML_START = re.compile(r"(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b", re.DOTALL)
_CONTROL_CODES = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b")
_MAX_CONTROL_SHARE = 0.01
_WORD_MAIN_PART = b"wordprocessingml.document.main+xml"


def detect_media_type(path: Path) -> str:
    """Tell which of the readable types a file is.

    Args:
        path: the file; at most its first 8 KiB, or the directory of a ZIP, are read.

    Returns:
        One of :data:`PDF`, :data:`DOCX`, :data:`EPUB`, :data:`HTML`, :data:`MARKDOWN`, :data:`PLAIN_TEXT`,
        :data:`PICTURE` (PNG, JPEG, TIFF, BMP, GIF).

    Raises:
        EmptyDocument: it has no bytes.
        UnsupportedDocument: a type that is not read yet.
        BrokenDocument: the content is not what the name promises.
        EncryptedDocument: an Office file behind a password.
        StorageError: it cannot be opened.
    """
    try:
        if not path.is_file():
            raise StorageError("This is not a file that can be read; please choose a document.")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as e:
        raise StorageError("This file cannot be opened; please check that it exists and may be read.") from e
    if not head:
        raise EmptyDocument("This file is empty (0 bytes); please choose another copy.")
    found = _recognise(head, path)
    promised = _PROMISED_BY_SUFFIX.get(path.suffix.lower())
    if found == PLAIN_TEXT and promised in (MARKDOWN, PLAIN_TEXT, HTML):
        return promised
    if promised is not None and path.suffix and found != promised:
        raise BrokenDocument(
            f"The name of this file says {_SPOKEN[promised]}, but it seems to be {_SPOKEN[found]}; "
            "it may be damaged or carry the wrong ending."
        )
    if found in (PDF, DOCX, EPUB, HTML, PICTURE):
        return found
    raise UnsupportedDocument(
        f"{_describe(found, path)} cannot be read yet; PDF, Word (docx), EPUB, HTML, Markdown, plain text "
        "and pictures (PNG, JPEG, TIFF, BMP, GIF) can."
    )


def _recognise(head: bytes, path: Path) -> str:
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _recognise_zip(path)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _WEBP
    if head.startswith(b"BM") and head[6:10] == bytes(4):  # the reserved field of a bitmap, no word's letters
        return PICTURE
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            if media_type == _OLE:
                _refuse_encrypted_office(path)
            return media_type
    return _recognise_text(head)


def _recognise_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                with archive.open("[Content_Types].xml") as part:
                    if _WORD_MAIN_PART in part.read(1 << 20):
                        return DOCX
            if "META-INF/container.xml" in names:
                return EPUB
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as e:
        raise BrokenDocument(
            "This file is a damaged Word document or archive; please get a new copy of it."
        ) from e
    return _ZIP


def _refuse_encrypted_office(path: Path) -> None:
    """A docx with a password is an OLE file whose directory names the encrypted package."""
    with path.open("rb") as file:
        if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20):
            raise EncryptedDocument("This file is protected by a password; please save a copy without it.")


def _recognise_text(head: bytes) -> str:
    if not head.startswith(_UTF16_MARKS):
        controls = sum(byte in _CONTROL_CODES for byte in head)
        if controls > _MAX_CONTROL_SHARE * len(head):
            return _BINARY
    text = _decode_head(head)
    if _HTML_START.match(text):
        return HTML
    if text.startswith("<?xml"):
        return HTML if "<html" in text else _XML
    return PLAIN_TEXT


def _decode_head(head: bytes) -> str:
    """Return the beginning of a text in lower case, as far as it takes to see markup."""
    encoding = "utf-16" if head.startswith(_UTF16_MARKS) else "latin-1"
    return head.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="ignore").lstrip().lower()


def _describe(found: str, path: Path) -> str:
    if found in (PLAIN_TEXT, _ZIP, _BINARY) and path.suffix:
        return f"A file of the type {path.suffix.lower()}"
    spoken = _SPOKEN[found]
    return spoken[0].upper() + spoken[1:]
