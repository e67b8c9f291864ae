"""The tables of the models page: of chat models and of search models."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QSize, Qt
from PySide6.QtWidgets import QTableView

from app.desktop.shortcuts import bind
from app.desktop.views.table import make_table

ROW_HEIGHT = 44
ICON = QSize(20, 20)


def make_models_table(
    model: QAbstractItemModel,
    name: str,
    *,
    on_selection: Callable[[], object],
    on_use: Callable[[], object],
    on_remove: Callable[[], object],
) -> QTableView:
    """Make a table whose first column is the check mark and whose second is the name."""
    table = make_table(model, name, stretched=1, row_height=ROW_HEIGHT, on_selection=on_selection)
    table.setIconSize(ICON)
    table.activated.connect(lambda _: on_use())
    bind(table, "remove", on_remove, Qt.ShortcutContext.WidgetShortcut)
    return table
