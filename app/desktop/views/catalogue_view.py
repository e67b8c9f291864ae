"""More models: what can be downloaded, with what suits this computer first."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.offers import CatalogueEntry, Shelf, arrange_offers
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.catalogue_row import CatalogueRow
from app.desktop.views.disclosure import Disclosure
from app.desktop.views.labels import make_label
from app.desktop.views.mirror_view import MirrorView


class CatalogueView(QWidget):
    """A row a model; rows are built one by one when they are to be seen, so that nothing waits for them."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.rows: dict[str, CatalogueRow] = {}
        """By the models' titles."""
        self._entries: dict[Shelf, tuple[CatalogueEntry, ...]] = dict.fromkeys(Shelf, ())
        self._shelves = {shelf: _make_shelf() for shelf in Shelf}
        self._builds = QTimer(self, interval=0)
        self._builds.timeout.connect(self._build_next)
        self.others = self._make_disclosure(self.tr("Other models that fit"), Shelf.OTHERS)
        self.larger = self._make_disclosure(
            self.tr("Models that need more memory than is free"), Shelf.LARGER
        )
        self.mirror = Disclosure(self.tr("Download from another address"), lambda: MirrorView(desk), theme)
        self._lay_out()
        desk.state.models_changed.connect(self._refresh)
        desk.state.downloads_changed.connect(self._refresh)
        self._refresh()

    @property
    def is_complete(self) -> bool:
        """Whether every row that is to be seen is there."""
        return self._find_missing() is None

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to build the rows."""
        super().showEvent(event)
        self._builds.start()

    def _refresh(self) -> None:
        self._entries = arrange_offers(self._desk.state.offers)
        for shelf, entries in self._entries.items():
            for entry in entries:
                if entry.model.title in self.rows:
                    self._place(shelf, entry)
        self.others.setVisible(bool(self._entries[Shelf.OTHERS]))
        self.larger.setVisible(bool(self._entries[Shelf.LARGER]))
        if self.isVisible():
            self._builds.start()

    def _build_next(self) -> None:
        missing = self._find_missing()
        if missing is None:
            self._builds.stop()
            return
        shelf, entry = missing
        self.rows[entry.model.title] = CatalogueRow(self._desk, self._theme, entry)
        self._place(shelf, entry)

    def _find_missing(self) -> tuple[Shelf, CatalogueEntry] | None:
        opened = {Shelf.FIRST: True, Shelf.OTHERS: self.others.is_open, Shelf.LARGER: self.larger.is_open}
        for shelf in Shelf:
            for entry in self._entries[shelf]:
                if opened[shelf] and entry.model.title not in self.rows:
                    return shelf, entry
        return None

    def _place(self, shelf: Shelf, entry: CatalogueEntry) -> None:
        """Bring a row up to date and to its place among those that are there."""
        row = self.rows[entry.model.title]
        row.show_entry(entry)
        there = [each.model.title for each in self._entries[shelf] if each.model.title in self.rows]
        place = there.index(entry.model.title)
        layout = self._shelves[shelf].layout()
        if isinstance(layout, QVBoxLayout) and layout.indexOf(row) != place:
            layout.insertWidget(place, row)

    def _make_disclosure(self, text: str, shelf: Shelf) -> Disclosure:
        disclosure = Disclosure(text, lambda: self._shelves[shelf], self._theme)
        disclosure.opened.connect(self._builds.start)
        return disclosure

    def _lay_out(self) -> None:
        sentence = self.tr(
            "Larger models choose better and are slower. A download is the only thing for which Bedside uses "
            "the network, and it always asks first."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(make_label(self.tr("More models"), "heading", wraps=False))
        layout.addWidget(make_label(sentence, "muted"))
        for widget in (self._shelves[Shelf.FIRST], self.others, self.larger, self.mirror):
            layout.addWidget(widget)


def _make_shelf() -> QWidget:
    shelf = QWidget()
    layout = QVBoxLayout(shelf)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return shelf
