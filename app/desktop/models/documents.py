"""The table of the library's documents."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QGuiApplication, QPalette

from app.desktop.scopes import Scope, states_of
from app.desktop.wording import describe_count, describe_state, plain_tooltip

if TYPE_CHECKING:
    from rag.types import Document, DocumentId

Index = QModelIndex | QPersistentModelIndex
MIME_TYPE = "application/x-bedside-documents"
"""Ids of documents that are dragged, one a line."""
SECOND_LINE_ROLE = Qt.ItemDataRole.UserRole
"""What stands under a title."""
TITLE, YEAR, PAGES, PASSAGES, STATE, TAGS, ADDED = range(7)
NUMBERS = (YEAR, PAGES, PASSAGES)


class DocumentsModel(QAbstractTableModel):
    """One row a document; sorts and filters itself, as a proxy would ask for each cell some dozen times."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._all: Sequence[Document] = ()
        self._searched: dict[DocumentId, str] = {}
        """What the filter looks through; made when it is first used."""
        self._rows: tuple[Document, ...] = ()
        self._filter = ""
        self._scope = Scope()
        self._column, self._order = TITLE, Qt.SortOrder.AscendingOrder
        self._columns: tuple[tuple[str, Callable[[Document], object], Callable[[Document], str]], ...] = (
            (self.tr("Title"), lambda d: d.title.casefold(), lambda d: d.title),
            (self.tr("Year"), lambda d: d.year or 0, lambda d: "" if d.year is None else str(d.year)),
            (self.tr("Pages"), lambda d: d.pages or 0, lambda d: describe_count(d.pages) if d.pages else "–"),
            (self.tr("Passages"), _count_passages, lambda d: describe_count(_count_passages(d))),
            (
                self.tr("State"),
                lambda d: "".join(states_of(d)),
                lambda d: ", ".join(map(describe_state, states_of(d))),
            ),
            (self.tr("Tags"), lambda d: [tag.casefold() for tag in d.tags], lambda d: ", ".join(d.tags)),
            (self.tr("Added"), lambda d: d.added.timestamp(), self._describe_day),
        )

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
        self._rows = tuple(sorted(self._find(), key=self._columns[self._column][1], reverse=is_descending))
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

    def document(self, index: Index) -> "Document":
        """Return the document of a row."""
        return self._rows[index.row()]

    @property
    def documents(self) -> "tuple[Document, ...]":
        """The documents that are shown, in their order."""
        return self._rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the documents."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's name."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if not index.isValid():
            return None
        document = self._rows[index.row()]
        _, _, describe = self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return describe(document)
            case Qt.ItemDataRole.ToolTipRole if index.column() == TITLE:
                return plain_tooltip(_describe(document))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(describe(document))
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == TITLE:
                return f"{document.title}, {_second_line(document)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case Qt.ItemDataRole.ForegroundRole if not document.is_searchable:
                return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            case _ if role == SECOND_LINE_ROLE and index.column() == TITLE:
                return _second_line(document)
        return None

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


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
