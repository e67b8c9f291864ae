"""What a document is: title, authors, year, file, state, collections and tags."""

from collections.abc import Sequence
from textwrap import shorten

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.scopes import DocumentState, states_of
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.wording import describe_state, plain_tooltip, plural
from rag.types import Document

CHIPS, CHIP_LENGTH = 4, 24
"""States, collections and tags that are shown, and their characters; a tooltip has the rest."""


class DocumentHead(QFrame):
    """Over the parts of a document; has the way back."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """No document yet."""
        super().__init__(parent)
        self.setObjectName("bar")
        self._document: Document | None = None
        self.back = make_icon_button(
            "chevron-left", tooltip("escape", self.tr("Back to the library")), theme, self.closed.emit
        )
        self.title = ElidedLabel("", "heading")
        self.about = ElidedLabel("", "small")
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.title)
        texts.addWidget(self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(self.back)
        row.addLayout(texts, 1)
        row.addLayout(self._chips)
        row.addWidget(make_icon_button("open", self.tr("Open the original file"), theme, self._open_file))

    def show_document(self, document: Document) -> None:
        """Show another document, or what has changed of this one."""
        self._document = document
        self.title.setText(document.title)
        self.title.setToolTip(plain_tooltip(document.title))
        self.title.setAccessibleDescription(document.title)  # else the tooltip's markup is read out
        pages = document.pages and plural(document.pages, self.tr("{n} page"), self.tr("{n} pages"))
        year = str(document.year) if document.year else ""
        pieces = ", ".join(document.authors), year, document.file, pages
        about = " · ".join(piece for piece in pieces if piece)
        self.about.setText(about)
        self.about.setToolTip(plain_tooltip(about))
        states = [state for state in states_of(document) if state is not DocumentState.READY]
        self._show_chips([*map(describe_state, states), *document.collections, *document.tags])

    def _show_chips(self, texts: Sequence[str]) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            item.widget().deleteLater()
        rest = texts[CHIPS:]
        for text in [*texts[:CHIPS], *([f"+{len(rest)}"] if rest else [])]:
            chip = make_label(shorten(text, CHIP_LENGTH, placeholder="…"), "chip", wraps=False)
            chip.setToolTip(plain_tooltip(text if text in texts else ", ".join(rest)))
            self._chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)

    def _open_file(self) -> None:
        if self._document is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._document.original)))
