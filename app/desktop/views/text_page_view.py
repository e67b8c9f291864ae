"""The text of a document without pages, with the cited span marked."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.desktop.fonts import make_font
from app.desktop.highlighting import utf16_offset
from app.desktop.theme import Theme

SLICE = 40_000
"""Characters that are laid out at a time, so that a long text does not block the window."""


class TextPageView(QPlainTextEdit):
    """Plain text: nothing in it is ever taken for markup."""

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
        self._shown = 0
        self._span = (0, 0)

    def show_text(self, text: str, start: int, end: int) -> None:
        """Show a text with ``text[start:end]`` marked and in sight; offsets in code points."""
        # Qt makes a block of each of these; one character for one keeps the offsets.
        self._text = text.replace("\r", " ").replace("\u2029", " ")
        self._span = (utf16_offset(text, start), utf16_offset(text, end))
        self._shown = 0
        self.setExtraSelections([])
        self.clear()
        self._append_slices(until=end)
        self._mark()

    def highlighted_text(self) -> str:
        """Return what is marked."""
        return "".join(
            selection.cursor.selectedText().replace("\u2029", "\n") for selection in self.extraSelections()
        )

    def _append_slices(self, until: int) -> None:
        self._append()
        while self._shown < min(until, len(self._text)):
            self._append()
        if self._shown < len(self._text):
            QTimer.singleShot(0, self, self._append_rest)

    def _append_rest(self) -> None:
        if self._shown < len(self._text):
            self._append()
            QTimer.singleShot(0, self, self._append_rest)

    def _append(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._text[self._shown : self._shown + SLICE])
        self._shown += SLICE

    def _mark(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._span[0])
        self.setTextCursor(cursor)
        cursor.setPosition(self._span[1], QTextCursor.MoveMode.KeepAnchor)
        mark = QTextCharFormat()
        mark.setBackground(self._theme.color("highlight"))
        mark.setForeground(QColor("#1b1f23"))
        selection = QTextEdit.ExtraSelection()
        selection.cursor, selection.format = cursor, mark
        self.setExtraSelections([selection])
        self.centerCursor()
