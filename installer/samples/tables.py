"""Column widths and row heights of a table of the sample PDF."""

from collections.abc import Sequence

from installer.samples.lines import STYLES, Fonts, Style, break_lines
from installer.samples.source import Block


class TableLayout:
    """Column widths and broken cell texts of a table that is to be ``width`` points wide."""

    PAD = 4.0

    def __init__(self, block: Block, width: float, fonts: Fonts) -> None:
        """Share out the width and break every cell."""
        self.caption = break_lines(block.text, width, STYLES["caption"], fonts)
        self.widths = self._share(block.rows, width, fonts)
        self.cells = [
            [
                break_lines(cell, column - 2 * self.PAD, self.style(number), fonts)
                for cell, column in zip(row, self.widths, strict=True)
            ]
            for number, row in enumerate(block.rows)
        ]
        self.heights = [max(map(len, row)) * STYLES["cell"].leading + 6 for row in self.cells]
        caption = STYLES["caption"]
        self.height = len(self.caption) * caption.leading + caption.after + sum(self.heights)

    @staticmethod
    def style(row: int) -> Style:
        """Return the style of a row's cells."""
        return STYLES["cell" if row else "head_cell"]

    def _share(self, rows: Sequence[Sequence[str]], width: float, fonts: Fonts) -> list[float]:
        """Give each column its longest word, then share the rest by its longest text."""
        bold = STYLES["head_cell"]
        columns = list(zip(*rows, strict=True))
        least = [
            max(fonts.measure(w, bold) for cell in c for w in cell.split()) + 2 * self.PAD + 1
            for c in columns
        ]
        wish = [max(fonts.measure(cell, bold) for cell in c) for c in columns]
        free = width - sum(least)
        return [low + free * want / sum(wish) for low, want in zip(least, wish, strict=True)]
