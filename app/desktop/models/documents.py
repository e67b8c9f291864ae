"""The table of the library's documents."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QMimeData, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QPalette

from app.desktop.models.rows import LEFT, Index, RowsModel
from app.desktop.scopes import Scope, states_of
from app.desktop.wording import describe_count, describe_state

if TYPE_CHECKING:
    from rag.types import Document, DocumentId

MIME_TYPE = "application/x-bedside-documents"
"""Ids of documents that are dragged, one a line."""
SECOND_LINE_ROLE = Qt.ItemDataRole.UserRole
"""What stands under a title."""
TITLE, YEAR, PAGES, PASSAGES, STATE, TAGS, ADDED = range(7)
NUMBERS = (YEAR, PAGES, PASSAGES)


class DocumentsModel(RowsModel["Document"]):
    """One row a document; sorts and filters itself, as a proxy would ask for each cell some dozen times."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._all: Sequence[Document] = ()
        self._searched: dict[DocumentId, str] = {}
        """What the filter looks through; made when it is first used."""
        self._filter = ""
        self._scope = Scope()
        self._column, self._order = TITLE, Qt.SortOrder.AscendingOrder
        self._columns = (
            (self.tr("Title"), lambda d: d.title),
            (self.tr("Year"), lambda d: "" if d.year is None else str(d.year)),
            (self.tr("Pages"), lambda d: describe_count(d.pages) if d.pages else "–"),
            (self.tr("Passages"), lambda d: describe_count(_count_passages(d))),
            (self.tr("State"), lambda d: ", ".join(map(describe_state, states_of(d)))),
            (self.tr("Tags"), lambda d: ", ".join(d.tags)),
            (self.tr("Added"), self._describe_day),
        )
        self._keys: tuple[Callable[[Document], Any], ...] = (
            lambda d: d.title.casefold(),
            lambda d: d.year or 0,
            lambda d: d.pages or 0,
            _count_passages,
            lambda d: "".join(states_of(d)),
            lambda d: [tag.casefold() for tag in d.tags],
            lambda d: d.added.timestamp(),
        )
        """By what each column is sorted."""

    def show(self, rows: "Sequence[Document]") -> None:
        """Show these documents; a selection lasts as long as its row."""
        self._all = rows
        self._searched.clear()
        self._arrange()

    def filter(self, text: str) -> None:
        """Show only documents that have all words of a text in title, authors, file name or tags."""
        self._filter = text.casefold()
        self._arrange()

    def narrow(self, scope: Scope) -> None:
        """Show only documents of a scope."""
        self._scope = scope
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self._column, self._order = column, order
        self._arrange()

    def _arrange(self) -> None:
        self.layoutAboutToBeChanged.emit()
        held = [(index, self._rows[index.row()].id) for index in self.persistentIndexList()]
        is_descending = self._order is Qt.SortOrder.DescendingOrder
        self._rows = tuple(sorted(self._find(), key=self._keys[self._column], reverse=is_descending))
        numbers = {row.id: number for number, row in enumerate(self._rows)} if held else {}
        moved = [
            self.index(numbers[id_], index.column()) if id_ in numbers else QModelIndex()
            for index, id_ in held
        ]
        self.changePersistentIndexList([index for index, _ in held], moved)
        self.layoutChanged.emit()

    def _find(self) -> "Sequence[Document]":
        """Return the documents of the scope that have all words."""
        found, words = self._all, self._filter.split()
        if words and not self._searched:
            self._searched = {document.id: _searched(document) for document in self._all}
        for word in words:
            found = [document for document in found if word in self._searched[document.id]]
        if self._scope != Scope():
            found = [document for document in found if self._scope.holds(document)]
        return found

    @property
    def documents(self) -> "tuple[Document, ...]":
        """The documents that are shown, in their order."""
        return self._rows

    def explain(self, document: "Document", column: int) -> str:
        """Write the whole cell, which may be cut; of a title all that is known of its document."""
        return _describe(document) if column == TITLE else self._columns[column][1](document)

    def align(self, column: int) -> Qt.AlignmentFlag:
        """Numbers stand on the right."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return right if column in NUMBERS else LEFT

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if not index.isValid():
            return None
        document = self.row(index)
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == TITLE:
                return f"{document.title}, {_second_line(document)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return self.align(index.column())
            case Qt.ItemDataRole.ForegroundRole if not document.is_searchable:
                return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            case _ if role == SECOND_LINE_ROLE and index.column() == TITLE:
                return _second_line(document)
        return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be dragged to a collection."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        """Documents are dragged by their ids."""
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Write the ids of the rows that are dragged."""
        rows = sorted({index.row() for index in indexes})
        mime = QMimeData()
        mime.setData(MIME_TYPE, "\n".join(self._rows[row].id for row in rows).encode())
        return mime

    def _describe_day(self, document: "Document") -> str:
        day = document.added.astimezone().date()
        return QLocale().toString(day, "d MMM yyyy")


def read_documents(mime: QMimeData) -> "list[DocumentId]":
    """Return the ids of documents that are dragged."""
    from rag.types import DocumentId

    return [DocumentId(line) for line in mime.data(MIME_TYPE).toStdString().splitlines()]


def _count_passages(document: "Document") -> int:
    return document.chunks - document.filtered


def _searched(document: "Document") -> str:
    return "\n".join((document.title, document.file, *document.authors, *document.tags)).casefold()


def _second_line(document: "Document") -> str:
    return ", ".join(document.authors) or document.file


def _describe(document: "Document") -> str:
    """Write title, authors and file, each in its line."""
    return "\n".join(filter(None, (document.title, ", ".join(document.authors), document.file)))
