"""The parts of a document, and a switch between all, those that are searched and those that are not."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QPushButton, QVBoxLayout, QWidget

from app.desktop.models.chunks import Choice, ChunksModel
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.chunk_delegate import ChunkDelegate
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_count
from rag.types import Chunk

PAUSE = 40
"""Milliseconds for which a part must stay the chosen one to be opened: the arrow keys may be held down."""


class ChunkList(QWidget):
    """Up and down go through the parts."""

    chosen = Signal()
    """Another part is the chosen one, or there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.rows = ChunksModel(self)
        self.tabs = {choice: self._make_tab(choice) for choice in Choice}
        self.tabs[Choice.ALL].setChecked(True)
        self.empty = make_label("", "muted")
        self.empty.setMargin(16)
        self.empty.hide()
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(self.tr("Parts of the document"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(ChunkDelegate(theme, self.list))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.chosen)
        self.list.selectionModel().currentChanged.connect(lambda: self._pause.start())
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        for tab in self.tabs.values():
            row.addWidget(tab)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        self._count()

    def show(self, parts: tuple[tuple[Chunk, int | None], ...], ordinal: int = 0) -> None:
        """Show the parts of a document and choose the one at a position in it."""
        self.rows.show(parts)
        self._refresh(ordinal)

    def clear(self) -> None:
        """Show nothing, and later all parts."""
        self.tabs[Choice.ALL].setChecked(True)
        self.rows.choose(Choice.ALL)
        self.rows.show(())
        self.empty.hide()
        self._count()

    def choose(self, choice: Choice) -> None:
        """Show all parts, or only some; the chosen one stays if it is among them."""
        current = self.current()
        self.rows.choose(choice)
        self._refresh(current.ordinal if current else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell which part is chosen: what it was told before may have been closed meanwhile."""
        super().showEvent(event)
        self._pause.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Open nothing any more; the window may be about to end."""
        super().hideEvent(event)
        self._pause.stop()

    def current(self) -> Chunk | None:
        """Return the part that is chosen."""
        index = self.list.currentIndex()
        return self.rows.chunk(index) if index.isValid() else None

    def _make_tab(self, choice: Choice) -> QPushButton:
        tab = make_button("", lambda: self.choose(choice), "tab")
        tab.setCheckable(True)
        tab.setAutoExclusive(True)
        return tab

    def _count(self) -> None:
        names = {
            Choice.ALL: self.tr("All {n}"),
            Choice.SEARCHED: self.tr("Searched {n}"),
            Choice.LEFT_OUT: self.tr("Left out {n}"),
        }
        for choice, tab in self.tabs.items():
            tab.setText(names[choice].format(n=describe_count(self.rows.count(choice))))

    def _refresh(self, ordinal: int) -> None:
        self._count()
        is_empty = self.rows.rowCount() == 0
        if is_empty:
            self.empty.setText(self._describe_nothing())
        self.empty.setVisible(is_empty)
        if not is_empty:
            self.list.setCurrentIndex(self.rows.index(self.rows.row_near(ordinal)))
        self._pause.start()

    def _describe_nothing(self) -> str:
        if self.rows.count(Choice.ALL) == 0:
            return self.tr("This document has no parts yet; they are there when it is indexed.")
        if self.tabs[Choice.LEFT_OUT].isChecked():
            return self.tr("Nothing of this document is left out: all of it is searched.")
        return self.tr("No part of this document is searched; “Left out” says why.")
