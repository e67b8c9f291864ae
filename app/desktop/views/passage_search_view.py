"""Search in the text of the library."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from app.desktop import operations
from app.desktop.models.hits import HitsModel
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.hit_delegate import HitDelegate
from app.desktop.views.labels import make_label
from app.desktop.wording import plural
from rag.types import SearchResult


class PassageSearchView(QWidget):
    """A query, and the passages that were found; Return or a double click opens one."""

    place_opened = Signal(object)
    found = Signal()
    """The hits of a search are shown."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is searched yet."""
        super().__init__(parent)
        self._desk = desk
        self.hits = HitsModel(self)
        self.query = QLineEdit(placeholderText=self.tr("Search in the text of all documents…"))
        self.query.setAccessibleName(self.tr("Search in the text"))
        self.query.returnPressed.connect(self.search)
        self._button = make_button(self.tr("Search"), self.search, "primary")
        self.status = make_label(self.tr("Finds passages by meaning and by words."), "muted")
        self.list = QListView()
        self.list.setModel(self.hits)
        self.list.setAccessibleName(self.tr("Passages found"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._delegate = HitDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.activated.connect(self._open)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.query, 1)
        row.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.status)
        layout.addWidget(self.list, 1)
        desk.state.document_removed.connect(lambda _: self.hits.show(()))

    def search(self) -> None:
        """Search for what is written."""
        query = self.query.text().strip()
        if query:
            self._button.setEnabled(False)
            self.status.setText(self.tr("Searching…"))
            operations.search(self._desk, self, query, self._show, self._end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the hits out at the new width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.list.doItemsLayout)

    def _show(self, result: SearchResult) -> None:
        self._delegate.query = result.query
        self.hits.show(result.hits)
        if result.hits:
            self.list.setCurrentIndex(self.hits.index(0))
        found = plural(len(result.hits), self.tr("{n} passage"), self.tr("{n} passages"))
        self.status.setText(
            self.tr("{found} in {seconds} s, best first").format(found=found, seconds=f"{result.seconds:.2f}")
            if result.hits
            else self.tr("Nothing was found; try other words, or add documents.")
        )
        self.found.emit()

    def _end(self) -> None:
        self._button.setEnabled(True)
        if self.status.text() == self.tr("Searching…"):
            self.status.setText("")

    def _open(self, index: QModelIndex) -> None:
        self.place_opened.emit(Place.of_hit(self.hits.hit(index)))
