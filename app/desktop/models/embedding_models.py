"""The table of embedding models in the models folder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.desktop.icons import make_icon
from app.desktop.models.rows import Index, RowsModel
from app.desktop.theme import Theme
from app.desktop.wording import describe_bytes, describe_count

if TYPE_CHECKING:
    from rag.embedding.model_store import EmbeddingModelRow


class EmbeddingModelsModel(RowsModel["EmbeddingModelRow"]):
    """One row a model; the first column has a check mark on the one that is used."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._theme = theme
        self._used = ""
        self._next: str | None = None
        self._columns = (
            ("", lambda _: ""),
            (self.tr("Name"), lambda row: row.name),
            (self.tr("Size"), lambda row: describe_bytes(row.size)),
            (self.tr("Dimension"), lambda row: _describe_number(row.dimension)),
            (self.tr("Passage in tokens"), lambda row: _describe_number(row.max_length)),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "Sequence[EmbeddingModelRow]", used: str, following: str | None) -> None:
        """Show these models; ``used`` finds the passages, ``following`` is being changed to."""
        self._used, self._next = used, following
        self._reset(rows)

    def row_of(self, name: str) -> int:
        """Return the row of a model, -1 when it is not there."""
        return self.find(lambda row: row.name == name)

    def explain(self, row: "EmbeddingModelRow", _column: int) -> str:
        """Say why a model cannot be used, or its name."""
        return row.problem or row.name

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; the model in use has a check mark."""
        if index.isValid() and index.column() == 0 and self.row(index).name == self._used:
            if role == Qt.ItemDataRole.DecorationRole:
                return make_icon("check", self._theme.tokens["accent"], self._theme.tokens["disabled"])
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("In use")
        return super().data(index, role)

    def _describe_state(self, row: "EmbeddingModelRow") -> str:
        if row.problem is not None:
            return self.tr("Cannot be used")
        if row.name == self._used:
            return self.tr("In use")
        return self.tr("Not in use yet") if row.name == self._next else ""


def _describe_number(number: int | None) -> str:
    return "–" if number is None else describe_count(number)
