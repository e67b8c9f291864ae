"""Writes the text of pages, keeps for every word where it stands, and joins what a border cut."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from rag.documents.frame import Frame
from rag.documents.layout import Table, Word
from rag.documents.normalisation import is_broken, mend
from rag.documents.paragraphs import Piece, Row
from rag.types import Block, BlockKind, Page, Span, WordBox

_GLUE = 0.12
"""Parts of one word (a letter and its index) are nearer than this share of the font size."""
_SAME_SIZE = 0.6
_MAX_HEADING_LEVEL = 6
_LOOK_BACK = 8
"""Pieces (floats, footnotes) that may stand between the two parts of a paragraph."""


@dataclass(slots=True)
class PageDraft:
    """A page whose pieces are known."""

    index: int
    frame: Frame
    pieces: list[Piece]
    is_ocr: bool = False


@dataclass(slots=True)
class _PageText:
    """A page's text while it grows."""

    draft: PageDraft
    known: Container[str]
    parts: list[str] = field(default_factory=list)
    boxes: list[WordBox] = field(default_factory=list)
    length: int = 0

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def write_word(self, word: Word, text: str) -> None:
        x0, y0, x1, y1 = self.draft.frame.to_page((word.x0, word.y0, word.x1, word.y1))
        self.boxes.append(WordBox(start=self.length, end=self.length + len(text), x0=x0, y0=y0, x1=x1, y1=y1))
        self.write(text)

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Write lines as one flowing text; broken words are mended."""
        for number, row in enumerate(rows):
            following = rows[number + 1].words[0] if number + 1 < len(rows) else None
            last = len(row.words) - 1
            for position, word in enumerate(row.words):
                text, separator = word.text, " "
                if position < last:
                    gap = row.words[position + 1].x0 - word.x1
                    if abs(gap) < _GLUE * row.size and _are_glued(row, position):
                        separator = ""
                elif following is None:
                    separator = ""
                elif is_broken(text):
                    text, separator = mend(text, following.text, self.known), ""
                self.write_word(word, text)
                self.write(separator)

    def write_table(self, table: Table) -> None:
        """Write rows on lines of their own, cells with tabs between them."""
        for number, row in enumerate(table.rows):
            self.write("\n" if number else "")
            waiting = ""
            for cell in row:
                for position, word in enumerate(cell):
                    self.write(waiting if position == 0 else " ")
                    waiting = ""
                    self.write_word(word, word.text)
                waiting += "\t"

    def finish(self) -> Page:
        draft = self.draft
        return Page(
            index=draft.index,
            number=draft.index + 1,
            text="".join(self.parts),
            width=draft.frame.width,
            height=draft.frame.height,
            boxes=tuple(self.boxes),
            is_ocr=draft.is_ocr,
        )


def _are_glued(row: Row, position: int) -> bool:
    """Whether the next word is of another line of the PDF: inside one line, words are apart."""
    end = 0
    for line in row.lines:
        end += len(line.words)
        if position == end - 1:
            return True
    return False


@dataclass(slots=True)
class _Written:
    """A block, and what is needed to know whether a piece goes on with it."""

    kind: BlockKind
    level: int
    spans: list[Span]
    size: float
    open_end: str


class Composer:
    """Takes pages in order; gives their texts, and at the end the blocks of the document."""

    def __init__(self, *, known: Container[str], heading_styles: Sequence[tuple[float, bool]]) -> None:
        """``known`` as in :func:`mend`; ``heading_styles`` (font size, bold) from the highest level down."""
        self._known = known
        self._level = {style: min(i + 1, _MAX_HEADING_LEVEL) for i, style in enumerate(heading_styles)}
        self._written: list[_Written] = []

    def compose(self, draft: PageDraft) -> Page:
        """Write one page."""
        text = _PageText(draft, self._known)
        before: Piece | None = None
        for piece in _join_columns(draft.pieces):
            if before is not None:
                are_items = before.kind is piece.kind is BlockKind.LIST_ITEM
                text.write("\n" if are_items else "\n\n")
            start = text.length
            if piece.table is not None:
                text.write_table(piece.table)
            else:
                text.write_rows(piece.rows)
            self._place(piece, Span(page_index=draft.index, start=start, end=text.length))
            before = piece
        return text.finish()

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks of all pages so far, in reading order."""
        return tuple(
            Block(kind=block.kind, spans=tuple(block.spans), level=block.level) for block in self._written
        )

    def _place(self, piece: Piece, span: Span) -> None:
        """Add a block, or another span to the block that goes on here."""
        block = self._find_continued(piece, span)
        if block is None:
            level = self._level[heading_style(piece)] if piece.kind is BlockKind.HEADING else 0
            self._written.append(_Written(piece.kind, level, [span], piece.size, piece.open_end))
        else:
            block.spans.append(span)
            block.open_end = piece.open_end

    def _find_continued(self, piece: Piece, span: Span) -> _Written | None:
        """Look over floats and footnotes for a paragraph that stopped in the middle of a sentence."""
        for block in reversed(self._written[-_LOOK_BACK:]):
            if block.kind is BlockKind.HEADING:
                break
            if _is_text_of_size(block.kind, block.size, piece.size):
                is_near = span.page_index - block.spans[-1].page_index <= 1
                return block if is_near and _goes_on(block.open_end, piece) else None
        return None


def heading_style(piece: Piece) -> tuple[float, bool]:
    """Return what headings of one level have in common."""
    return round(piece.size * 2) / 2, piece.is_bold


def _goes_on(open_end: str, piece: Piece) -> bool:
    """Tell whether a piece goes on with a sentence that stopped at this word.

    At the top of a column a small letter does. A number or a bracket may begin a reference or table instead;
    after a word in small letters or a comma they do, too.
    """
    if not (open_end and piece.starts_column and piece.kind is BlockKind.PARAGRAPH):
        return False
    first = piece.rows[0].words[0].text[0]
    is_asked_for = open_end[0].islower() or open_end.endswith(",")
    return first.islower() or (is_asked_for and (first.isdigit() or first in "(["))


def _is_text_of_size(kind: BlockKind, size: float, wanted: float) -> bool:
    return kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and abs(size - wanted) < _SAME_SIZE


def _join_columns(pieces: Sequence[Piece]) -> list[Piece]:
    """Join a paragraph with its rest at the top of the next column of the page."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and _goes_on(last.open_end, piece) and _is_text_of_size(last.kind, last.size, piece.size):
            joined[-1] = Piece(last.kind, last.rows + piece.rows, starts_column=last.starts_column)
        else:
            joined.append(piece)
    return joined
