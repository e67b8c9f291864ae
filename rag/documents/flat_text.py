"""Builds the one page of a format that has no pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.documents.loading import Loaded, PageCount, Structure
from rag.documents.normalisation import clean, squeeze
from rag.errors import EmptyDocument
from rag.types import Block, BlockKind, Page, Span

_OPENING_BLOCKS = 10


@dataclass(slots=True)
class FlatText:
    """Text and blocks while they grow: a blank line between blocks, none between items of a list."""

    blocks: list[Block] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    def add(self, kind: BlockKind, text: str, *, level: int = 0) -> None:
        """Add a block; its white space becomes single spaces. Nothing happens without text."""
        self._append(kind, squeeze(text), level)

    def add_table(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table; line feeds and tabs inside cells become spaces."""
        lines = ["\t".join(map(squeeze, row)).rstrip() for row in rows]
        self._append(BlockKind.TABLE, "\n".join(line for line in lines if line), 0)

    def _append(self, kind: BlockKind, text: str, level: int) -> None:
        if not text:
            return
        if self.blocks:
            are_items = kind is BlockKind.LIST_ITEM and self.blocks[-1].kind is BlockKind.LIST_ITEM
            self._write("\n" if are_items else "\n\n")
        span = Span(page_index=0, start=self._length, end=self._length + len(text))
        self._write(text)
        self.blocks.append(Block(kind=kind, spans=(span,), level=level))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def first_heading(self) -> str:
        """Return the first heading of the highest level, or nothing."""
        text = "".join(self._parts)
        headings = [block for block in self.blocks if block.kind is BlockKind.HEADING]
        top = min(headings, key=lambda block: block.level, default=None)
        return text[top.spans[0].start : top.spans[0].end] if top else ""

    def opening(self) -> list[str]:
        """Return the texts of the first blocks, headings left out: what a title page would show."""
        text = "".join(self._parts)
        return [
            text[block.spans[0].start : block.spans[0].end]
            for block in self.blocks[:_OPENING_BLOCKS]
            if block.kind is not BlockKind.HEADING
        ]

    def finish(
        self, title: str, *, authors: tuple[str, ...] = (), year: int | None = None
    ) -> Iterator[Loaded]:
        """Yield the page and the structure.

        Raises:
            EmptyDocument: nothing was added.
        """
        if not self.blocks:
            raise EmptyDocument("This file holds no text; please choose another copy.")
        yield PageCount(pages=1)
        yield Page(index=0, number=None, text="".join(self._parts))
        yield Structure(title=clean(title), blocks=tuple(self.blocks), authors=authors, year=year)
