"""One page of a PDF as it is printed, with the cited words marked."""

from pathlib import Path

from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument, QPdfDocumentRenderOptions, QPdfPageRenderer
from PySide6.QtWidgets import QWidget

from app.desktop.views.page_scroll_view import Marks, PageScrollView


class PdfPageView(PageScrollView):
    """Rendering runs on a thread of Qt's own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing is open."""
        super().__init__(parent)
        self._document = QPdfDocument(self)
        self._renderer = QPdfPageRenderer(self)
        self._renderer.setDocument(self._document)
        self._renderer.setRenderMode(QPdfPageRenderer.RenderMode.MultiThreaded)
        self._renderer.pageRendered.connect(self._take_image)
        self._path: Path | None = None
        self._wanted: tuple[Path, int, str | None] | None = None
        self._in_flight: set[int] = set()
        self._request = 0

    @property
    def page_count(self) -> int:
        """Pages of the open file."""
        return self._document.pageCount()

    def page_size(self) -> QSizeF:
        """Return the size of the page that is shown, in points."""
        return self._document.pagePointSize(self._page)

    def open(self, path: Path, page_index: int, marks: Marks, *, password: str | None = None) -> None:
        """Show a page of a file, with marks on its pages."""
        self._marks = marks
        self._wanted = (path, page_index, password)
        self._open_wanted()

    def close_document(self) -> None:
        """Let go of the file."""
        self._wanted = None
        self._path = None
        self._marks = {}
        self._document.close()
        self.canvas.image = QImage()

    def request(self, pixels: QSize) -> None:
        """Begin to render the page that is shown."""
        request = self._renderer.requestPage(self._page, pixels, QPdfDocumentRenderOptions())
        if request:
            self._request = request
            self._in_flight.add(request)  # one that is pending already is given again, and rendered once

    def _open_wanted(self) -> None:
        # pdfium holds one lock for all its work: while it renders, opening would make this thread wait.
        if self._wanted is None or self._in_flight:
            return
        path, page_index, password = self._wanted
        self._wanted = None
        if path != self._path:
            self._document.close()
            self._document.setPassword(password or "")
            self._document.load(str(path))
            self._path = path
            self.canvas.image = QImage()
        self.show_page(page_index)

    def _take_image(
        self, page: int, _size: QSize, image: QImage, _options: QPdfDocumentRenderOptions, request: int
    ) -> None:
        self._in_flight.discard(request)
        if request == self._request and page == self._page:
            self.canvas.image = image
            self.canvas.update()
            if self._wanted is None:
                self.rendered.emit()
        self._open_wanted()
