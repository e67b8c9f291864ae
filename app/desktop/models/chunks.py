"""The parts of one document: all of them, those that are searched, or those that are left out."""

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

from app.desktop.wording import describe_reason

if TYPE_CHECKING:
    from rag.types import Chunk, FilterReason

Index = QModelIndex | QPersistentModelIndex
CHUNK_ROLE = Qt.ItemDataRole.UserRole
"""The whole :class:`rag.types.Chunk`."""
PAGE_ROLE = CHUNK_ROLE + 1
"""Physical page on which it begins, or ``None``."""
FIRST_WORDS = 240
"""Characters of a part that are shown in the list."""


class Choice(StrEnum):
    """Which parts are shown."""

    ALL = "all"
    SEARCHED = "searched"
    LEFT_OUT = "left_out"


class ChunksModel(QAbstractListModel):
    """One row a part, in the document's order. The display text is what a screen reader says."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._all: tuple[tuple[Chunk, int | None], ...] = ()
        self._rows: list[tuple[Chunk, int | None]] = []
        self._choice = Choice.ALL

    def show(self, parts: "tuple[tuple[Chunk, int | None], ...]") -> None:
        """Show these chunks, each with the page on which it begins."""
        self._all = parts
        self._arrange()

    def choose(self, choice: Choice) -> None:
        """Show all parts, or only some."""
        self._choice = choice
        self._arrange()

    def count(self, choice: Choice) -> int:
        """Count the parts that a choice would show."""
        return sum(_belongs(chunk, choice) for chunk, _ in self._all)

    def count_left_out(self, reason: "FilterReason") -> int:
        """Count the parts that are left out for a reason."""
        return sum(chunk.filtered is reason and not chunk.is_retrievable for chunk, _ in self._all)

    def chunk(self, index: Index) -> "Chunk":
        """Return the part of a row."""
        return self._rows[index.row()][0]

    def row_near(self, ordinal: int) -> int:
        """Return the row of the part with this position in the document, or where it would be; -1 if none."""
        row = sum(chunk.ordinal < ordinal for chunk, _ in self._rows)
        return min(row, len(self._rows) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the parts that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the chunk, its page or its text."""
        if not index.isValid():
            return None
        chunk, page = self._rows[index.row()]
        if role == CHUNK_ROLE:
            return chunk
        if role == PAGE_ROLE:
            return page
        if role == Qt.ItemDataRole.DisplayRole:
            return self._describe(chunk, page)
        return None

    def _describe(self, chunk: "Chunk", page: int | None) -> str:
        pieces = [] if page is None else [self.tr("Page {page}").format(page=page)]
        pieces += [*chunk.heading_path[-1:], first_words(chunk), describe_standing(chunk)]
        return " – ".join(filter(None, pieces))

    def _arrange(self) -> None:
        self.beginResetModel()
        self._rows = [row for row in self._all if _belongs(row[0], self._choice)]
        self.endResetModel()


def first_words(chunk: "Chunk") -> str:
    """Return how a part begins, on one line."""
    return " ".join(chunk.text[: 2 * FIRST_WORDS].split())[:FIRST_WORDS]


def describe_standing(chunk: "Chunk") -> str:
    """Say why a part is left out, or that it was taken back; empty for all others."""
    if chunk.filtered is None:
        return ""
    reason = describe_reason(chunk.filtered)
    if chunk.is_restored:
        return QCoreApplication.translate("ChunksModel", "Searched again ({reason})").format(reason=reason)
    return QCoreApplication.translate("ChunksModel", "Left out: {reason}").format(reason=reason)


def _belongs(chunk: "Chunk", choice: Choice) -> bool:
    return choice is Choice.ALL or chunk.is_retrievable == (choice is Choice.SEARCHED)
