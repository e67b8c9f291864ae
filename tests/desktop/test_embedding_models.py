"""The table of search models keeps Qt's rules and says which one is used."""

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.models.embedding_models import EmbeddingModelsModel
from app.desktop.theme import Theme
from rag.embedding.model_store import EmbeddingModelRow


def make_row(name: str, *, problem: str | None = None) -> EmbeddingModelRow:
    """Make a row of the models folder; one with a problem has no numbers."""
    number = None if problem else 384
    return EmbeddingModelRow(
        name=name, folder=Path(name), dimension=number, max_length=number, size=90_000_000, problem=problem
    )


def texts(model: QAbstractItemModel, row: int) -> list[object]:
    """Return what a row shows, but for the check mark."""
    return [model.index(row, column).data() for column in range(1, model.columnCount())]


def test_rows_say_which_model_is_used(qtbot: QtBot, theme: Theme) -> None:
    model = EmbeddingModelsModel(theme)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show((make_row("a"), make_row("b"), make_row("c", problem="It is <b>broken</b>.")), "a", "b")
    assert texts(model, 0) == ["a", "90 MB", "384", "384", "In use"]
    assert texts(model, 1) == ["b", "90 MB", "384", "384", "Not in use yet"]
    assert texts(model, 2) == ["c", "90 MB", "–", "–", "Cannot be used"]
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [model.index(row, 0).data(role) for row in range(3)] == ["In use", None, None]
    assert "<b>" not in model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert (model.row_of("b"), model.row_of("x")) == (1, -1)
    model.show((), "a", None)
    assert model.rowCount() == 0
    assert tester.model() is model
