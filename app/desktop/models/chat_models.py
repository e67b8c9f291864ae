"""The table of chat models in the models folder."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.desktop.icons import make_icon
from app.desktop.models.rows import Index, RowsModel
from app.desktop.theme import Theme
from app.desktop.wording import describe_bytes
from llm.types import ModelState

if TYPE_CHECKING:
    from llm.types import ModelRow


class ChatModelsModel(RowsModel["ModelRow"]):
    """One row a model; the first column has a check mark on the one that is used."""

    def __init__(self, theme: Theme, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._theme = theme
        self._chosen = ""
        self._state: ModelState | None = None
        self._progress = 0.0
        self._columns = (
            ("", lambda _: ""),
            (self.tr("Name"), lambda row: row.name),
            (self.tr("Size"), lambda row: describe_bytes(row.size)),
            (self.tr("Memory"), self._describe_memory),
            (self.tr("State"), self._describe_state),
        )

    def show(self, rows: "tuple[ModelRow, ...]", chosen: str) -> None:
        """Show these models; ``chosen`` is the name of the one that is used."""
        self._chosen = chosen
        self._reset(rows)

    def show_state(self, state: ModelState | None, progress: float) -> None:
        """Show where the chosen model is on its way into memory."""
        self._state, self._progress = state, progress
        self._refresh()

    def row_of(self, name: str) -> int:
        """Return the row of a model, -1 when it is not there."""
        return self.find(lambda row: row.name == name)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; the model in use has a check mark."""
        if index.isValid() and index.column() == 0 and self.row(index).name == self._chosen:
            if role == Qt.ItemDataRole.DecorationRole:
                return make_icon("check", self._theme.tokens["accent"], self._theme.tokens["disabled"])
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("In use")
        return super().data(index, role)

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
