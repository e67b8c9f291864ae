"""The table of chat models in the models folder."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.desktop.icons import make_icon
from app.desktop.theme import Theme
from app.desktop.wording import describe_bytes
from llm.types import ModelState

if TYPE_CHECKING:
    from llm.types import ModelRow

Index = QModelIndex | QPersistentModelIndex


class ChatModelsModel(QAbstractTableModel):
    """One row a model; the first column has a check mark on the one that is used."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[ModelRow, ...] = ()
        self._chosen = ""
        self._state: ModelState | None = None
        self._progress = 0.0
        self._columns: tuple[tuple[str, Callable[[ModelRow], str]], ...] = (
            ("", lambda _: ""),
            (self.tr("Name"), lambda row: row.name),
            (self.tr("Size"), lambda row: describe_bytes(row.size)),
            (self.tr("Memory"), self._describe_memory),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "tuple[ModelRow, ...]", chosen: str) -> None:
        """Show these models; ``chosen`` is the name of the one that is used."""
        self.beginResetModel()
        self._rows, self._chosen = rows, chosen
        self.endResetModel()

    def show_state(self, state: ModelState | None, progress: float) -> None:
        """Show where the chosen model is on its way into memory."""
        self._state, self._progress = state, progress
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._columns) - 1))

    def row(self, index: Index) -> "ModelRow":
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
        if index.column() == 0 and row.name == self._chosen:
            if role == Qt.ItemDataRole.DecorationRole:
                return make_icon("check", self._theme.tokens["accent"], self._theme.tokens["disabled"])
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("In use")
        return None

    def _describe_memory(self, row: "ModelRow") -> str:
        if row.problem is not None:
            return "–"
        needed = describe_bytes(row.memory_needed)
        if row.fits:
            return self.tr("{needed}, fits").format(needed=needed)
        return self.tr("{needed}, too large").format(needed=needed)

    def _describe_state(self, row: "ModelRow") -> str:
        if row.problem is not None:
            return self.tr("Cannot be used")
        if row.name != self._chosen:
            return ""
        match self._state:
            case ModelState.LOADING:
                return self.tr("Loading {percent} %").format(percent=round(self._progress * 100))
            case ModelState.READY:
                return self.tr("In use, ready")
            case _:
                return self.tr("In use, not loaded yet")
