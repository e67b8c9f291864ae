"""A page of any document with spans of it marked: as it is printed where that is known, else its text."""

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtCore import QRectF, QSizeF, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import parts
from app.desktop.highlighting import boxes_of, join_boxes
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind, tooltip
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.labels import make_label
from app.desktop.views.number_field import NumberField
from app.desktop.views.page_scroll_view import ZOOM_STEP, PageScrollView
from app.desktop.views.pdf_page_view import PdfPageView
from app.desktop.views.picture_page_view import PicturePageView
from app.desktop.views.text_page_view import TextPageView
from rag.documents.detection import PDF, PICTURE
from rag.types import Document, Page, Span


class PageView(QWidget):
    """Has tools to turn pages and to zoom, where there are pages."""

    shown = Signal()
    """What was opened is on the screen, marks and all; once for each."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is open."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self._opened: object = None
        self._is_told = True
        self._printed: PageScrollView | None = None
        self.message = make_label("", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(32)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.message)
        self._tools = self._make_tools(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tools)
        layout.addWidget(self._stack, 1)
        self._bind()

    @cached_property
    def pdf(self) -> PdfPageView:
        """The view of PDF pages, built when it is asked for."""
        view = PdfPageView()
        self._add_printed(view)
        return view

    @cached_property
    def picture(self) -> PicturePageView:
        """The view of pictures, built when it is asked for."""
        view = PicturePageView(self._desk)
        self._add_printed(view)
        view.failed.connect(self.show_sentence)
        return view

    @cached_property
    def text(self) -> TextPageView:
        """The view of texts without pages, built when it is asked for."""
        view = TextPageView(self._theme)
        view.rendered.connect(self._tell_once)
        self._stack.addWidget(view)
        return view

    def open(self, document: Document, spans: Sequence[Span]) -> None:
        """Show the page of the first span with all spans marked; pages are read in the background."""
        opened = self._opened = object()

        def show(pages: list[Page]) -> None:
            if opened is self._opened:
                self._show_pages(document, {page.index: page for page in pages}, spans)

        is_picture = document.media_type == PICTURE
        wanted = set(range(document.pages or 1)) if is_picture else {span.page_index for span in spans}
        callbacks = Callbacks(on_done=show, on_error=self.show_sentence)
        parts.read_pages(self._desk, self, document.id, wanted, callbacks)

    def close_document(self) -> None:
        """Let go of the file."""
        self._opened = None
        if self._printed is not None:
            self._printed.close_document()

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence in place of a page."""
        self._opened = None
        self.message.setText(sentence)
        self._tools.hide()
        self._stack.setCurrentWidget(self.message)
        self.shown.emit()

    def highlight_rects(self) -> list[QRectF]:
        """Return the marks on the page that is shown, in page points."""
        return self._printed.highlight_rects() if self._printed else []

    def _show_pages(self, document: Document, pages: dict[int, Page], spans: Sequence[Span]) -> None:
        self._is_told = False
        first = spans[0].page_index
        marks = {
            index: join_boxes(
                box
                for span in spans
                if span.page_index == index
                for box in boxes_of(page, span.start, span.end)
            )
            for index, page in pages.items()
        }
        is_printed = document.media_type in (PDF, PICTURE)
        self._tools.setVisible(is_printed)
        if document.media_type == PDF:
            self._show_printed(self.pdf)
            self.pdf.open(document.original, first, marks, password=document.password)
        elif document.media_type == PICTURE:
            self._show_printed(self.picture)
            sizes = {index: QSizeF(page.width or 1, page.height or 1) for index, page in pages.items()}
            self.picture.open(document.original, first, marks, sizes=sizes, page_count=len(pages))
        else:
            self._stack.setCurrentWidget(self.text)
            here = [(span.start, span.end) for span in spans if span.page_index == first]
            self.text.show_text(pages[first].text, here)

    def _add_printed(self, view: PageScrollView) -> None:
        view.page_shown.connect(self._show_page_number)
        view.scale_changed.connect(self._show_scale)
        view.rendered.connect(self._tell_once)
        self._stack.addWidget(view)

    def _show_printed(self, view: PageScrollView) -> None:
        if self._printed is not None and self._printed is not view:
            self._printed.close_document()
        self._printed = view
        view.canvas.mark_color = self._theme.color("highlight")
        self._stack.setCurrentWidget(view)

    def _tell_once(self) -> None:
        if not self._is_told:
            self._is_told = True
            self.shown.emit()

    def _show_page_number(self, page_index: int) -> None:
        count = self._printed.page_count if self._printed else 0
        self._number.blockSignals(True)
        self._number.setMaximum(max(count, 1))
        self._number.setValue(page_index + 1)
        self._number.blockSignals(False)
        self._count.setText(self.tr("of {n}").format(n=count))
        self._previous.setEnabled(page_index > 0)
        self._next.setEnabled(page_index + 1 < count)

    def _show_scale(self, scale: float) -> None:
        self._scale.setText(f"{scale * 72 / 96:.0%}")

    def _make_tools(self, theme: Theme) -> QFrame:
        def tool(icon: str, shortcut: str, slot: object) -> QWidget:
            return make_icon_button(icon, tooltip(shortcut), theme, slot)

        self._number = NumberField(1, 1, 1, self.tr("Page number"))
        self._number.setKeyboardTracking(False)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._number.setFixedWidth(56)
        self._number.valueChanged.connect(lambda number: self._show_page(number - 1))
        self._count = make_label("", "small", wraps=False)
        self._scale = make_label("", "small", wraps=False)
        self._previous = tool("chevron-left", "previous_page", lambda: self._turn(-1))
        self._next = tool("chevron-right", "next_page", lambda: self._turn(1))
        bar = QFrame()
        bar.setObjectName("bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for widget in (self._previous, self._number, self._count, self._next):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(tool("zoom-out", "zoom_out", lambda: self._zoom(1 / ZOOM_STEP)))
        row.addWidget(self._scale)
        row.addWidget(tool("zoom-in", "zoom_in", lambda: self._zoom(ZOOM_STEP)))
        row.addWidget(tool("fit-width", "fit_width", self._fit_width))
        return bar

    def _bind(self) -> None:
        bind(self, "previous_page", lambda: self._turn(-1))
        bind(self, "next_page", lambda: self._turn(1))
        bind(self, "zoom_in", lambda: self._zoom(ZOOM_STEP))
        bind(self, "zoom_out", lambda: self._zoom(1 / ZOOM_STEP))
        bind(self, "fit_width", self._fit_width)

    def _zoom(self, factor: float) -> None:
        if self._printed is not None:
            self._printed.zoom(factor)

    def _fit_width(self) -> None:
        if self._printed is not None:
            self._printed.fit_width()

    def _turn(self, by: int) -> None:
        if self._printed is not None:
            self._printed.show_page(self._printed.page_index + by)

    def _show_page(self, page_index: int) -> None:
        if self._printed is not None:
            self._printed.show_page(page_index)
