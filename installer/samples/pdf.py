"""Set a source of the sample library as a two-column A4 PDF."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import pymupdf

from installer.samples.lines import ACCENT, GREY, INK, STYLES, TINT, Fonts, Style, break_lines
from installer.samples.source import AUTHOR, Block, Source
from installer.samples.tables import TableLayout

PAGE = pymupdf.paper_rect("a4")
MARGIN, TOP, BOTTOM, GUTTER = 54.0, 62.0, PAGE.height - 58.0, 20.0
COLUMN = (PAGE.width - 2 * MARGIN - GUTTER) / 2
FULL = PAGE.width - 2 * MARGIN


@dataclass(slots=True)
class Typesetter:
    """Sets blocks into two columns, page after page; a table that does not fit waits for the next."""

    source: Source
    fonts: Fonts
    contents: Sequence[tuple[int, str, int]]
    """Level, heading and page of each heading as an earlier pass found them."""
    document: pymupdf.Document = field(default_factory=pymupdf.open)
    headings: list[tuple[int, str, int]] = field(default_factory=list)
    column: int = 0
    y: float = TOP
    top: float = TOP
    waiting: list[Block] = field(default_factory=list)
    section: str = ""
    references: int = 0
    writer: pymupdf.TextWriter | None = None
    colour: tuple[float, float, float] = INK

    def set_document(self) -> pymupdf.Document:
        """Set the whole source and return the document."""
        self._new_page()
        self._set_front()
        for index, block in enumerate(self.source.blocks):
            if block.kind == "table":
                self._set_table(block)
            elif block.kind == "heading":
                self._set_heading(block, followed_by=self.source.blocks[index + 1].kind)
            elif block.kind == "reference":
                self.references += 1
                self._set_text(f"{self.references}. {block.text}", STYLES["reference"])
            else:
                text = f"•  {block.text}" if block.kind == "bullet" else block.text
                self._set_text(text, STYLES[block.kind])
        while self.waiting:
            self._next_column()
        self._flush()
        return self.document

    @property
    def _page(self) -> pymupdf.Page:
        return self.document[-1]

    @property
    def _x(self) -> float:
        return float(MARGIN + self.column * (COLUMN + GUTTER))

    def _write(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Write a text; texts of one colour are collected, so that a page has a few streams, not hundreds."""
        if self.writer is None or self.colour != style.colour:
            self._flush()
            self.writer, self.colour = pymupdf.TextWriter(PAGE), style.colour
        self.writer.append((x, baseline), text, font=self.fonts[style.font], fontsize=style.size)

    def _flush(self) -> None:
        if self.writer is not None:
            self.writer.write_text(self._page, color=self.colour)
        self.writer = None

    def _write_line(
        self, x: float, y: float, words: Sequence[str], width: float | None, style: Style
    ) -> None:
        """Write one line whose top is at ``y``; ``width`` stretches its spaces to the full measure."""
        gap = 0.0
        if width is not None and len(words) > 1:
            space = self.fonts.measure(" ", style)
            natural = sum(self.fonts.measure(word, style) for word in words) + space * (len(words) - 1)
            gap = (width - natural) / (len(words) - 1)
            # Wider gaps would be read as borders between columns: such a line stays ragged.
            gap = gap if gap < 0.75 * style.size else 0.0
        for index, word in enumerate(words):
            text = word if index == len(words) - 1 else word + " "
            self._write(x, y + style.size, text, style)
            x += self.fonts.measure(text, style) + gap

    def _write_lines(self, x: float, y: float, lines: Sequence[Sequence[str]], style: Style) -> float:
        """Write ragged lines under each other; return the y below them."""
        for line in lines:
            self._write_line(x, y, line, None, style)
            y += style.leading
        return y

    def _new_page(self) -> None:
        self._flush()
        self.document.new_page(width=PAGE.width, height=PAGE.height)
        number = self.document.page_count
        running = STYLES["running"]
        if number > 1:
            self._write(MARGIN, 40, self.source.title, running)
            self._write_right(40, self.section, running)
            self._page.draw_line((MARGIN, 46), (PAGE.width - MARGIN, 46), color=GREY, width=0.5)
        self._write(MARGIN, PAGE.height - 34, f"Bedside sample, version {self.source.version}", running)
        self._write_right(PAGE.height - 34, str(number), running)
        self.column, self.top, self.y = 0, TOP, TOP

    def _write_right(self, baseline: float, text: str, style: Style) -> None:
        self._write(PAGE.width - MARGIN - self.fonts.measure(text, style), baseline, text, style)

    def _next_column(self) -> None:
        """Go to the next column or page, and set there the tables that have waited for it."""
        if self.column == 0:
            self.column, self.y = 1, self.top
        else:
            self._new_page()
        waiting, self.waiting = self.waiting, []
        for block in waiting:
            self._set_table(block)

    def _set_front(self) -> None:
        """Set title, notice and contents over the full width of the first page."""
        source, fonts = self.source, self.fonts
        self._write_line(MARGIN, 44, [source.subject.upper()], None, STYLES["running"])
        y = self._write_lines(MARGIN, 56, [[source.title]], STYLES["title"])
        y = self._write_lines(MARGIN, y + 2, [[source.subtitle]], STYLES["subtitle"]) + 6
        lines = break_lines(source.notice, FULL - 24, STYLES["notice"], fonts)
        box = pymupdf.Rect(MARGIN, y, PAGE.width - MARGIN, y + len(lines) * STYLES["notice"].leading + 14)
        self._page.draw_rect(box, color=None, fill=TINT)
        self._page.draw_rect(pymupdf.Rect(box.x0, box.y0, box.x0 + 3, box.y1), color=None, fill=ACCENT)
        self._write_lines(MARGIN + 14, y + 6, lines, STYLES["notice"])
        self.top = self.y = self._set_contents(box.y1 + 16) + 8

    def _set_contents(self, y: float) -> float:
        """Set the table of contents in two columns with leaders; return the y below it."""
        y = self._write_lines(MARGIN, y, [["Contents"]], STYLES["heading2"]) + 2
        half = (len(self.contents) + 1) // 2
        for index, (level, heading, page) in enumerate(self.contents):
            style = STYLES["contents2" if level == 2 else "contents"]
            left = MARGIN + (COLUMN + GUTTER) * (index >= half)
            baseline = y + (index % half) * style.leading + style.size
            indent = 0 if level == 2 else 10
            text = f"{heading} "
            number = f" {page}"
            free = COLUMN - indent - self.fonts.measure(text + number, style)
            dots = "." * int(free / self.fonts.measure(".", style))
            self._write(left + indent, baseline, text + dots, style)
            self._write(left + COLUMN - self.fonts.measure(number, style), baseline, number, style)
        y += half * STYLES["contents"].leading + 8
        self._page.draw_line((MARGIN, y), (PAGE.width - MARGIN, y), color=GREY, width=0.5)
        return y

    def _set_heading(self, block: Block, *, followed_by: str) -> None:
        style = STYLES[f"heading{block.level}"]
        # A heading stays with its part's heading, if one follows, and with two lines of text.
        follow = 2 * STYLES["paragraph"].leading + (24 if followed_by == "heading" else 0)
        lines = break_lines(block.text, COLUMN, style, self.fonts)
        if self.y + style.before + len(lines) * style.leading + style.after + follow > BOTTOM:
            self._next_column()
        if block.level == 2:
            self.section = block.text
        self.headings.append((block.level, block.text, self.document.page_count))
        self._set_text(block.text, style)

    def _set_text(self, text: str, style: Style) -> None:
        lines = break_lines(text, COLUMN, style, self.fonts)
        self.y += style.before if self.y > self.top else 0.0
        for index, words in enumerate(lines):
            left = len(lines) - index
            # No first line of a paragraph alone at the foot of a column, no last line alone at its top.
            need = 2 if (index == 0 and left > 1) or left == 2 else 1
            if self.y + need * style.leading > BOTTOM:
                self._next_column()
            indent = style.indent if index else 0.0
            width = COLUMN - indent if style.justify and left > 1 else None
            self._write_line(self._x + indent, self.y, words, width, style)
            self.y += style.leading
        self.y += style.after

    def _set_table(self, block: Block) -> None:
        """Set a table here, or let it wait: a high one for the next column, a wide one for the next page."""
        is_wide = len(block.rows[0]) > 3
        width = FULL if is_wide else COLUMN
        table = TableLayout(block, width, self.fonts)
        is_page_start = self.column == 0 and self.y == self.top and self.top == TOP
        if self.waiting or (is_wide and not is_page_start) or self.y + table.height + 8 > BOTTOM:
            self.waiting.append(block)
            return
        self.y += 4 if self.y > self.top else 0
        self._draw_table(table, self._x, self.y)
        self.y += table.height + 10
        if is_wide:
            self.top = self.y

    def _draw_table(self, table: TableLayout, x: float, y: float) -> None:
        y = self._write_lines(x, y, table.caption, STYLES["caption"]) + STYLES["caption"].after
        shape = self._page.new_shape()
        right, bottom = x + sum(table.widths), y + sum(table.heights)
        shape.draw_rect(pymupdf.Rect(x, y, right, y + table.heights[0]))
        shape.finish(color=None, fill=TINT)
        for left in accumulate(table.widths, initial=x):
            shape.draw_line((left, y), (left, bottom))
        for edge in accumulate(table.heights, initial=y):
            shape.draw_line((x, edge), (right, edge))
        shape.finish(color=GREY, width=0.5)
        shape.commit()
        for number, (cells, height) in enumerate(zip(table.cells, table.heights, strict=True)):
            left = x
            for lines, width in zip(cells, table.widths, strict=True):
                self._write_lines(left + table.PAD, y + 2, lines, table.style(number))
                left += width
            y += height


def build_pdf(source: Source) -> bytes:
    """Set a source as a two-column A4 PDF. The second pass knows the page numbers for the contents."""
    fonts = Fonts()
    headings = [(b.level, b.text, 0) for b in source.blocks if b.kind == "heading"]
    for _ in range(2):
        typesetter = Typesetter(source=source, fonts=fonts, contents=headings)
        document = typesetter.set_document()
        headings = typesetter.headings
    stamp = f"D:{source.date:%Y%m%d}000000Z"
    document.set_metadata(
        {
            "title": source.title,
            "author": AUTHOR,
            "subject": source.subject,
            "creationDate": stamp,
            "modDate": stamp,
        }
    )
    document.set_toc([[level - 1, text, page] for level, text, page in headings])
    document.subset_fonts()
    return bytes(document.tobytes(garbage=4, deflate=True, deflate_fonts=True, use_objstms=1, no_new_id=True))
