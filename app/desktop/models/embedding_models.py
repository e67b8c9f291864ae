"""The table of embedding models in the models folder."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.icons import make_icon
from app.desktop.theme import Theme
from app.desktop.wording import describe_bytes, describe_count, plain_tooltip

if TYPE_CHECKING:
    from rag.embedding.model_store import EmbeddingModelRow

Index = QModelIndex | QPersistentModelIndex


class EmbeddingModelsModel(QAbstractTableModel):
    """One row a model; the first column has a check mark on the one that is used."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[EmbeddingModelRow, ...] = ()
        self._used = ""
        self._next: str | None = None
        self._columns: tuple[tuple[str, Callable[[EmbeddingModelRow], str]], ...] = (
            ("", lambda _: ""),
            (self.tr("Name"), lambda row: row.name),
            (self.tr("Size"), lambda row: describe_bytes(row.size)),
            (self.tr("Dimension"), lambda row: _describe_number(row.dimension)),
            (self.tr("Passage in tokens"), lambda row: _describe_number(row.max_length)),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "Sequence[EmbeddingModelRow]", used: str, following: str | None) -> None:
        """Show these models; ``used`` finds the passages, ``following`` is being changed to."""
        self.beginResetModel()
        self._rows, self._used, self._next = tuple(rows), used, following
        self.endResetModel()

    def row(self, index: Index) -> "EmbeddingModelRow":
        """Return the model of a row."""
        return self._rows[index.row()]

    def row_of(self, name: str) -> int:
        """Return the row of a model, -1 when it is not there."""
        return next((number for number, row in enumerate(self._rows) if row.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the models."""
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
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(row.problem or row.name)
        if index.column() == 0 and row.name == self._used:
            if role == Qt.ItemDataRole.DecorationRole:
                return make_icon("check", self._theme.tokens["accent"], self._theme.tokens["disabled"])
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("In use")
        return None

    def _describe_state(self, row: "EmbeddingModelRow") -> str:
        if row.problem is not None:
            return self.tr("Cannot be used")
        if row.name == self._used:
            return self.tr("In use")
        return self.tr("Not in use yet") if row.name == self._next else ""


def _describe_number(number: int | None) -> str:
    return "–" if number is None else describe_count(number)
