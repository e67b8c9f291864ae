"""Reads e-books (EPUB 2 and 3): their chapters in reading order."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rag.documents.archives import check_unpacked_size
from rag.documents.flat_text import FlatText
from rag.documents.html import find_year, parse_html, parse_xml, read_html
from rag.documents.loading import ExtractionLimits, Loading, Progress
from rag.documents.normalisation import squeeze
from rag.documents.titles import choose_title
from rag.errors import BrokenDocument, UnsupportedDocument

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_HTML_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Only fonts are encrypted so; everything else in a book of this kind can be read."""


def load_epub(path: Path, limits: ExtractionLimits) -> Loading:
    """Read an e-book; see :data:`rag.documents.loading.Loading`.

    Raises:
        BrokenDocument: it is damaged.
        UnsupportedDocument: it is protected against copying.
        DocumentTooLarge: unpacked it is over the limit.
        EmptyDocument: it has no text.
    """
    check_unpacked_size(path, limits)
    text = FlatText()
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_protected(archive)
            package_path = _find_package(archive)
            package = _parse_part(archive, package_path)
            chapters = list(_list_chapters(package, posixpath.dirname(package_path)))
            for done, chapter in enumerate(chapters, start=1):
                for _ in read_html(parse_html(archive.read(chapter)), text):
                    yield Progress(fraction=(done - 1) / len(chapters))
                yield Progress(fraction=done / len(chapters))
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError) as e:
        raise _damaged() from e
    titles = [squeeze(title) for title in _texts(package, "title")]
    authors = tuple(author for author in map(squeeze, _texts(package, "creator")) if author)
    title = next(filter(None, titles), "") or choose_title(
        metadata="", headings=[text.first_heading()], stem=path.stem
    )
    dates = [year for date in _texts(package, "date") if (year := find_year(date))]
    yield from text.finish(title, authors=authors, year=min(dates, default=None))


def _refuse_protected(archive: zipfile.ZipFile) -> None:
    if _ENCRYPTION not in archive.namelist():
        return
    methods = _parse_part(archive, _ENCRYPTION).iterfind(".//{*}EncryptedData/{*}EncryptionMethod")
    if any(method.get("Algorithm") not in _FONT_OBFUSCATION for method in methods):
        raise UnsupportedDocument(
            "This e-book is protected against copying (DRM) and cannot be read; please get a copy without it."
        )


def _find_package(archive: zipfile.ZipFile) -> str:
    file = _parse_part(archive, _CONTAINER).find(".//{*}rootfile")
    if file is None or not file.get("full-path"):
        raise _damaged()
    return str(file.get("full-path"))


def _parse_part(archive: zipfile.ZipFile, name: str) -> Any:
    root = parse_xml(archive.read(name))
    if root is None:
        raise _damaged()
    return root


def _list_chapters(package: Any, folder: str) -> Iterator[str]:
    """Yield the paths of the chapters in reading order, without the table of contents."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _HTML_TYPES:
            continue
        if "nav" not in (item.get("properties") or "").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _texts(package: Any, name: str) -> list[str]:
    """Return the texts of a field of the Dublin Core."""
    return [found.text or "" for found in package.iterfind(f".//{{*}}metadata/{{*}}{name}")]


def _damaged() -> BrokenDocument:
    return BrokenDocument("This e-book is damaged and cannot be opened; please try another copy.")
