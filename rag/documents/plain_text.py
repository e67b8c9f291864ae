"""Reads plain text of any encoding."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.documents.flat_text import FlatText
from rag.documents.loading import ExtractionLimits, Loading
from rag.documents.normalisation import clean
from rag.documents.titles import choose_title
from rag.errors import BrokenDocument
from rag.types import BlockKind

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_MARKER = re.compile(r"\s*(?:[•‣◦▪*+–-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_UNDERLINE = re.compile(r"[=\-~#*^\"'+]{3,}$")
_MIN_WRAPPED = 40
"""Lines that were broken to fit a width are longer than this."""


def load_plain_text(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a text file; see :data:`rag.documents.loading.Loading`.

    Blank lines separate paragraphs. Inside a paragraph long lines flow together, short ones stay apart.

    Raises:
        BrokenDocument: it is in no known encoding.
        EmptyDocument: nothing but white space.
    """
    del limits  # the size of the file was checked before
    text = FlatText()
    for paragraph in _BLANK_LINES.split(decode(path.read_bytes())):
        for kind, part in _read_paragraph([line for line in paragraph.split("\n") if line.strip()]):
            if kind is BlockKind.TABLE:
                text.add_table([row.split("\t") for row in part])
            else:
                text.add(kind, " ".join(part), level=int(kind is BlockKind.HEADING))
    yield from text.finish(choose_title(metadata="", headings=[text.first_heading()], stem=path.stem))


def decode(content: bytes) -> str:
    """Return the text with line feeds only: UTF-8, UTF-16 with a mark, else what is most probable.

    Raises:
        BrokenDocument: it is in no known encoding.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _guess(content)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")


def _guess(content: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(content).best()
    if best is None:
        raise BrokenDocument("The encoding of this text cannot be recognised; please save it as UTF-8.")
    return str(best)


def _read_paragraph(lines: Sequence[str]) -> Iterator[tuple[BlockKind, list[str]]]:
    """Yield the blocks between two blank lines: a table's rows, or lines that flow together."""
    if len(lines) > 1 and all("\t" in line.strip() for line in lines):
        yield BlockKind.TABLE, [clean(line) for line in lines]
        return
    if len(lines) > 1 and _UNDERLINE.match(lines[1].strip()) and len(lines[1]) >= len(lines[0]) / 2:
        yield BlockKind.HEADING, [lines[0]]
        lines = lines[2:]
    longest = max(map(len, lines), default=0)
    part: list[str] = []
    for line in lines:
        is_item = _MARKER.match(line) is not None
        if part and (is_item or not _is_wrapped(part[-1], longest)):
            yield _kind_of(part), part
            part = []
        part.append(line)
    if part:
        yield _kind_of(part), part


def _is_wrapped(line: str, longest: int) -> bool:
    return longest > _MIN_WRAPPED and len(line) > longest * 0.6


def _kind_of(part: Sequence[str]) -> BlockKind:
    return BlockKind.LIST_ITEM if _MARKER.match(part[0]) else BlockKind.PARAGRAPH
