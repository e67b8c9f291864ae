"""The table of watched folders."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from app.desktop.models.rows import RowsModel

if TYPE_CHECKING:
    from rag.types import WatchedFolder


class FoldersModel(RowsModel["WatchedFolder"]):
    """One row a folder, by path."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._columns = (
            (self.tr("Folder"), lambda row: str(row.path)),
            (self.tr("Collection"), lambda row: row.collection or "–"),
            (self.tr("Last synchronised"), self._describe_time),
        )

    def show(self, rows: "Sequence[WatchedFolder]") -> None:
        """Show these folders."""
        self._reset(rows)

    def explain(self, row: "WatchedFolder", column: int) -> str:
        """Write the whole cell, which may be cut."""
        return self._columns[column][1](row)

    def _describe_time(self, row: "WatchedFolder") -> str:
        if row.synchronised is None:
            return self.tr("Not yet")
        return QLocale().toString(row.synchronised.astimezone().replace(tzinfo=None), "d MMM yyyy, hh:mm")
