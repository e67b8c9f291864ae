"""One item of a run as a page: question, options, why it was wrong, what was found, the prompt."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from app.desktop.fonts import make_font
from app.desktop.theme import Theme
from app.desktop.views.exam_item_text import HEADING, PROMPT, QUESTION, RIGHT, WRONG, Part, describe_item

if TYPE_CHECKING:
    from agents.exams.records import ExamArm, ExamRow

MARGIN = 6
"""Pixels between paragraphs; headings have twice as many above."""
INDENT = 12
"""Pixels around the page."""
COLORS = {RIGHT: "success", WRONG: "danger", HEADING: "muted", PROMPT: "muted"}
"""Names of colours; other parts have that of the text."""


class ExamItemView(QTextEdit):
    """Plain text in formats: what stands in an item is never taken for markup."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setObjectName("textPage")
        self.document().setDocumentMargin(INDENT)
        self.setAccessibleName(self.tr("What was asked, found and answered"))
        self._theme = theme
        self._parts: list[Part] = []
        theme.follow(self, self._draw)

    def show_row(self, row: "ExamRow", arm: "ExamArm") -> None:
        """Write out an item of a run in this arm."""
        self._parts = describe_item(row, arm)
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self._parts = []
        super().clear()

    def _draw(self) -> None:
        super().clear()
        cursor = QTextCursor(self.document())
        for number, part in enumerate(self._parts):
            block = QTextBlockFormat()
            block.setTopMargin(3 * MARGIN if part.style == HEADING else MARGIN)
            if number:
                cursor.insertBlock(block)
            else:
                cursor.setBlockFormat(block)
            cursor.insertText(part.text, self._format(part.style))
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _format(self, style: str) -> QTextCharFormat:
        written = QTextCharFormat()
        size = {HEADING: "small", PROMPT: "small"}.get(style, "base")
        font = make_font(size, is_bold=style in (HEADING, QUESTION))
        written.setFont(font)
        if style in COLORS:  # what has none is drawn in the palette's, whichever that is
            written.setForeground(self._theme.color(COLORS[style]))
        return written
