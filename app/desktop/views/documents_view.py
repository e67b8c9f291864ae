"""The documents of the library: filter, sort, remove."""

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.dialogs.confirm import confirm
from app.desktop.icons import set_icon
from app.desktop.models.documents import SORT_ROLE, DocumentsModel
from app.desktop.operations import Desk
from app.desktop.places import Place
from app.desktop.shortcuts import bind, describe
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.wording import plural
from rag.types import Document

WIDE = 720
"""Pixels from which all columns are shown."""


class DocumentsView(QWidget):
    """A table with a filter over it."""

    place_opened = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self._rows = DocumentsModel(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._rows)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setSortRole(SORT_ROLE)
        self.filter = QLineEdit(placeholderText=self.tr("Filter by title or file…"))
        self.filter.setAccessibleName(self.tr("Filter the documents"))
        self.filter.setMaximumWidth(320)
        self.filter.textChanged.connect(self._proxy.setFilterFixedString)
        self.count = make_label("", "muted", wraps=False)
        self.remove = make_button(self.tr("Remove…"), self.remove_current, "quiet")
        set_icon(self.remove, "trash", theme, color="muted", size=16)
        self.table = self._make_table()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        row.addStretch()
        row.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        desk.state.documents_changed.connect(self._refresh)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside an open page there is room for the title only if file and day of adding give way."""
        super().resizeEvent(event)
        for column in (1, 5):
            self.table.setColumnHidden(column, self.width() < WIDE)

    def current(self) -> Document | None:
        """Return the document that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self._rows.document(self._proxy.mapToSource(rows[0])) if rows else None

    def remove_current(self) -> None:
        """Remove the selected document after telling what goes with it."""
        document = self.current()
        if document is not None:
            operations.count_quoting_answers(
                self._desk, self, document.id, lambda count: self._confirm_removal(document, count)
            )

    def _confirm_removal(self, document: Document, count: int) -> None:
        text = self.tr(
            "“{title}”, its index and Bedside's copy of it are deleted for good; "
            "your own file stays where it is."
        ).format(title=document.title)
        if count:
            text += "\n\n" + plural(
                count,
                self.tr("{n} saved answer quotes it: its quotes become marks that keep title and page."),
                self.tr(
                    "{n} saved answers quote it: its quotes there become marks that keep title and page."
                ),
            )
        confirm(
            self.window(),
            title=self.tr("Remove this document?"),
            text=text,
            action=self.tr("Remove"),
            on_confirmed=lambda: operations.remove_document(self._desk, document.id),
        )

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._proxy)
        table.setAccessibleName(self.tr("Documents"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(40)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(1, 200)
        table.activated.connect(self._open)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        table.selectionModel().selectionChanged.connect(lambda: self._refresh_actions())
        bind(table, "remove", self.remove_current, Qt.ShortcutContext.WidgetShortcut)
        return table

    def _open(self, index: QModelIndex) -> None:
        document = self._rows.document(self._proxy.mapToSource(index))
        page = None if document.pages is None else 1
        self.place_opened.emit(
            Place(
                document=document.id,
                title=document.title,
                file=document.file,
                page_index=0,
                page=page,
                start=0,
                end=0,
            )
        )

    def _show_menu(self, position: QPoint) -> None:
        index = self.table.indexAt(position)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Open")).triggered.connect(lambda: self._open(index))
        text, key = describe("remove")
        menu.addAction(f"{text}\t{key}").triggered.connect(self.remove_current)
        menu.popup(self.table.viewport().mapToGlobal(position))

    def _refresh(self) -> None:
        documents = self._desk.state.documents
        self._rows.show(documents)
        pages = sum(document.pages or 0 for document in documents)
        self.count.setText(
            plural(len(documents), self.tr("{n} document"), self.tr("{n} documents"))
            + ", "
            + plural(pages, self.tr("{n} page"), self.tr("{n} pages"))
        )
        self._refresh_actions()

    def _refresh_actions(self) -> None:
        self.remove.setEnabled(self.current() is not None)
