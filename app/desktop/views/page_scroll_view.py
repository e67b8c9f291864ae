"""One page as it is seen, with marks on it: what the views of PDF pages and of pictures share."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

ZOOM_STEP = 1.2
MIN_SCALE, MAX_SCALE = 0.3, 5.0
"""Logical pixels a point."""
MARGIN = 12

Marks = Mapping[int, Sequence[QRectF]]
"""Rectangles by page index, in page points with the origin at the top left."""


class PageCanvas(QWidget):
    """Paints a rendered page and its marks; the marks are multiplied in, so that words stay black on them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Blank paper."""
        super().__init__(parent)
        self.image = QImage()
        self.marks: list[QRectF] = []
        self.scale = 1.0
        self.mark_color = QColor("#ffe37a")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint paper, page, marks."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        if not self.image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self.image, QRectF(self.image.rect()))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for mark in self.marks:
            painter.fillRect(scale_rect(mark, self.scale), self.mark_color)


class PageScrollView(QScrollArea):
    """Shows one page at a time. What it shows and how it is rendered is for the classes of it to say."""

    page_shown = Signal(int)
    """Page index."""
    scale_changed = Signal(float)
    rendered = Signal()
    """The page that was asked for last is on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing is open."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("pdfPage")
        self.viewport().setObjectName("pdfGround")
        self.setViewportMargins(0, MARGIN, 0, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Page of the document"))
        self.canvas = PageCanvas()
        self.setWidget(self.canvas)
        self._marks: Marks = {}
        self._fits_width = True
        self._page = 0
        self._resized = QTimer(self, singleShot=True, interval=60)
        self._resized.timeout.connect(self._layout_page)

    @property
    def page_count(self) -> int:
        """Pages of what is open."""
        raise NotImplementedError

    def page_size(self) -> QSizeF:
        """Return the size of the page that is shown, in points."""
        raise NotImplementedError

    def request(self, pixels: QSize) -> None:
        """Begin to render the page that is shown."""
        raise NotImplementedError

    @property
    def page_index(self) -> int:
        """The page that is shown."""
        return self._page

    @property
    def scale(self) -> float:
        """Logical pixels a point."""
        return self.canvas.scale

    def show_page(self, page_index: int) -> None:
        """Go to another page."""
        if 0 <= page_index < self.page_count:
            if page_index != self._page:
                self.canvas.image = QImage()
            self._page = page_index
            self.canvas.marks = list(self._marks.get(page_index, ()))
            self._layout_page()
            self._scroll_to_marks()
            self.page_shown.emit(page_index)

    def zoom(self, factor: float) -> None:
        """Make the page larger or smaller."""
        self._fits_width = False
        self._set_scale(self.scale * factor)

    def fit_width(self) -> None:
        """Make the page as wide as the view, also when the view changes."""
        self._fits_width = True
        self._layout_page()

    def highlight_rects(self) -> list[QRectF]:
        """Return the marks on the page that is shown, in page points."""
        return list(self.canvas.marks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the page again once the resizing pauses."""
        super().resizeEvent(event)
        self._resized.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the page to the room that there is now."""
        super().showEvent(event)
        self._resized.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Render nothing any more; the window may be about to end."""
        super().hideEvent(event)
        self._resized.stop()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl and the wheel."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM_STEP if event.angleDelta().y() > 0 else 1 / ZOOM_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def event(self, event: QEvent) -> bool:
        """Render anew on a display with another pixel ratio."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._resized.start()
        return super().event(event)

    def _layout_page(self) -> None:
        if self.page_count:
            # Always as if the scroll bar were there, else it would come and go.
            room = self.width() - self.verticalScrollBar().sizeHint().width() - 2 * MARGIN
            fitting = room / max(self.page_size().width(), 1.0)
            self._set_scale(fitting if self._fits_width else self.scale)

    def _set_scale(self, scale: float) -> None:
        self.canvas.scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        size = self.page_size() * self.canvas.scale
        self.canvas.setFixedSize(_whole(size))
        self.canvas.update()
        self.scale_changed.emit(self.canvas.scale)
        self.request(_whole(size * self.devicePixelRatioF()))

    def _scroll_to_marks(self) -> None:
        marks = self.canvas.marks
        if not marks:
            self.verticalScrollBar().setValue(0)
            return
        area = marks[0]
        for mark in marks[1:]:
            area = area.united(mark)
        centre: QPoint = scale_rect(area, self.scale).center().toPoint()
        half = self.viewport().height() // 2
        self.ensureVisible(centre.x(), centre.y(), self.viewport().width() // 3, max(half - 40, 0))


def scale_rect(rect: QRectF, scale: float) -> QRectF:
    """Scale a rectangle from page points to logical pixels."""
    return QRectF(rect.x() * scale, rect.y() * scale, rect.width() * scale, rect.height() * scale)


def _whole(size: QSizeF) -> QSize:
    return QSize(max(1, round(size.width())), max(1, round(size.height())))
