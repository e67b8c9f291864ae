"""The text of a document without pages, with the cited spans marked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.desktop.fonts import make_font
from app.desktop.highlighting import find_wide, utf16_offset
from app.desktop.theme import Theme

SLICE = 40_000
"""Characters that are laid out at a time, so that a long text does not block the window."""


class TextPageView(QPlainTextEdit):
    """Plain text: nothing in it is ever taken for markup."""

    rendered = Signal()
    """The marks that were asked for last are in sight."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is shown."""
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("textPage")
        self.setFont(make_font("reading"))
        self.setReadOnly(True)
        self.setAccessibleName(self.tr("Text of the document"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(20)
        self._text = ""
        self._wide: list[int] = []
        self._shown = 0
        self._spans: list[tuple[int, int]] = []
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._append)

    def show_text(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        """Show a text with spans of it marked, the first of them in sight; offsets in code points."""
        self._spans = list(spans)
        self.setExtraSelections([])
        if text != self._text:
            self._text = text
            self._wide = []
            self._shown = 0
            self.clear()
            self._slices.start()
            self._append()
        elif self._is_marked_part_shown():
            self._mark()

    def highlighted_text(self) -> str:
        """Return what is marked."""
        return "".join(
            selection.cursor.selectedText().replace("\u2029", "\n") for selection in self.extraSelections()
        )

    def _append(self) -> None:
        was_marked = self._shown and self._is_marked_part_shown()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        text = self._text[self._shown : self._shown + SLICE]
        self._wide += [self._shown + position for position in find_wide(text)]
        # Qt makes a block of each of these; one character for one keeps the offsets.
        cursor.insertText(text.replace("\r", " ").replace("\u2029", " "))
        self._shown += SLICE
        if self._shown >= len(self._text):
            self._slices.stop()
        if not was_marked and self._is_marked_part_shown():
            self._mark()

    def _is_marked_part_shown(self) -> bool:
        return self._shown >= min(max(end for _, end in self._spans), len(self._text))

    def _mark(self) -> None:
        mark = QTextCharFormat()
        mark.setBackground(self._theme.color("highlight"))
        mark.setForeground(QColor("#1b1f23"))
        selections = []
        for start, end in self._spans:
            selection = QTextEdit.ExtraSelection()
            selection.cursor, selection.format = self._select(start, end), mark
            selections.append(selection)
        self.setExtraSelections(selections)
        start = self._spans[0][0]
        self.setTextCursor(self._select(start, start))
        self.centerCursor()
        self.rendered.emit()

    def _select(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(utf16_offset(self._wide, start))
        cursor.setPosition(utf16_offset(self._wide, end), QTextCursor.MoveMode.KeepAnchor)
        return cursor
