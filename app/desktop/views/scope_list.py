"""The pane beside the documents: everything, collections, tags, states."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QListView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop import organising
from app.desktop.dialogs.confirm import confirm
from app.desktop.models.scopes import COUNT_ROLE, Index, ScopesModel
from app.desktop.operations import Desk
from app.desktop.scopes import Scope, ScopeKind
from app.desktop.shortcuts import bind, describe
from app.desktop.wording import plural

MARGIN = 10
"""Pixels between a count and the border."""
HEADING_GAP = 10
"""Pixels over a heading."""


class ScopeList(QListView):
    """Arrow keys choose; F2 renames a collection, Del deletes it; documents can be dropped on one."""

    scope_chosen = Signal(object)
    """Another :class:`~app.desktop.scopes.Scope` is to be shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Follow the state; all documents are chosen."""
        super().__init__(parent)
        self.setObjectName("scopes")
        self._desk = desk
        self._scope = Scope()
        self._rows = ScopesModel(self)
        self._rows.created.connect(lambda name: organising.create_collection(desk, name))
        self._rows.renamed.connect(self._rename)
        self._rows.dropped.connect(lambda name, ids: organising.put_in(desk, name, ids))
        self.setModel(self._rows)
        self._delegate = ScopeDelegate(self)
        self._delegate.closeEditor.connect(self._end_editing)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Collections, tags and states"))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.selectionModel().currentChanged.connect(self._choose)
        self._rows.modelReset.connect(self._mark)
        bind(self, "rename_collection", self.rename_current, Qt.ShortcutContext.WidgetShortcut)
        bind(self, "delete_collection", self.delete_current, Qt.ShortcutContext.WidgetShortcut)
        desk.state.documents_changed.connect(self._refresh)
        self._refresh()

    @property
    def scope(self) -> Scope:
        """What is chosen."""
        return self._scope

    @property
    def title(self) -> str:
        """What is chosen, as it is written in the list."""
        return str(self._rows.index(self._rows.row_of(self._scope)).data() or "")

    def show_scope(self, scope: Scope) -> None:
        """Choose a scope; what is not there any more becomes all documents."""
        overview = self._desk.state.overview
        known = scope if overview is None or overview.has(scope) else Scope()
        has_changed, self._scope = known != self._scope, known
        self._mark()
        if has_changed:
            self.scope_chosen.emit(known)

    def create_collection(self) -> None:
        """Write the name of a new collection in place."""
        index = self._rows.begin_creation()
        self.scrollTo(index)
        self.edit(index)

    def rename_current(self) -> None:
        """Edit a collection's name in place."""
        if self._scope.kind is ScopeKind.COLLECTION:
            self.edit(self.currentIndex())

    def delete_current(self) -> None:
        """Delete a collection; where documents are in it, after asking."""
        if self._scope.kind is not ScopeKind.COLLECTION:
            return
        name = self._scope.name
        count = sum(self._scope.holds(document) for document in self._desk.state.documents)
        if not count:
            organising.delete_collection(self._desk, name)
            return
        text = plural(
            count,
            self.tr("{n} document is in it. It stays in the library; only the collection goes."),
            self.tr("{n} documents are in it. They stay in the library; only the collection goes."),
        )
        confirm(
            self.window(),
            title=self.tr("Delete the collection “{name}”?").format(name=name),
            text=text,
            action=self.tr("Delete"),
            on_confirmed=lambda: organising.delete_collection(self._desk, name),
        )

    def _refresh(self) -> None:
        overview = self._desk.state.overview
        if overview is not None and self.state() is not QAbstractItemView.State.EditingState:
            self._rows.show(overview)
            self.show_scope(self._scope)

    def _rename(self, name: str, new: str) -> None:
        self._scope = Scope(ScopeKind.COLLECTION, new)  # so that it stays chosen when it comes back
        self.scope_chosen.emit(self._scope)
        organising.rename_collection(self._desk, name, new)

    def _choose(self, index: QModelIndex) -> None:
        scope = self._rows.scope(index) if index.isValid() else None
        if scope is not None:
            self.show_scope(scope)

    def _mark(self) -> None:
        index = self._rows.index(max(self._rows.row_of(self._scope), 0))
        if index != self.currentIndex():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _end_editing(self, _editor: QWidget, _hint: QAbstractItemDelegate.EndEditHint) -> None:
        self._rows.end_creation()
        self._refresh()

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = ["new_collection"]
        if self.indexAt(position).isValid() and self._scope.kind is ScopeKind.COLLECTION:
            names += ["rename_collection", "delete_collection"]
        slots = {
            "new_collection": self.create_collection,
            "rename_collection": self.rename_current,
            "delete_collection": self.delete_current,
        }
        for name in names:
            text, key = describe(name)
            menu.addAction(f"{text}\t{key}").triggered.connect(lambda _checked, slot=slots[name]: slot())
        menu.popup(self.viewport().mapToGlobal(position))


class ScopeDelegate(QStyledItemDelegate):
    """Writes the count at the right of a name."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the name so that it leaves room for the count."""
        count = index.data(COUNT_ROLE)
        option = QStyleOptionViewItem(option)
        self.initStyleOption(option, index)
        room = option.fontMetrics.horizontalAdvance(count) + 2 * MARGIN if count else MARGIN
        width = option.rect.width() - room - MARGIN
        option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, width)
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        if count:
            painter.save()
            painter.setPen(option.palette.placeholderText().color())
            painter.drawText(
                option.rect.adjusted(0, 0, -MARGIN, 0),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                count,
            )
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings keep apart from what is above them."""
        size = super().sizeHint(option, index)
        is_heading = not index.flags() & Qt.ItemFlag.ItemIsSelectable
        return QSize(size.width(), size.height() + HEADING_GAP) if is_heading else size

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Headings stand near what is under them."""
        super().initStyleOption(option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsSelectable:
            option.displayAlignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """Write over the whole row."""
        editor.setGeometry(option.rect)
