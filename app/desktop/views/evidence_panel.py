"""The right side: the page from which a quote was taken, with its words marked."""

from PySide6.QtCore import QRectF, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.labels import ElidedLabel
from app.desktop.views.page_note import PageNote
from app.desktop.views.page_view import PageView
from app.desktop.views.pdf_page_view import PdfPageView
from app.desktop.views.text_page_view import TextPageView
from app.desktop.wording import describe_title, plain_tooltip
from rag.types import Document, Span


class EvidencePanel(QFrame):
    """Opens places; closed it takes no room."""

    shown = Signal()
    """The place that was opened is on the screen, marks and all; once for each."""
    document_opened = Signal(str)
    """A whole document is wanted: its id."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Closed."""
        super().__init__(parent)
        self.setObjectName("evidence")
        self.setMinimumWidth(340)
        self._desk = desk
        self._theme = theme
        self._place: Place | None = None
        self.note = PageNote(desk, theme)
        self.note.document_opened.connect(self.document_opened)
        self.page = PageView(desk, theme)
        self.page.shown.connect(self.shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_header())
        layout.addWidget(self.note)
        layout.addWidget(self.page, 1)
        desk.state.document_removed.connect(self._note_removal)
        desk.state.documents_changed.connect(self._refresh_note)
        self.hide()

    @property
    def place(self) -> Place | None:
        """The place that is shown."""
        return self._place

    @property
    def pdf(self) -> PdfPageView:
        """The view of PDF pages."""
        return self.page.pdf

    @property
    def text(self) -> TextPageView:
        """The view of texts without pages."""
        return self.page.text

    @property
    def message(self) -> QLabel:
        """The sentence in place of a page."""
        return self.page.message

    def open(self, place: Place) -> None:
        """Show a place; the page's text and boxes are read in the background."""
        self._place = place
        title = describe_title(place.title, place.year)
        self._title.setText(title)
        self._title.setToolTip(plain_tooltip(title))
        self._title.setAccessibleDescription(title)  # else the tooltip's markup is read out
        self._file.setText(place.file)
        self.show()
        self._refresh_note()
        document = self._document
        if document is None:
            self._show_removed()
        else:
            span = Span(page_index=place.page_index, start=place.start, end=place.end)
            self.page.open(document, [span])

    def close_panel(self) -> None:
        """Close and let go of the file."""
        self._place = None
        self.page.close_document()
        self.hide()

    def highlight_rects(self) -> list[QRectF]:
        """Return the marks on the page that is shown, in page points."""
        return self.page.highlight_rects()

    @property
    def _document(self) -> Document | None:
        return self._desk.state.document(self._place.document) if self._place else None

    def _refresh_note(self) -> None:
        document = self._document
        self.note.show_document(document)
        self._open_original.setEnabled(document is not None)
        self._open_document.setEnabled(document is not None)

    def _show_removed(self) -> None:
        self.page.show_sentence(
            self.tr("This document was removed from the library, so its page cannot be shown.")
        )

    def _note_removal(self, document: str) -> None:
        if self._place is not None and self._place.document == document:
            self.page.close_document()
            self._open_original.setEnabled(False)
            self._open_document.setEnabled(False)
            self._show_removed()

    def _open_file(self) -> None:
        document = self._document
        if document is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(document.original)))

    def _open_parts(self) -> None:
        if self._place is not None:
            self.document_opened.emit(self._place.document)

    def _make_header(self) -> QFrame:
        self._title = ElidedLabel()
        self._file = ElidedLabel("", "small")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._file)
        self._open_original = make_icon_button(
            "open", self.tr("Open the original file"), self._theme, self._open_file
        )
        self._open_document = make_icon_button(
            "file", self.tr("Show the whole document with all its parts"), self._theme, self._open_parts
        )
        bar = QFrame()
        bar.setObjectName("bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 8, 8, 8)
        row.addLayout(texts, 1)
        row.addWidget(self._open_document)
        row.addWidget(self._open_original)
        row.addWidget(
            make_icon_button("close", tooltip("escape", self.tr("Close")), self._theme, self.close_panel)
        )
        return bar
