"""One page of a picture file, with the words that were recognised in it marked."""

from pathlib import Path

from PySide6.QtCore import QSize, QSizeF, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.desktop import parts
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks
from app.desktop.views.page_scroll_view import Marks, PageScrollView


class PicturePageView(PageScrollView):
    """Unpacks and scales the picture in the background; what is there meanwhile is stretched."""

    failed = Signal(str)
    """The picture cannot be shown; a sentence."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Nothing is open."""
        super().__init__(parent)
        self._desk = desk
        self._path: Path | None = None
        self._sizes: dict[int, QSizeF] = {}
        self._count = 0
        self._request = 0

    @property
    def page_count(self) -> int:
        """Frames of the open file."""
        return self._count

    def page_size(self) -> QSizeF:
        """Return the size of the page that is shown, in points; frames not yet measured are as the first."""
        return self._sizes.get(self._page) or next(iter(self._sizes.values()))

    def open(
        self, path: Path, page_index: int, marks: Marks, *, sizes: dict[int, QSizeF], page_count: int
    ) -> None:
        """Show a page of a file, with marks on its pages; ``sizes`` are those of the pages in points."""
        if path != self._path:
            self.canvas.image = QImage()
        self._path, self._marks, self._sizes, self._count = path, marks, sizes, page_count
        self.show_page(page_index)

    def close_document(self) -> None:
        """Let go of the file."""
        self._path = None
        self._count = 0
        self._marks = {}
        self.canvas.image = QImage()

    def request(self, pixels: QSize) -> None:
        """Begin to render the page that is shown; an older request is out of date."""
        if self._path is None:
            return
        self._request += 1
        number = self._request

        def done(image: QImage) -> None:
            if number == self._request:
                self.canvas.image = image
                self.canvas.update()
                self.rendered.emit()

        callbacks = Callbacks(on_done=done, on_error=self.failed.emit)
        parts.render_picture(self._desk, self, self._path, self._page, pixels, callbacks)
