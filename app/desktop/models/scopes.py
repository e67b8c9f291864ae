"""The list of what the library can be narrowed to: everything, collections, tags, states."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette

from app.desktop.fonts import make_font
from app.desktop.models.documents import MIME_TYPE, read_documents
from app.desktop.scopes import DocumentState, Overview, Scope, ScopeKind
from app.desktop.wording import describe_count, describe_state, plain_tooltip, plural

Index = QModelIndex | QPersistentModelIndex
COUNT_ROLE = Qt.ItemDataRole.UserRole
"""How many documents are in it, in words; empty for a heading."""
STATES = (
    DocumentState.DISABLED,
    DocumentState.REPLACED,
    DocumentState.UNFINISHED,
    DocumentState.STALE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    text: str
    scope: Scope | None = None
    """``None`` for a heading, and for a collection that has no name yet."""
    count: int = 0
    is_new: bool = False

    @property
    def is_collection(self) -> bool:
        return self.is_new or (self.scope is not None and self.scope.kind is ScopeKind.COLLECTION)


class ScopesModel(QAbstractListModel):
    """Headings between the rows cannot be chosen; collections can be renamed and take documents."""

    created = Signal(str)
    """Name of a collection that the user wants."""
    renamed = Signal(str, str)
    """Old and new name of a collection."""
    dropped = Signal(str, list)
    """A collection, and the ids of documents that were dropped on it."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._overview = Overview()
        self._rows: tuple[_Row, ...] = tuple(self._make_rows())

    def show(self, overview: Overview) -> None:
        """Show what there is now."""
        if overview != self._overview:
            self._reset(overview, is_creating=False)

    def begin_creation(self) -> QModelIndex:
        """Make room for a collection; return where its name is to be written."""
        self._reset(self._overview, is_creating=True)
        return self.index(next(number for number, row in enumerate(self._rows) if row.is_new))

    def end_creation(self) -> None:
        """Take the room away again."""
        if any(row.is_new for row in self._rows):
            self._reset(self._overview, is_creating=False)

    def scope(self, index: Index) -> Scope | None:
        """Return the scope of a row, ``None`` for a heading."""
        return self._rows[index.row()].scope

    def row_of(self, scope: Scope) -> int:
        """Return the row of a scope, -1 when it is not there."""
        return next((number for number, row in enumerate(self._rows) if row.scope == scope), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the rows, headings too."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return name, count and look."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        is_heading = row.scope is None and not row.is_new
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.text
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(row.text)
            case Qt.ItemDataRole.AccessibleTextRole if row.scope is not None:
                return f"{row.text}, " + plural(row.count, self.tr("{n} document"), self.tr("{n} documents"))
            case Qt.ItemDataRole.FontRole if is_heading:
                return make_font("small", is_bold=True)
            case Qt.ItemDataRole.ForegroundRole if is_heading:
                return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            case _ if role == COUNT_ROLE:
                return "" if row.scope is None else describe_count(row.count)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a collection's name; the row changes when it is saved."""
        name = " ".join(str(value).split())
        if not index.isValid() or role != Qt.ItemDataRole.EditRole or not name:
            return False
        row = self._rows[index.row()]
        if row.is_new:
            self.created.emit(name)
        elif name != row.text:
            self.renamed.emit(row.text, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Collections can be edited and dropped on; headings cannot even be chosen."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        row = self._rows[index.row()]
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        if row.scope is not None or row.is_new:
            flags |= Qt.ItemFlag.ItemIsSelectable
        if row.is_collection:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        """Only documents of the library can be dropped."""
        return [MIME_TYPE]

    def supportedDropActions(self) -> Qt.DropAction:
        """Documents that are dropped stay where they are."""
        return Qt.DropAction.CopyAction

    def canDropMimeData(
        self, mime: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index
    ) -> bool:
        """Collections take documents."""
        return parent.isValid() and self._rows[parent.row()].is_collection and bool(read_documents(mime))

    def dropMimeData(
        self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Ask for documents to be put into a collection."""
        if not self.canDropMimeData(mime, action, row, column, parent):
            return False
        self.dropped.emit(self._rows[parent.row()].text, read_documents(mime))
        return True

    def _reset(self, overview: Overview, *, is_creating: bool) -> None:
        self.beginResetModel()
        self._overview = overview
        self._rows = tuple(self._make_rows(is_creating=is_creating))
        self.endResetModel()

    def _make_rows(self, *, is_creating: bool = False) -> Iterator[_Row]:
        overview = self._overview
        yield _Row(text=self.tr("All documents"), scope=Scope(), count=overview.documents)
        sections = (
            (self.tr("Collections"), ScopeKind.COLLECTION, overview.collections),
            (self.tr("Tags"), ScopeKind.TAG, overview.tags),
        )
        for heading, kind, groups in sections:
            has_new = is_creating and kind is ScopeKind.COLLECTION
            if groups or has_new:
                yield _Row(text=heading)
            for group in groups:
                yield _Row(text=group.name, scope=Scope(kind, group.name), count=group.documents)
            if has_new:
                yield _Row(text="", is_new=True)
        states = [state for state in STATES if overview.states.get(state)]
        if states:
            yield _Row(text=self.tr("States"))
        for state in states:
            yield _Row(
                text=describe_state(state),
                scope=Scope(ScopeKind.STATE, state),
                count=overview.states[state],
            )
