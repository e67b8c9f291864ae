"""Reads web pages: what a reader sees of their content, and no more. The only importer of lxml."""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from rag.documents.flat_text import FlatText
from rag.documents.loading import ExtractionLimits, Loading, Progress
from rag.documents.normalisation import squeeze
from rag.documents.plain_text import decode
from rag.documents.titles import choose_title
from rag.errors import BrokenDocument
from rag.types import BlockKind

_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{3,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_LEFT_OUT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "footer",
        "button",
        "select",
        "option",
        "datalist",
        "textarea",
        "input",
        "iframe",
        "object",
        "embed",
        "canvas",
        "svg",
        "audio",
        "video",
        "map",
        "dialog",
    ]
)
_LEFT_OUT_ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "search", "menu", "menubar", "toolbar", "dialog", "alert"]
)
_LEFT_OUT_CLASSES = frozenset(
    [
        "nav",
        "navbar",
        "navigation",
        "navbox",
        "breadcrumb",
        "breadcrumbs",
        "cookie-banner",
        "skip-link",
        "mw-editsection",
        "noprint",
        "share-buttons",
        "advertisement",
    ]
)
_BLOCKS = frozenset(
    [
        "html",
        "body",
        "main",
        "article",
        "section",
        "header",
        "aside",
        "div",
        "p",
        "pre",
        "blockquote",
        "address",
        "figure",
        "figcaption",
        "hr",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "center",
        "title",
    ]
)
_HEADING = re.compile(r"h([1-6])")
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?(?![.\d])"
    r"|font-size\s*:\s*(?:0|1px)(?![.\d])|(?:left|top|text-indent)\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
_FOOTNOTE = frozenset(
    [
        "footnote",
        "footnotes",
        "endnote",
        "endnotes",
        "rearnote",
        "doc-footnote",
        "doc-endnote",
        "doc-endnotes",
    ]
)
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_MIN_MENU_ITEMS, _MAX_MENU_LETTERS = 8, 30
"""A list of at least so many short links and nothing else is a menu."""
_MAX_DEPTH = 2_000
"""The parser goes no deeper than 2,048 elements, and would say nothing of what it leaves out."""
_ELEMENTS_PER_PROGRESS = 5_000


def load_html(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a web page; see :data:`rag.documents.loading.Loading`.

    Navigation, scripts and the like are left out; text that styles of the element itself hide is told apart.

    Raises:
        BrokenDocument: it is in no known encoding, or nested too deeply.
        EmptyDocument: it has no text.
    """
    del limits  # the size of the file was checked before
    root = parse_html(path.read_bytes())
    text = FlatText()
    yield from read_html(root, text)
    said = _read_metadata(root)
    title = choose_title(
        metadata=said.get("citation_title", ""),
        headings=[text.first_heading(), said.get("title", "")],
        stem=path.stem,
    )
    authors = tuple(filter(None, said.get("authors", "").split("\n")))
    yield from text.finish(title, authors=authors, year=find_year(said.get("date", "")))


def parse_html(content: bytes) -> Any:
    """Return the tree of a page, however wrong its markup is; ``None`` without any element."""
    # Entities beyond those of HTML are not expanded, nothing is fetched.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    parser.feed(_decode(content).encode("utf-8", "replace"))
    try:
        return parser.close()
    except etree.XMLSyntaxError:
        return None


def parse_xml(content: bytes) -> Any:
    """Return the tree of an XML part; ``None`` where it is not well-formed. Entities are not expanded."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None


def read_html(root: Any, text: FlatText) -> Iterator[Progress]:
    """Add a page's content to a text; what a reader does not see comes last."""
    if root is None:
        return
    reader = _Reader(text)
    walker = etree.iterwalk(_find_content(root), events=("start", "end"))
    for number, (event, element) in enumerate(walker):
        if number % _ELEMENTS_PER_PROGRESS == 0:
            yield Progress(fraction=0.0)  # how many elements will come is not known
        if event == "end":
            reader.leave(element)
        elif reader.is_left_out(element):
            walker.skip_subtree()
            reader.enter_left_out()
        else:
            reader.enter(element)
    reader.finish()


def find_year(date: str) -> int | None:
    """Return the year in a date of any form."""
    match = _YEAR.search(date)
    return int(match[1]) if match else None


def _decode(content: bytes) -> str:
    """Return the text: UTF-8, else as the page declares, else what is most probable."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _DECLARED.search(content[:_DECLARED_WITHIN])
    try:
        if declared and codecs.lookup(declared[1].decode("ascii")).name not in ("utf-8", "utf-16"):
            return content.decode(declared[1].decode("ascii"), errors="replace")
    except LookupError:
        pass
    return decode(content)


def _find_content(root: Any) -> Any:
    """Return the element that holds the content: the one that says so, else all."""
    for query in (".//main", ".//*[@role='main']", ".//article"):
        found = root.findall(query)
        if len(found) == 1 and "".join(found[0].itertext()).strip():
            return found[0]
    return root


def _read_metadata(root: Any) -> Mapping[str, str]:
    """Return what the head says: title, citation_title, authors (one a line), date."""
    said: dict[str, str] = {}
    if root is None:
        return said
    said["title"] = squeeze(root.findtext(".//title") or "")
    authors: list[str] = []
    for meta in root.iterfind(".//meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        value = squeeze(meta.get("content") or "")
        if name in ("citation_title", "dc.title"):
            said.setdefault("citation_title", value)
        elif name in ("citation_author", "author", "dc.creator") and value not in authors:
            authors.append(value)
        elif name in ("citation_publication_date", "citation_date", "dc.date", "article:published_time"):
            said.setdefault("date", value)
    return said | {"authors": "\n".join(authors)}


@dataclass(slots=True)
class _Reader:
    """Makes blocks of elements, which come one after another with their ends."""

    text: FlatText
    _parts: list[str] = field(default_factory=list)
    _kinds: list[tuple[BlockKind, int]] = field(default_factory=lambda: [(BlockKind.PARAGRAPH, 0)])
    _hidden: list[str] = field(default_factory=list)
    _hidden_depth: int = 0
    _marker: str = ""
    """Number of the list item that begins."""
    _numbers: list[int | None] = field(default_factory=list)
    """For each open list the number of its next item; ``None`` for bullets."""
    _rows: list[list[str]] | None = None
    """Of the open table of facts."""
    _is_in_cell: bool = False
    _opened: list[tuple[bool, bool]] = field(default_factory=list)
    """For each open element whether it brought a kind, and whether it is left out."""

    def is_left_out(self, element: Any) -> bool:
        tag = element.tag
        if tag in _LEFT_OUT or element.get("role") in _LEFT_OUT_ROLES:
            return True
        if tag == "ul" and _is_menu(element):
            return True
        return not _LEFT_OUT_CLASSES.isdisjoint((element.get("class") or "").split())

    def enter_left_out(self) -> None:
        self._opened.append((False, True))

    def enter(self, element: Any) -> None:
        if len(self._opened) > _MAX_DEPTH:
            raise BrokenDocument(
                "This web page is nested too deeply to be read to its end; please save it as text or PDF."
            )
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if self._hidden_depth or _is_hidden(element):
            self._hidden_depth += 1
        kind = self._kind_of(element)
        self._opened.append((kind is not None, False))
        if kind:
            self._kinds.append(kind)
        self._enter_structure(element)
        if tag == "br":
            self._write(" ")
        self._write(element.text)

    def leave(self, element: Any) -> None:
        had_kind, is_left_out = self._opened.pop()
        if not is_left_out:
            self._leave_structure(element)
            if element.tag in _BLOCKS:
                self._flush()
            if had_kind:
                self._kinds.pop()
            if self._hidden_depth:
                self._hidden_depth -= 1
        if self._opened:  # what follows the outermost element is not of the content
            self._write(element.tail)

    def finish(self) -> None:
        """Add what is left, and what was hidden."""
        self._flush()
        self.text.add(BlockKind.HIDDEN, " ".join(self._hidden))

    def _write(self, text: str | None) -> None:
        if text:
            (self._hidden if self._hidden_depth else self._parts).append(text)

    def _flush(self) -> None:
        """End the block that is open; inside a cell blocks are only words apart."""
        if self._is_in_cell:
            self._parts.append(" ")
            return
        text = "".join(self._parts)
        if text.strip():
            kind, level = self._kinds[-1]
            self.text.add(kind, self._marker + text, level=level)
            self._marker = ""
        self._parts.clear()

    def _kind_of(self, element: Any) -> tuple[BlockKind, int] | None:
        if heading := _HEADING.fullmatch(element.tag):
            return BlockKind.HEADING, int(heading[1])
        words = f"{element.get('class') or ''} {element.get('role') or ''} {element.get(_EPUB_TYPE) or ''} "
        words += element.get("epub:type") or ""  # as a parser of HTML leaves it
        if element.tag in _BLOCKS and not _FOOTNOTE.isdisjoint(words.split()):
            return BlockKind.FOOTNOTE, 0
        if element.tag in ("figcaption", "caption"):
            return BlockKind.CAPTION, 0
        if element.tag == "li" and self._kinds[-1][0] is not BlockKind.FOOTNOTE:
            return BlockKind.LIST_ITEM, 0
        return None

    def _enter_structure(self, element: Any) -> None:
        match element.tag:
            case "ul":
                self._numbers.append(None)
            case "ol":
                self._numbers.append(1)
            case "li" if self._numbers and (number := self._numbers[-1]) is not None:
                self._marker = f"{number}. "
                self._numbers[-1] = number + 1
            case "li":
                self._marker = ""
            case "table" if self._rows is None and _holds_facts(element):
                self._rows = []
            case "tr" if self._rows is not None:
                self._rows.append([])
            case "td" | "th" if self._rows:
                self._is_in_cell = True

    def _leave_structure(self, element: Any) -> None:
        match element.tag:
            case "ul" | "ol" if self._numbers:
                self._numbers.pop()
            case "td" | "th" if self._rows:
                self._rows[-1].append(squeeze("".join(self._parts)))
                self._parts.clear()
                self._is_in_cell = False
            case "table" if self._rows is not None:
                self._parts.clear()
                self.text.add_table(self._rows)
                self._rows = None


def _is_menu(element: Any) -> bool:
    items = element.findall("li")
    if len(items) < _MIN_MENU_ITEMS:
        return False
    shown = sum(len("".join("".join(item.itertext()).split())) for item in items)
    linked = sum(len("".join("".join(link.itertext()).split())) for link in element.iterfind("li//a"))
    return shown == linked and shown <= _MAX_MENU_LETTERS * len(items)


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or "") is not None


def _holds_facts(table: Any) -> bool:
    """Whether a table is one, and not a way to arrange a page: it has columns, no headings and no tables."""
    if any(table.find(f".//{tag}") is not None for tag in ("table", "h1", "h2", "h3", "h4")):
        return False
    return any(len(row.findall("td")) + len(row.findall("th")) > 1 for row in table.iterfind(".//tr"))
