"""Search in the text of the library."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.models.hits import HitsModel
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.scopes import Scope, ScopeKind
from app.desktop.snippets import Found
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.hit_delegate import HitDelegate
from app.desktop.views.labels import make_label
from app.desktop.wording import plural


class PassageSearchView(QWidget):
    """A query, and the passages that were found; Return or a double click opens one."""

    place_opened = Signal(object)
    found = Signal()
    """The hits of a search are shown."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is searched yet."""
        super().__init__(parent)
        self._desk = desk
        self._scope = Scope()
        self.hits = HitsModel(self)
        self.query = QLineEdit(placeholderText=self.tr("Search in the text of all documents…"))
        self.query.setAccessibleName(self.tr("Search in the text"))
        self.query.returnPressed.connect(self.search)
        self._button = make_button(self.tr("Search"), self.search, "primary")
        self.status = make_label("", "muted")
        self.list = QListView()
        self.list.setModel(self.hits)
        self.list.setAccessibleName(self.tr("Passages found"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(HitDelegate(theme, self.list))
        self.list.activated.connect(self._open)
        self.nothing = EmptyState(
            icon="search",
            title=self.tr("Search in the text"),
            sentence=self.tr(
                "Write a question or a few words. Passages are found by meaning and by words, other names of "
                "a drug or disease too. Return opens a passage on its page."
            ),
            theme=theme,
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self.list)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.query, 1)
        row.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.status)
        layout.addWidget(self._stack, 1)
        desk.state.document_removed.connect(lambda _: self._clear())

    def search(self) -> None:
        """Search for what is written."""
        query = self.query.text().strip()
        if query:
            self._button.setEnabled(False)
            self.status.setText(self.tr("Searching…"))
            operations.search(self._desk, self, query, self._show, self._end, scope=self._scope)

    def narrow(self, scope: Scope) -> None:
        """Search only a collection or a tag; states narrow the list of documents only."""
        self._scope = scope
        places = {
            ScopeKind.COLLECTION: self.tr("Search in the text of the collection “{name}”…"),
            ScopeKind.TAG: self.tr("Search in the text of documents tagged “{name}”…"),
        }
        text = places.get(scope.kind, self.tr("Search in the text of all documents…"))
        self.query.setPlaceholderText(text.format(name=scope.name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the hits out at the new width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.list.doItemsLayout)

    def _show(self, found: Found) -> None:
        self.hits.show(found.snippets)
        count = len(found.snippets)
        if count:
            self.list.setCurrentIndex(self.hits.index(0))
            passages = plural(count, self.tr("{n} passage"), self.tr("{n} passages"))
            sentence = self.tr("{found} in {seconds} s, best first")
            self.status.setText(sentence.format(found=passages, seconds=f"{found.seconds:.2f}"))
        else:
            self.status.setText("")
            self.nothing.title.setText(self.tr("Nothing was found"))
            self.nothing.say(self._describe_nothing())
        self._stack.setCurrentWidget(self.list if count else self.nothing)
        self.found.emit()

    def _describe_nothing(self) -> str:
        if self._scope.kind in (ScopeKind.COLLECTION, ScopeKind.TAG):
            return self.tr("Try other words, or choose “All documents” to search everywhere.")
        return self.tr("Try other words, or add documents; disabled and replaced ones are not searched.")

    def _clear(self) -> None:
        """Forget what was found: it may be of a document that is no longer there."""
        self.hits.show(())
        self.status.setText("")

    def _end(self) -> None:
        self._button.setEnabled(True)
        if self.status.text() == self.tr("Searching…"):
            self.status.setText("")

    def _open(self, index: QModelIndex) -> None:
        self.place_opened.emit(Place.of_hit(self.hits.hit(index)))
