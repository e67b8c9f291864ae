"""The documents of the library: filter, sort, and act on those that are chosen."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.icons import set_icon
from app.desktop.models.documents import DocumentsModel
from app.desktop.operations import Desk
from app.desktop.scopes import Scope, ScopeKind
from app.desktop.shortcuts import bind, tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.document_actions import DocumentActions
from app.desktop.views.documents_table import DocumentsTable
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import ElidedLabel
from app.desktop.wording import describe_count, plural
from rag.types import Document


class DocumentsView(QWidget):
    """A table with a filter over it."""

    scope_left = Signal()
    """All documents are to be shown instead of a collection, tag or state."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self._scope = Scope()
        self._rows = DocumentsModel(self)
        self.document_actions = DocumentActions(desk, self)
        self.filter = QLineEdit(placeholderText=self.tr("Filter by title, author, file or tag…"))
        self.filter.setAccessibleName(self.tr("Filter the documents"))
        self.filter.setToolTip(tooltip("filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(320)
        self.filter.textChanged.connect(self._filter)
        self.count = ElidedLabel("", "muted")
        self.menu_button = self._make_menu_button()
        self.table = DocumentsTable(self._rows)
        self.table.activated.connect(lambda index: self._open(self._rows.row(index)))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.selectionModel().selectionChanged.connect(lambda: self._refresh_count())
        self._nothing = self._make_nothing()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._nothing)
        self._lay_out()
        self._bind()
        desk.state.documents_changed.connect(self._refresh)
        self._refresh()

    def narrow(self, scope: Scope) -> None:
        """Show only documents of a scope."""
        self._scope = scope
        self._rows.narrow(scope)
        self._refresh_count()

    def chosen(self) -> list[Document]:
        """Return the documents that are selected."""
        return self.table.chosen()

    def remove_chosen(self) -> None:
        """Remove the selected documents after telling what goes with them."""
        if documents := self.chosen():
            self.document_actions.remove(documents)

    def _open(self, document: Document) -> None:
        self.document_actions.document_opened.emit(document.id)

    def _make_menu_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(self.tr("Actions"))
        button.setAccessibleName(self.tr("Actions on the selected documents"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        set_icon(button, "chevron-down", self._theme, color="muted", size=16)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        button.setMenu(menu)
        return button

    def _make_nothing(self) -> EmptyState:
        return EmptyState(
            icon="search",
            title=self.tr("No document here"),
            sentence="",
            theme=self._theme,
            buttons=(make_button(self.tr("Show all documents"), self._show_all),),
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.filter, 3)
        row.addWidget(self.count, 2)
        row.addWidget(self.menu_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)

    def _bind(self) -> None:
        at_table = Qt.ShortcutContext.WidgetShortcut
        bind(self, "filter", self.filter.setFocus)
        bind(self.table, "remove", self.remove_chosen, at_table)
        slots = {
            "enable": self.document_actions.switch,
            "tag": self.document_actions.add_tag,
            "details": lambda documents: self.document_actions.edit(documents[0]),
        }
        for name, slot in slots.items():
            bind(
                self.table,
                name,
                lambda slot=slot: slot(self.chosen()) if self.chosen() else None,
                at_table,
            )

    def _show_menu(self, position: QPoint) -> None:
        if self.table.indexAt(position).isValid() and self.chosen():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._fill(menu)
            menu.popup(self.table.viewport().mapToGlobal(position))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for submenu in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            submenu.deleteLater()
        self.document_actions.fill_menu(menu, self.chosen())

    def _filter(self, text: str) -> None:
        self._rows.filter(text)
        self._refresh_count()

    def _show_all(self) -> None:
        self.filter.clear()
        self.scope_left.emit()

    def _refresh(self) -> None:
        self._rows.show(self._desk.state.documents)
        self._refresh_count()

    def _refresh_count(self) -> None:
        shown, chosen = self._rows.rowCount(), len(self.chosen())
        self.menu_button.setEnabled(chosen > 0)
        text = plural(shown, self.tr("{n} document"), self.tr("{n} documents"))
        if chosen > 1:
            text = self.tr("{n} of {shown} selected").format(
                n=describe_count(chosen), shown=describe_count(shown)
            )
        self.count.setText(text)
        self._stack.setCurrentWidget(self.table if shown else self._nothing)
        if not shown:
            self._nothing.say(self._say_why_empty())

    def _say_why_empty(self) -> str:
        if self.filter.text():
            return self.tr("No title, author, file or tag has these words.")
        if self._scope.kind is ScopeKind.COLLECTION:
            return self.tr(
                "Drag documents here from “All documents”. Files that you add while this collection is "
                "chosen join it."
            )
        return self.tr("No document is in this list any more.")
