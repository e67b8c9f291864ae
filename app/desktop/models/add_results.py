"""How adding each file, or indexing each document again, ended."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.desktop.icons import make_icon
from app.desktop.theme import Theme
from app.desktop.wording import plain_tooltip, plural

if TYPE_CHECKING:
    from rag.types import AddResult, ReindexResult

Index = QModelIndex | QPersistentModelIndex
ICONS = {
    "indexed": ("check", "success"),
    "reindexed": ("check", "success"),
    "duplicate": ("copy", "muted"),
    "failed": ("error", "danger"),
}


class AddResultsModel(QAbstractListModel):
    """One row a file, in the order in which they ended."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """No file yet."""
        super().__init__(parent)
        self._theme = theme
        self._rows: list[AddResult | ReindexResult] = []

    def clear(self) -> None:
        """Forget all results."""
        self.beginResetModel()
        self._rows = []
        self.endResetModel()

    def append(self, result: "AddResult | ReindexResult") -> None:
        """Add a row at the end."""
        row = len(self._rows)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.append(result)
        self.endInsertRows()

    def count(self, status: str) -> int:
        """Count the files that ended like this."""
        return sum(1 for row in self._rows if row.status == status)

    def count_changed(self) -> int:
        """Count the documents that have other passages since they were indexed again."""
        return sum(1 for row in self._rows if row.status == "reindexed" and row.before != row.after)

    def first(self, status: str) -> int:
        """Return the first row that ended like this, -1 when there is none."""
        return next((number for number, row in enumerate(self._rows) if row.status == status), -1)

    def locked(self) -> "list[AddResult]":
        """Return the files that were not read for want of a password."""
        from rag.types import AddResult

        return [row for row in self._rows if isinstance(row, AddResult) and row.needs_password]

    def locked_at(self, index: Index) -> "AddResult | None":
        """Return the file of a row, if it was not read for want of a password."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if row in self.locked() else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the files."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the file's name and how it ended."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._describe(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._describe(row))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(row.status)
        return None

    def _describe(self, row: "AddResult | ReindexResult") -> str:
        from rag.types import AddResult

        if isinstance(row, AddResult):
            return f"{row.file.name}: {self._describe_added(row)}"
        return f"{row.title}: {self._describe_reindexed(row)}"

    def _describe_added(self, row: "AddResult") -> str:
        from rag.types import AddStatus

        match row.status:
            case AddStatus.INDEXED:
                parts = [
                    plural(
                        row.chunks - row.filtered,
                        self.tr("added, {n} passage"),
                        self.tr("added, {n} passages"),
                    )
                ]
                if row.ocr_pages:
                    parts.append(
                        plural(
                            row.ocr_pages,
                            self.tr("{n} page read from its picture"),
                            self.tr("{n} pages read from their pictures"),
                        )
                    )
                if row.replaces is not None:
                    parts.append(self.tr("replaces the version before"))
                return ", ".join(parts)
            case AddStatus.DUPLICATE if row.replaces is not None:
                return self.tr("is already in the library, and current again")
            case AddStatus.DUPLICATE:
                return self.tr("is already in the library")
            case _:
                return row.reason or self.tr("failed")

    def _describe_reindexed(self, row: "ReindexResult") -> str:
        from rag.types import ReindexStatus

        if row.status is ReindexStatus.FAILED:
            return row.reason or self.tr("failed")
        before, after = row.before, row.after
        if before == after:
            return self.tr("nothing changed")
        return self.tr("{old} passages before, {new} now; left out {old_out}, now {new_out}").format(
            old=before.chunks - before.filtered,
            new=after.chunks - after.filtered,
            old_out=before.filtered,
            new_out=after.filtered,
        )

    def _icon(self, status: str) -> QIcon:
        name, color = ICONS[status]
        return make_icon(name, self._theme.tokens[color], self._theme.tokens["disabled"], 16)
