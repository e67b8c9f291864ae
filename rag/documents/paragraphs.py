"""Makes paragraphs, headings, list items and captions of a column's lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from rag.documents.captions import match_label
from rag.documents.layout import Line, Style, Table, Word
from rag.documents.tables import group_rows
from rag.types import BlockKind

_BULLET = re.compile(r"[•‣◦▪▫■□●○–\-*·►]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\]")
_CONTENTS_END = re.compile(r"(?:\.\s?){4,}\s*\w{1,5}$")
"""A line of a table of contents: dots, and the page."""
_HEADING_NUMBER = re.compile(r"\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.")
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"'”’)\]\d,–-]*$")
_MAX_HEADING_ROWS = 4
_MAX_HEADING_CHARACTERS = 250
_MAX_WORDS_WITH_STOP = 5
_MAX_PROMOTED_CHARACTERS = 100
_LARGER = 1.1
_INDENT = 0.7
"""Font sizes by which an indent is at least wide."""
_SAME_SIZE = 0.6
"""Points by which sizes of one style differ at most."""
_SMALLER = 0.4
"""Points by which captions and notes are smaller than the text."""
_MAX_NOTE_GAP = 2.0
"""Font sizes between a caption or a table and the notes below it."""


@dataclass(slots=True)
class Row:
    """Lines that stand beside each other in one column."""

    lines: list[Line]
    words: list[Word] = field(init=False)
    style: Style = field(init=False)
    base: float = field(init=False)
    x0: float = field(init=False)
    x1: float = field(init=False)

    def __post_init__(self) -> None:
        """Take the style of the longest line and the box of all."""
        self.words = [word for line in self.lines for word in line.words]
        longest = max(self.lines, key=lambda line: len(line.text))
        self.style = replace(
            longest.style,
            is_bold=all(line.style.is_bold for line in self.lines if len(line.text) > 2)
            and longest.style.is_bold,
            starts_bold=self.lines[0].style.starts_bold,
            ends_bold=self.lines[-1].style.ends_bold,
        )
        self.x0 = min(line.x0 for line in self.lines)
        self.x1 = max(line.x1 for line in self.lines)
        self.base = longest.base

    @property
    def size(self) -> float:
        """Font size in points."""
        return self.style.size

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
        return bool(self.rows) and all(row.style.is_bold for row in self.rows)

    @property
    def text(self) -> str:
        """The words of its rows."""
        return " ".join(row.text for row in self.rows)

    @property
    def font(self) -> str:
        """Font of all its rows; empty for a table and where fonts are mixed."""
        fonts = {row.style.font for row in self.rows}
        return fonts.pop() if len(fonts) == 1 else ""

    @property
    def bottom(self) -> float:
        """Height of its last base line, or of a table's lower edge."""
        return self.table.y1 if self.table else self.rows[-1].base

    @property
    def open_end(self) -> str:
        """Its last word where it stops in the middle of a sentence, else empty."""
        is_open = self.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not self.rows[-1].ends_sentence
        return self.rows[-1].words[-1].text if is_open else ""


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
            parts = _Measure.take(rows, body_size).split(rows)
            pieces.extend(Piece(_classify(part, body_size), part) for part in parts)
    _promote_headings(pieces)
    _join_notes(pieces, body_size)
    if pieces:
        pieces[0].starts_column = True
    return pieces


def _promote_headings(pieces: Sequence[Piece]) -> None:
    """Recognise short lines in another font above text: not every font says that it is bold."""
    for piece, following in pairwise(pieces):
        if (
            piece.kind is BlockKind.PARAGRAPH
            and following.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            and len(piece.text) <= _MAX_PROMOTED_CHARACTERS
            and piece.font not in ("", following.font)
            and piece.size > following.size - _SAME_SIZE
            and piece.rows[-1].base < following.rows[0].base
            and _reads_like_heading(piece.text)
            and piece.text[0].isupper()
            and piece.text[-1] not in ".:)"
        ):
            piece.kind = BlockKind.HEADING


def _join_notes(pieces: Sequence[Piece], body_size: float) -> None:
    """Make captions of the small print right below a caption or a table: it explains them."""
    for above, piece in pairwise(pieces):
        if (
            above.kind in (BlockKind.CAPTION, BlockKind.TABLE)
            and piece.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            and all(_is_small(row, body_size) for row in piece.rows)
            and 0 < piece.rows[0].base - above.bottom < _MAX_NOTE_GAP * piece.size
        ):
            piece.kind = BlockKind.CAPTION


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


def _find_leading(rows: Sequence[Row]) -> float:
    """Return the usual distance between lines, in font sizes."""
    steps = [
        (row.base - above.base) / row.size
        for above, row in pairwise(rows)
        if abs(row.size - above.size) < _SAME_SIZE and 0.8 < (row.base - above.base) / row.size < 2.5
    ]
    return median(steps) if steps else 1.2


@dataclass(frozen=True, slots=True)
class _Measure:
    """How a column is set; tells where its paragraphs begin."""

    left: float
    right: float
    leading: float
    """Usual distance between lines, in font sizes."""
    body_size: float

    @classmethod
    def take(cls, rows: Sequence[Row], body_size: float) -> "_Measure":
        """Measure a column."""
        left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
        return cls(left, right, _find_leading(rows), body_size)

    def split(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """Yield the rows of each paragraph."""
        part = [rows[0]]
        for above, row in pairwise(rows):
            if self._begins_piece(part, above, row):
                yield part
                part = []
            part.append(row)
        yield part

    def _begins_piece(self, part: Sequence[Row], above: Row, row: Row) -> bool:
        if row.base - above.base > self.leading * row.size * 1.3 or _changes_style(part, above, row):
            return True
        if _CONTENTS_END.search(above.text):
            return True
        if self._is_display(above) and self._is_display(row):
            return _HEADING_NUMBER.fullmatch(row.words[0].text) is not None
        if row.has_marker:
            is_sibling = part[0].has_marker and abs(row.x0 - part[0].x0) < _INDENT * row.size
            return is_sibling or above.ends_sentence or not self._is_full(above)
        if part[0].has_marker:
            is_far_in = row.x0 > part[0].x0 + 4 * row.size and above.ends_sentence
            return is_far_in or row.x0 < part[0].x0 - row.size / 2
        return self._is_indented(part, above, row) or self._follows_short_row(above, row)

    def _is_display(self, row: Row) -> bool:
        return row.style.is_bold or row.size > self.body_size * _LARGER

    def _is_full(self, row: Row) -> bool:
        return row.x1 > self.right - 0.15 * (self.right - self.left)

    def _is_indented(self, part: Sequence[Row], above: Row, row: Row) -> bool:
        """Whether a first line's indent begins, or a hanging one ends."""
        indent = _INDENT * row.size
        if row.x0 > above.x0 + indent:
            return above.x0 < self.left + indent and len(part) > 1
        return row.x0 < above.x0 - indent and part[0].x0 < above.x0 - indent

    def _follows_short_row(self, above: Row, row: Row) -> bool:
        if self._is_full(above):
            return False
        is_short = above.x1 < self.left + (self.right - self.left) * 0.6
        return above.ends_sentence or (is_short and row.words[0].text[0].isupper())


def _changes_style(part: Sequence[Row], above: Row, row: Row) -> bool:
    """Whether size or weight change between the rows; bold words in running text do not count."""
    if abs(row.size - above.size) > _SAME_SIZE:
        return True
    one, other = above.style, row.style
    changes_weight = one.ends_bold != other.starts_bold and one.is_bold != other.is_bold
    return changes_weight and (len(part) == 1 or other.is_bold)


def _classify(rows: Sequence[Row], body_size: float) -> BlockKind:
    text = " ".join(row.text for row in rows[:2])
    caption = match_label(text)
    if caption and (caption["end"] or _is_small(rows[0], body_size) or _stands_out(rows[0], caption.end())):
        return BlockKind.CAPTION
    if _is_heading(rows, body_size):
        return BlockKind.HEADING
    return BlockKind.LIST_ITEM if rows[0].has_marker else BlockKind.PARAGRAPH


def _is_small(row: Row, body_size: float) -> bool:
    return row.size < body_size - _SMALLER


def _stands_out(row: Row, characters: int) -> bool:
    """Whether a wide gap follows the first characters of a row."""
    label = len(row.text[:characters].split())
    words = row.words[label - 1 : label + 1]
    return len(words) > 1 and words[1].x0 - words[0].x1 > row.size


def _is_heading(rows: Sequence[Row], body_size: float) -> bool:
    text = " ".join(row.text for row in rows)
    if len(rows) > _MAX_HEADING_ROWS or not _reads_like_heading(text):
        return False
    if all(row.size >= body_size * _LARGER for row in rows):
        return True
    is_bold = all(row.style.is_bold and row.size >= body_size * 0.9 for row in rows)
    return is_bold and text[-1] not in ".:" and len(rows) < _MAX_HEADING_ROWS


def _reads_like_heading(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    if len(text) > _MAX_HEADING_CHARACTERS or letters < max(3, len(text) / 2):
        return False
    if text[-1] == "." and len(text.split()) > _MAX_WORDS_WITH_STOP:
        return False  # a statement in large letters: it has to be quotable
    return text[-1] not in ",;" and text[0] not in "•‣◦▪" and not _lists_names(text)


def _lists_names(text: str) -> bool:
    """Whether it is a line of authors: commas, and nearly every word with a capital."""
    words = [word for word in text.split() if word[0].isalpha() and len(word) > 3]
    return text.count(",") > 2 and sum(word[0].isupper() for word in words) > 0.9 * len(words)
