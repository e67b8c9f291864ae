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
        )


def _are_glued(row: Row, position: int) -> bool:
    """Whether the next word is of another line of the PDF: inside one line, words are apart."""
    end = 0
    for line in row.lines:
        end += len(line.words)
        if position == end - 1:
            return True
    return False


class Composer:
    """Takes pages in order; gives their texts, and at the end the blocks of the document."""

    def __init__(self, *, known: Container[str], heading_styles: Sequence[tuple[float, bool]]) -> None:
        """``known`` as in :func:`mend`; ``heading_styles`` (font size, bold) from the highest level down."""
        self._known = known
        self._level = {style: min(i + 1, _MAX_HEADING_LEVEL) for i, style in enumerate(heading_styles)}
        self._written: list[tuple[Piece, list[Span]]] = []

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
            Block(kind=piece.kind, spans=tuple(spans), level=self._find_level(piece))
            for piece, spans in self._written
        )

    def _place(self, piece: Piece, span: Span) -> None:
        """Add a block, or another span to the block that goes on here."""
        if _may_continue(piece):
            for earlier, spans in reversed(self._written[-_LOOK_BACK:]):
                if earlier.kind is BlockKind.HEADING:
                    break
                if _has_text_of_size(earlier, piece.size):
                    if earlier.is_open and span.page_index - spans[-1].page_index <= 1:
                        spans.append(span)
                        earlier.rows = piece.rows
                        return
                    break
        self._written.append((piece, [span]))

    def _find_level(self, piece: Piece) -> int:
        return self._level[heading_style(piece)] if piece.kind is BlockKind.HEADING else 0


def heading_style(piece: Piece) -> tuple[float, bool]:
    """Return what headings of one level have in common."""
    return round(piece.size * 2) / 2, piece.is_bold


def _may_continue(piece: Piece) -> bool:
    return (
        piece.starts_column and piece.kind is BlockKind.PARAGRAPH and piece.rows[0].words[0].text[0].islower()
    )


def _has_text_of_size(piece: Piece, size: float) -> bool:
    return piece.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and abs(piece.size - size) < _SAME_SIZE


def _join_columns(pieces: Sequence[Piece]) -> list[Piece]:
    """Join a paragraph with its rest at the top of the next column of the page."""
    joined: list[Piece] = []
    for piece in pieces:
        if (
            joined
            and _may_continue(piece)
            and _has_text_of_size(joined[-1], piece.size)
            and joined[-1].is_open
        ):
            joined[-1] = Piece(
                joined[-1].kind, joined[-1].rows + piece.rows, starts_column=joined[-1].starts_column
            )
        else:
            joined.append(piece)
    return joined
