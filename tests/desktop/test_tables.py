"""What the tables share keeps Qt's rules, and looks the same everywhere."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QHeaderView
from pytestqt.qtbot import QtBot

from app.desktop.models.rows import RowsModel
from app.desktop.views.table import LEAST_WIDTH, fit_height, make_table
from tests.desktop.test_models import strict

HORIZONTAL, VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Drugs(RowsModel[tuple[str, float]]):
    """A drug, and its dose in milligrams."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        super().__init__()
        self._columns = (("Drug", lambda row: row[0]), ("Dose", lambda row: f"{row[1]:g} mg"))

    def show(self, *rows: tuple[str, float]) -> None:
        """Show these."""
        self._reset(rows)

    def explain(self, row: tuple[str, float], column: int) -> str | None:
        """Explain the first column only."""
        return f"<b>{row[0]}</b>" if column == 0 else None


def cells(model: QAbstractTableModel) -> list[list[object]]:
    """Return the texts of a table."""
    columns = range(model.columnCount())
    return [[model.index(row, column).data() for column in columns] for row in range(model.rowCount())]


def test_rows_are_written_column_by_column(qtbot: QtBot) -> None:
    model = Drugs()
    tester = strict(model)
    assert cells(model) == []
    model.show(("Furosemide", 40), ("Torasemide", 7.5))
    assert cells(model) == [["Furosemide", "40 mg"], ["Torasemide", "7.5 mg"]]
    assert model.row(model.index(1, 0)) == ("Torasemide", 7.5)
    assert model.find(lambda row: row[1] < 10) == 1
    assert model.find(lambda row: row[1] > 100) == -1
    model.show()
    assert cells(model) == []
    assert model.columnCount(QModelIndex()) == 2
    del tester


def test_only_columns_have_names(qtbot: QtBot) -> None:
    model = Drugs()
    assert [model.headerData(section, HORIZONTAL) for section in (-1, 0, 1, 2)] == [
        None,
        "Drug",
        "Dose",
        None,
    ]
    assert model.headerData(0, VERTICAL) is None
    assert Qt.AlignmentFlag.AlignLeft in model.headerData(0, HORIZONTAL, Qt.ItemDataRole.TextAlignmentRole)


def test_a_tooltip_is_never_taken_for_markup(qtbot: QtBot) -> None:
    model = Drugs()
    model.show(("Furosemide", 40))
    tooltips = [model.index(0, column).data(Qt.ItemDataRole.ToolTipRole) for column in range(2)]
    assert tooltips == ["<span>&lt;b&gt;Furosemide&lt;/b&gt;</span>", None]


def test_a_table_tells_what_is_selected_and_is_as_high_as_its_rows(qtbot: QtBot) -> None:
    model = Drugs()
    model.show(("Furosemide", 40), ("Torasemide", 7.5))
    told: list[int] = []
    table = make_table(
        model,
        "Drugs",
        stretched=1,
        row_height=30,
        on_selection=lambda: told.append(table.currentIndex().row()),
    )
    qtbot.addWidget(table)
    assert table.accessibleName() == "Drugs"
    assert table.horizontalHeader().sectionResizeMode(1) is QHeaderView.ResizeMode.Stretch
    table.selectRow(1)
    assert told == [1]
    heights = []
    for rows in (0, 1, 3):
        fit_height(table, rows)
        heights.append(table.height())
    assert heights[0] == heights[1]
    assert heights[2] - heights[1] == 2 * 30


def test_columns_give_way_to_the_one_that_is_stretched_and_come_back(qtbot: QtBot) -> None:
    model = Drugs()
    model.show(("Furosemide", 40))
    table = make_table(model, "Drugs", gives_way=(1,))
    qtbot.addWidget(table)
    with qtbot.waitExposed(table):
        table.show()
    seen = []
    for width in (600, LEAST_WIDTH + 20, 600):
        table.resize(width, 200)
        seen.append([table.isColumnHidden(column) for column in range(2)])
        assert table.columnWidth(0) >= LEAST_WIDTH
    assert seen == [[False, False], [False, True], [False, False]]
    model.show(("Furosemide", 1e300))
    assert not table.isColumnHidden(1)
    table.resize(LEAST_WIDTH + table.columnWidth(1) - 20, 200)
    assert table.isColumnHidden(1)
    model.show(("Furosemide", 4))
    assert not table.isColumnHidden(1)
