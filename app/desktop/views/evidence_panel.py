"""The right side: the page from which a quote was taken, with its words marked."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import operations
from app.desktop.highlighting import boxes_of, join_boxes
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.shortcuts import bind, tooltip
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.views.pdf_page_view import ZOOM_STEP, PdfPageView
from app.desktop.views.text_page_view import TextPageView
from app.desktop.wording import plain_tooltip
from rag.types import Page

PDF = "application/pdf"


class EvidencePanel(QFrame):
    """Opens places; closed it takes no room."""

    shown = Signal()
    """The place that was opened is on the screen, marks and all; once for each."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Closed."""
        super().__init__(parent)
        self.setObjectName("evidence")
        self.setMinimumWidth(340)
        self._desk = desk
        self._theme = theme
        self._place: Place | None = None
        self._original: Path | None = None
        self.pdf = PdfPageView()
        self.pdf.page_shown.connect(self._show_page_number)
        self.pdf.scale_changed.connect(self._show_scale)
        self.pdf.rendered.connect(self._tell_once)
        self._is_told = True
        self.text = TextPageView(theme)
        self.message = make_label("", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(32)
        self._stack = QStackedWidget()
        for view in (self.pdf, self.text, self.message):
            self._stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_header())
        self._tools = self._make_tools()
        layout.addWidget(self._tools)
        layout.addWidget(self._stack, 1)
        self._bind()
        desk.state.document_removed.connect(self._note_removal)
        self.hide()

    @property
    def place(self) -> Place | None:
        """The place that is shown."""
        return self._place

    def open(self, place: Place) -> None:
        """Show a place; the page's text and boxes are read in the background."""
        self._place = place
        self._title.setText(place.title)
        self._title.setToolTip(plain_tooltip(place.title))
        self._title.setAccessibleDescription(place.title)  # else the tooltip's markup is read out
        self._file.setText(place.file)
        self.show()
        document = self._desk.state.document(place.document)
        self._original = document.original if document else None
        self._open_original.setEnabled(document is not None)
        if document is None:
            self._show_removed()
            return
        is_pdf = document.media_type == PDF
        callbacks = Callbacks(
            on_done=lambda page: self._show_page(place, page, is_pdf), on_error=self._show_message
        )
        operations.read_page(self._desk, self, document.id, place.page_index, callbacks)

    def close_panel(self) -> None:
        """Close and let go of the file."""
        self._place = None
        self.pdf.close_document()
        self.hide()

    def highlight_rects(self) -> list[QRectF]:
        """Return the marks on the PDF page that is shown, in page points."""
        return self.pdf.highlight_rects()

    def _show_page(self, place: Place, page: Page, is_pdf: bool) -> None:
        if place is not self._place:
            return
        self._tools.setVisible(is_pdf)
        if is_pdf and self._original is not None:
            self._stack.setCurrentWidget(self.pdf)
            self.pdf.canvas.mark_color = self._theme.color("highlight")
            self._is_told = False
            self.pdf.open(
                self._original, place.page_index, join_boxes(boxes_of(page, place.start, place.end))
            )
        else:
            self._stack.setCurrentWidget(self.text)
            self.text.show_text(page.text, place.start, place.end)
            self.shown.emit()

    def _show_message(self, sentence: str) -> None:
        self.message.setText(sentence)
        self._tools.hide()
        self._stack.setCurrentWidget(self.message)
        self.shown.emit()

    def _tell_once(self) -> None:
        if not self._is_told:
            self._is_told = True
            self.shown.emit()

    def _show_removed(self) -> None:
        self._original = None
        self._open_original.setEnabled(False)
        self._show_message(
            self.tr("This document was removed from the library, so its page cannot be shown.")
        )

    def _note_removal(self, document: str) -> None:
        if self._place is not None and self._place.document == document:
            self.pdf.close_document()
            self._show_removed()

    def _show_page_number(self, page_index: int) -> None:
        self._number.blockSignals(True)
        self._number.setMaximum(max(self.pdf.page_count, 1))
        self._number.setValue(page_index + 1)
        self._number.blockSignals(False)
        self._count.setText(self.tr("of {n}").format(n=self.pdf.page_count))
        self._previous.setEnabled(page_index > 0)
        self._next.setEnabled(page_index + 1 < self.pdf.page_count)

    def _show_scale(self, scale: float) -> None:
        self._scale.setText(f"{scale * 72 / 96:.0%}")

    def _open_file(self) -> None:
        if self._original is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._original)))

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
        bar = QFrame()
        bar.setObjectName("bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 8, 8, 8)
        row.addLayout(texts, 1)
        row.addWidget(self._open_original)
        row.addWidget(
            make_icon_button("close", tooltip("escape", self.tr("Close")), self._theme, self.close_panel)
        )
        return bar

    def _make_tools(self) -> QFrame:
        self._number = QSpinBox(minimum=1)
        self._number.setAccessibleName(self.tr("Page number"))
        self._number.setKeyboardTracking(False)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._number.setFixedWidth(56)
        self._number.valueChanged.connect(lambda number: self.pdf.show_page(number - 1))
        self._count = make_label("", "small", wraps=False)
        self._scale = make_label("", "small", wraps=False)
        self._previous = self._tool("chevron-left", "previous_page", lambda: self._turn(-1))
        self._next = self._tool("chevron-right", "next_page", lambda: self._turn(1))
        bar = QFrame()
        bar.setObjectName("bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for widget in (self._previous, self._number, self._count, self._next):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self._tool("zoom-out", "zoom_out", lambda: self.pdf.zoom(1 / ZOOM_STEP)))
        row.addWidget(self._scale)
        row.addWidget(self._tool("zoom-in", "zoom_in", lambda: self.pdf.zoom(ZOOM_STEP)))
        row.addWidget(self._tool("fit-width", "fit_width", self.pdf.fit_width))
        return bar

    def _tool(self, icon: str, shortcut: str, slot: object) -> QWidget:
        return make_icon_button(icon, tooltip(shortcut), self._theme, slot)

    def _bind(self) -> None:
        bind(self, "previous_page", lambda: self._turn(-1))
        bind(self, "next_page", lambda: self._turn(1))
        bind(self, "zoom_in", lambda: self.pdf.zoom(ZOOM_STEP))
        bind(self, "zoom_out", lambda: self.pdf.zoom(1 / ZOOM_STEP))
        bind(self, "fit_width", self.pdf.fit_width)

    def _turn(self, by: int) -> None:
        self.pdf.show_page(self.pdf.page_index + by)
