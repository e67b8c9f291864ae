"""Reads Word files (docx). The only importer of python-docx."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from rag.documents.archives import check_unpacked_size
from rag.documents.flat_text import FlatText
from rag.documents.loading import ExtractionLimits, Loading
from rag.documents.metadata import choose_authors, find_year
from rag.documents.titles import choose_title
from rag.errors import BrokenDocument
from rag.types import BlockKind

_HEADING_STYLE = re.compile(r"heading (\d)")
_CAPTION_STYLE = "caption"
_TEXT, _DELETED, _FALLBACK, _TEXT_BOX = qn("w:t"), qn("w:del"), "Fallback", qn("w:txbxContent")
_SPACES = {qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}


def load_docx(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a Word file; see :data:`rag.documents.loading.Loading`.

    Deleted text of tracked changes, headers, footers, notes and comments are left out.

    Raises:
        BrokenDocument: it is damaged.
        DocumentTooLarge: unpacked it is over the limit.
        EmptyDocument: it has no text.
    """
    check_unpacked_size(path, limits)
    try:  # lxml's syntax errors are Python's
        document = docx.Document(str(path))
    except (PackageNotFoundError, SyntaxError, zipfile.BadZipFile, KeyError, ValueError) as e:
        raise BrokenDocument(
            "This Word document is damaged and cannot be opened; please try another copy."
        ) from e
    text = FlatText()
    for element in _iterate_blocks(document.element.body):
        if element.tag == qn("w:tbl"):
            text.add_table([[read_text(cell) for cell in row.tc_lst] for row in element.tr_lst])
        else:
            kind, level = _classify(element, Paragraph(element, document).style)
            text.add(kind, read_text(element), level=level)
    stated, opening = document.core_properties, text.opening()
    yield from text.finish(
        choose_title(metadata=stated.title or "", headings=[text.first_heading()], stem=path.stem),
        authors=choose_authors(
            stated=(stated.author or "").split(";"), paragraphs=opening, page=" ".join(opening)
        ),
        year=find_year(opening),
    )


def _iterate_blocks(parent: Any) -> Iterator[Any]:
    """Yield paragraphs and tables in order, those of content controls and text boxes among them."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
            for box in child.iter(_TEXT_BOX):
                if not _is_inside(box, _FALLBACK, child):
                    yield from _iterate_blocks(box)
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _iterate_blocks(child)


def _is_inside(element: Any, name: str, top: Any) -> bool:
    return any(
        ancestor.tag.rpartition("}")[2] == name
        for ancestor in element.iterancestors()
        if ancestor is not top and top in ancestor.iterancestors()
    )


def read_text(element: Any) -> str:
    """Return the text below an element, without deleted text and without text boxes."""
    return "".join(_iterate_text(element))


def _iterate_text(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _SPACES:
            yield _SPACES[child.tag]
        elif child.tag not in (_DELETED, _TEXT_BOX) and isinstance(child.tag, str):
            yield from _iterate_text(child)
            if child.tag == qn("w:p"):
                yield " "


def _classify(element: Any, style: Any) -> tuple[BlockKind, int]:
    """Return what a paragraph is, and a heading's level, from its style and the styles that is based on."""
    is_numbered = _has_numbering(element)
    while style is not None:
        name = (style.name or "").lower()
        if name == "title":
            return BlockKind.HEADING, 1
        if match := _HEADING_STYLE.match(name):
            return BlockKind.HEADING, int(match[1])
        if name == _CAPTION_STYLE:
            return BlockKind.CAPTION, 0
        is_numbered = is_numbered or name.startswith("list ") or _has_numbering(style.element)
        style = style.base_style
    return (BlockKind.LIST_ITEM if is_numbered else BlockKind.PARAGRAPH), 0


def _has_numbering(element: Any) -> bool:
    properties = element.pPr
    return properties is not None and properties.numPr is not None
