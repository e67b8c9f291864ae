"""The look and the ways of the tables of the pages."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.desktop.fonts import make_font

ROW_HEIGHT = 36
FRAME = 6
"""Pixels of a table that are neither rows nor header."""


def make_table(
    model: QAbstractItemModel,
    name: str,
    *,
    stretched: int = 0,
    is_for_many: bool = False,
    row_height: int = ROW_HEIGHT,
    on_selection: Callable[[], object] | None = None,
) -> QTableView:
    """Make a table of whole rows without a grid; ``name`` is what a screen reader calls it.

    The column ``stretched`` takes the room that the others leave; ``is_for_many`` lets several rows be
    selected.
    """
    table = QTableView()
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
