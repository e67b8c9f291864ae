"""The items of a run with what came of them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from app.desktop.icons import make_icon
from app.desktop.theme import Theme

if TYPE_CHECKING:
    from agents.exams.records import ExamRow

Index = QModelIndex | QPersistentModelIndex
ALL, WRONG, RIGHT, ABSTAINED = "all", "wrong", "right", "abstained"
_ICONS = {WRONG: ("close", "danger"), RIGHT: ("check", "success"), ABSTAINED: ("info", "muted")}


class ExamItemsModel(QAbstractListModel):
    """One row an item: whether it was right, and how its question begins."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._theme = theme
        self._all: list[ExamRow] = []
        self._rows: list[ExamRow] = []
        self._filter = ALL

    def show(self, rows: "list[ExamRow]") -> None:
        """Show the items of another run."""
        self._all = rows
        self.filter(self._filter)

    def filter(self, wanted: str) -> None:
        """Show all, or only wrong, right or abstained ones."""
        self.beginResetModel()
        self._filter = wanted
        self._rows = [row for row in self._all if wanted in (ALL, state_of(row))]
        self.endResetModel()

    def row(self, index: Index) -> "ExamRow":
        """Return the item of a row."""
        return self._rows[index.row()]

    def count(self, state: str) -> int:
        """Count the items in a state."""
        return sum(state in (ALL, state_of(row)) for row in self._all)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the items that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the question, its state in words for a screen reader, and the state's icon."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        question = " ".join(row.question.split())
        if role == Qt.ItemDataRole.DisplayRole:
            return question
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._state_names()[state_of(row)]}: {question}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(state_of(row))
        return None

    def _state_names(self) -> dict[str, str]:
        return {WRONG: self.tr("wrong"), RIGHT: self.tr("right"), ABSTAINED: self.tr("abstained")}

    def _icon(self, state: str) -> QIcon:
        name, color = _ICONS[state]
        return make_icon(name, self._theme.tokens[color], self._theme.tokens["disabled"], 16)


def state_of(row: "ExamRow") -> str:
    """Return whether an item was abstained from, right or wrong."""
    if row.is_abstained:
        return ABSTAINED
    return RIGHT if row.is_right else WRONG
