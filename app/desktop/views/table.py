"""The look and the ways of the tables of the pages."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.desktop.fonts import make_font

ROW_HEIGHT = 36
FRAME = 6
"""Pixels of a table that are neither rows nor header."""
LEAST_WIDTH = 140
"""Pixels that the stretched column has at least."""


class Table(QTableView):
    """Keeps room for its stretched column: of the others those that weigh least give way."""

    def __init__(self, stretched: int, gives_way: Sequence[int]) -> None:
        """``gives_way`` are columns, the first to be hidden first."""
        super().__init__()
        self._stretched = stretched
        self._gives_way = gives_way

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Find room whenever there are other rows."""
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self._make_room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find room in another width."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        if not self._gives_way:
            return
        header = self.horizontalHeader()
        others = [column for column in range(header.count()) if column != self._stretched]
        widths = {each: max(self.sizeHintForColumn(each), header.sectionSizeHint(each)) for each in others}
        room = self.viewport().width() - LEAST_WIDTH - sum(widths.values())
        for column in self._gives_way:
            self.setColumnHidden(column, room < 0)
            room += widths[column] if room < 0 else 0


def make_table(
    model: QAbstractItemModel,
    name: str,
    *,
    stretched: int = 0,
    gives_way: Sequence[int] = (),
    is_for_many: bool = False,
    row_height: int = ROW_HEIGHT,
    on_selection: Callable[[], object] | None = None,
) -> QTableView:
    """Make a table of whole rows without a grid; ``name`` is what a screen reader calls it.

    The column ``stretched`` takes the room that the others leave; where they leave too little, those of
    ``gives_way`` are hidden, the first one first. ``is_for_many`` lets several rows be selected.
    """
    table = Table(stretched, gives_way)
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    modes = QAbstractItemView.SelectionMode
    table.setSelectionMode(modes.ExtendedSelection if is_for_many else modes.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_height)
    header = table.horizontalHeader()
    header.setFont(make_font("small", is_bold=True))
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    if on_selection is not None:
        table.selectionModel().selectionChanged.connect(lambda: on_selection())
    return table


def fit_height(table: QTableView, rows: int) -> None:
    """Make a table as high as so many rows, one at least."""
    row, header = table.verticalHeader().defaultSectionSize(), table.horizontalHeader().sizeHint().height()
    table.setFixedHeight(max(rows, 1) * row + header + FRAME)
