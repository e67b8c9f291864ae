"""Makes paragraphs, headings, list items and captions of a column's lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from rag.documents.layout import Line, Table, Word
from rag.documents.tables import group_rows
from rag.types import BlockKind

_BULLET = re.compile(r"[•‣◦▪▫■□●○–\-*·►]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\]")
_CAPTION = re.compile(
    r"(?:supplementary |suppl\. |appendix )?(?:table|figure|fig\.?|box|exhibit|chart|panel) ?"
    r"(?:[A-Z]{0,2}\d{1,3}(?:[.-]\d+)?[A-Za-z]?|[IVX]{1,5})(?P<end>[.:|]?)(?= |$)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"'”’)\]\d,–-]*$")
_MAX_HEADING_ROWS = 4
_MAX_HEADING_CHARACTERS = 250
_MAX_PROMOTED_ROWS = 3
_LARGER = 1.1
_SAME_SIZE = 0.6
"""Points by which sizes of one style differ at most."""


@dataclass(slots=True)
class Row:
    """Lines that stand beside each other in one column."""

    lines: list[Line]
    words: list[Word] = field(init=False)
    size: float = field(init=False)
    is_bold: bool = field(init=False)
    font: str = field(init=False)
    base: float = field(init=False)
    x0: float = field(init=False)
    x1: float = field(init=False)

    def __post_init__(self) -> None:
        """Take the style of the longest line and the box of all."""
        self.words = [word for line in self.lines for word in line.words]
        longest = max(self.lines, key=lambda line: len(line.text))
        self.size = longest.size
        self.font = longest.font
        self.is_bold = all(line.is_bold for line in self.lines if len(line.text) > 2) and longest.is_bold
        self.x0 = min(line.x0 for line in self.lines)
        self.x1 = max(line.x1 for line in self.lines)
        self.base = longest.base

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def ends_sentence(self) -> bool:
        """Whether its last word carries a full stop or the like."""
        return _SENTENCE_END.search(self.words[-1].text) is not None

    @property
    def has_marker(self) -> bool:
        """Whether it begins with a bullet or a number of a list."""
        return len(self.words) > 1 and _BULLET.fullmatch(self.words[0].text) is not None


@dataclass(slots=True)
class Piece:
    """A structural unit of one page, before it has offsets."""

    kind: BlockKind
    rows: list[Row]
    table: Table | None = None
    starts_column: bool = False

    @property
    def size(self) -> float:
        """Font size of its first row; 0 for a table."""
        return self.rows[0].size if self.rows else 0.0

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold."""
        return bool(self.rows) and all(row.is_bold for row in self.rows)

    @property
    def text(self) -> str:
        """The words of its rows."""
        return " ".join(row.text for row in self.rows)

    @property
    def font(self) -> str:
        """Font of its first row; nothing for a table."""
        return self.rows[0].font if self.rows else ""

    @property
    def is_open(self) -> bool:
        """Whether it stops in the middle of a sentence."""
        return self.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not self.rows[-1].ends_sentence


def make_pieces(column: Sequence[Line | Table], *, body_size: float) -> list[Piece]:
    """Cut one column, from top to bottom, into its structural units.

    Args:
        column: as :func:`rag.documents.layout.arrange` gives it.
        body_size: font size of most of the document's text; headings are larger, or bold.
    """
    pieces: list[Piece] = []
    for run in _split_at_tables(column):
        if isinstance(run, Table):
            pieces.append(Piece(BlockKind.TABLE, [], table=run))
        else:
            rows = [Row(lines) for lines in group_rows(run)]
            pieces.extend(Piece(_classify(part, body_size), part) for part in _split_rows(rows))
    _promote_headings(pieces)
    if pieces:
        pieces[0].starts_column = True
    return pieces


def _promote_headings(pieces: Sequence[Piece]) -> None:
    """Recognise short lines in another font above text: not every font says that it is bold."""
    for piece, following in pairwise(pieces):
        if (
            piece.kind is BlockKind.PARAGRAPH
            and following.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            and len(piece.rows) <= _MAX_PROMOTED_ROWS
            and piece.font != following.font
            and piece.size > following.size - _SAME_SIZE
            and piece.rows[-1].base < following.rows[0].base
            and _reads_like_heading(piece.text)
            and piece.text[0].isupper()
            and piece.text[-1] not in ".:)"
        ):
            piece.kind = BlockKind.HEADING


def _split_at_tables(column: Sequence[Line | Table]) -> Iterator[list[Line] | Table]:
    run: list[Line] = []
    for item in column:
        if isinstance(item, Line):
            run.append(item)
            continue
        if run:
            yield run
            run = []
        yield item
    if run:
        yield run


def _split_rows(rows: Sequence[Row]) -> Iterator[list[Row]]:
    left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
    leading = _find_leading(rows)
    part = [rows[0]]
    for above, row in pairwise(rows):
        if _begins_piece(part, above, row, left=left, right=right, leading=leading):
            yield part
            part = []
        part.append(row)
    yield part


def _find_leading(rows: Sequence[Row]) -> float:
    """Return the usual distance between lines, in font sizes."""
    steps = [
        (row.base - above.base) / row.size
        for above, row in pairwise(rows)
        if abs(row.size - above.size) < _SAME_SIZE and 0.8 < (row.base - above.base) / row.size < 2.5
    ]
    return median(steps) if steps else 1.2


def _begins_piece(
    part: Sequence[Row], above: Row, row: Row, *, left: float, right: float, leading: float
) -> bool:
    if abs(row.size - above.size) > _SAME_SIZE or (
        row.is_bold != above.is_bold and (len(part) == 1 or row.is_bold)
    ):
        return True
    if row.base - above.base > leading * row.size * 1.3:
        return True
    em = row.size
    if row.has_marker:
        is_sibling = part[0].has_marker and abs(row.x0 - part[0].x0) < 0.7 * em
        return is_sibling or above.ends_sentence or not _looks_full(above, right, left)
    if part[0].has_marker:
        return row.x0 < part[0].x0 - em / 2 or (row.x0 > part[0].x0 + 4 * em and above.ends_sentence)
    if row.x0 > above.x0 + 0.7 * em and above.x0 < left + 0.7 * em and len(part) > 1:
        return True  # the indent of a first line
    if row.x0 < above.x0 - 0.7 * em and part[0].x0 < above.x0 - 0.7 * em:
        return True  # the end of a hanging indent
    if _looks_full(above, right, left):
        return False
    return above.ends_sentence or (row.words[0].text[0].isupper() and above.x1 < left + (right - left) * 0.6)


def _looks_full(row: Row, right: float, left: float) -> bool:
    return row.x1 > right - 0.15 * (right - left)


def _classify(rows: Sequence[Row], body_size: float) -> BlockKind:
    text = " ".join(row.text for row in rows[:2])
    caption = _CAPTION.match(text)
    if caption and (caption["end"] or rows[0].size < body_size - 0.4 or _stands_out(rows[0], caption.end())):
        return BlockKind.CAPTION
    if _is_heading(rows, body_size):
        return BlockKind.HEADING
    return BlockKind.LIST_ITEM if rows[0].has_marker else BlockKind.PARAGRAPH


def _stands_out(row: Row, characters: int) -> bool:
    """Whether the first characters of a row are bold and the rest is not, or a wide gap follows them."""
    return (
        len(row.lines) > 1
        and row.lines[1].x0 - row.lines[0].x1 > row.size
        and characters >= len(row.lines[0].text)
    )


def _is_heading(rows: Sequence[Row], body_size: float) -> bool:
    text = " ".join(row.text for row in rows)
    if len(rows) > _MAX_HEADING_ROWS or not _reads_like_heading(text):
        return False
    if all(row.size >= body_size * _LARGER for row in rows):
        return len(text) < 150 or text[-1] != "."
    is_bold = all(row.is_bold and row.size >= body_size * 0.9 for row in rows)
    return is_bold and text[-1] not in ".:" and len(rows) < _MAX_HEADING_ROWS


def _reads_like_heading(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    if len(text) > _MAX_HEADING_CHARACTERS or letters < max(3, len(text) / 2):
        return False
    return text[-1] not in ",;" and text[0] not in "•‣◦▪" and not _lists_names(text)


def _lists_names(text: str) -> bool:
    """Whether it is a line of authors: commas, and nearly every word with a capital."""
    words = [word for word in text.split() if word[0].isalpha() and len(word) > 3]
    return text.count(",") > 2 and sum(word[0].isupper() for word in words) > 0.9 * len(words)
