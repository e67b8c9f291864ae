"""Search models on the models page: the table, and changing to another one while the window works."""

from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.models.embedding_models import EmbeddingModelsModel
from app.desktop.theme import Theme
from rag.embedding.model_store import EmbeddingModelRow
from tests.desktop.conftest import Window
from tests.desktop.gestures import answer_dialog
from tests.support.tiny_embedder import write_tiny_embedder


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


@pytest.mark.default_model  # needs no weights, but as long as one: torch is loaded
def test_a_folder_is_added_and_then_finds_the_passages(window: Window, pdf: Path, tmp_path: Path) -> None:
    window.add(pdf)
    window.view.show_page("models")
    window.view.models.show_search_models()
    embedding = window.view.models.embedding
    embedding.add(write_tiny_embedder(tmp_path / "elsewhere" / "tiny"))
    window.settle()
    row = embedding.current()
    assert row is not None
    assert row.name == "tiny"

    window.qtbot.mouseClick(embedding.use, Qt.MouseButton.LeftButton)
    assert "goes on finding the passages" in answer_dialog(window, agree=True)
    embedding.change.stop()
    window.settle()
    assert "is not finished" in embedding.change.card.sentence.text()
    assert window.bedside.settings.next_embedding_model == "tiny"

    window.qtbot.mouseClick(embedding.change.go_on, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: not embedding.change.is_working, timeout=60_000)
    window.settle()
    assert window.bedside.settings.embedding_model == "tiny"
    assert not embedding.change.isVisible()
    assert not embedding.use.isEnabled()
    assert window.bedside.library.search("albuminuria").hits
    assert window.bedside.library.check().is_consistent


def test_a_folder_without_a_model_is_said(window: Window, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    window.view.show_page("models")
    window.view.models.show_search_models()
    embedding = window.view.models.embedding
    with window.qtbot.waitSignal(window.desktop.tasks.failed):
        embedding.add(tmp_path / "empty")
    window.settle()
    assert embedding.is_empty
