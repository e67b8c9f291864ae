"""The table of documents: sorted by a click, several chosen at once, dragged to a collection."""

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.desktop.fonts import make_font
from app.desktop.models.documents import (
    ADDED,
    PAGES,
    PASSAGES,
    STATE,
    TAGS,
    TITLE,
    YEAR,
    DocumentsModel,
)
from app.desktop.views.document_delegate import DocumentDelegate
from rag.types import Document

SAMPLES = {
    YEAR: "2026",
    PAGES: "10,000",
    PASSAGES: "100,000",
    STATE: "Replaced by newer",
    TAGS: "acute, guideline",
    ADDED: "30 Sep 2026",
}
"""What a column has room for at first."""
MARGINS = 28
ARROW = 16
"""Pixels of the arrow that shows the order."""
ROW_HEIGHT = 48
TITLE_WIDTH = 240
"""Pixels that a title has at least; columns for which no room is left are hidden."""
WEIGHTIEST_FIRST = (STATE, YEAR, TAGS, PAGES, PASSAGES, ADDED)


class DocumentsTable(QTableView):
    """Rows are drawn as they come into sight; no widget is made for any."""

    def __init__(self, rows: DocumentsModel, parent: QWidget | None = None) -> None:
        """Sorted by title."""
        super().__init__(parent)
        self._rows = rows
        self.setModel(rows)
        self.setItemDelegateForColumn(TITLE, DocumentDelegate(self))
        self.setAccessibleName(self.tr("Documents"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.sortByColumn(TITLE, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self._set_up_header()

    def chosen(self) -> list[Document]:
        """Return the documents that are selected, in the order of the table."""
        ranges = sorted((each.top(), each.bottom()) for each in self.selectionModel().selection())
        documents = self._rows.documents
        return [document for top, bottom in ranges for document in documents[top : bottom + 1]]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the title: what weighs least gives way."""
        super().resizeEvent(event)
        room = self.width() - TITLE_WIDTH
        for column in WEIGHTIEST_FIRST:
            room -= self._widths[column]
            self.setColumnHidden(column, room < 0)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Drag the selected documents; a picture of them all would take long to draw."""
        drag = QDrag(self)
        drag.setMimeData(self._rows.mimeData(self.selectionModel().selectedRows()))
        drag.setPixmap(self._draw_count(len(self.chosen())))
        drag.exec(Qt.DropAction.CopyAction)

    def _draw_count(self, count: int) -> QPixmap:
        text = self.tr("{n} documents").format(n=count) if count > 1 else self.tr("1 document")
        size = QFontMetrics(self.font()).size(Qt.TextFlag.TextSingleLine, text)
        pixmap = QPixmap(size.width() + MARGINS, size.height() + MARGINS // 2)
        pixmap.fill(self.palette().highlight().color())
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        painter.setPen(self.palette().highlightedText().color())
        painter.drawText(pixmap.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return pixmap

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setFont(make_font("small", is_bold=True))
        header.setHighlightSections(False)
        # With the table's own, the header would ask of every selected cell whether it may be selected.
        header.setSelectionModel(QItemSelectionModel(self._rows, header))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        self._widths: dict[int, int] = {}
        cells, heads = QFontMetrics(make_font()), QFontMetrics(header.font())
        for column, sample in SAMPLES.items():
            name = str(self._rows.headerData(column, Qt.Orientation.Horizontal))
            width = max(cells.horizontalAdvance(sample), heads.horizontalAdvance(name) + ARROW)
            self._widths[column] = width + MARGINS
            header.resizeSection(column, self._widths[column])
