"""The models page: what is there, what fits, and how one comes in and goes."""

from pathlib import Path

from PySide6.QtCore import Qt

from llm.errors import ModelLoadError
from tests.desktop.conftest import Window
from tests.desktop.gestures import answer_dialog, drop
from tests.support.tiny_gguf import write_tiny_gguf


def test_a_dropped_model_is_added_and_can_be_chosen_and_removed(window: Window, tmp_path: Path) -> None:
    page = window.view.models
    window.view.show_page("models")
    assert page.is_empty
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    drop(window, write_tiny_gguf(tmp_path / "base.gguf", seed=1, chat_template=None))
    window.settle()
    assert [row.name for row in window.desktop.state.models] == ["base", "tiny"]
    row = page.table.visualRect(page.table.model().index(1, 1)).center()
    window.qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert "it fits" in page.about.sentence.text()
    window.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    window.settle()
    assert window.bedside.settings.model == "tiny"
    assert page.table.model().index(1, 6).data() == "In use, ready"
    page.table.setFocus()
    window.qtbot.keyClick(page.table, Qt.Key.Key_Up)
    assert "base model without a chat template" in page.about.sentence.text()
    window.qtbot.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    assert "base" in answer_dialog(window, agree=True)
    window.settle()
    assert [model.name for model in window.bedside.models.rows()] == ["tiny"]


def test_a_forged_model_is_one_sentence(window: Window, tmp_path: Path) -> None:
    forged = tmp_path / "forged.gguf"
    forged.write_bytes(b"GGUF" + bytes(200))
    drop(window, forged)
    window.settle()
    assert window.view.notice.isVisible()
    assert window.view.notice.sentence.text().endswith(".")
    assert window.bedside.models.rows() == []


def test_without_a_model_the_page_says_what_to_do(window: Window) -> None:
    window.view.show_page("models")
    assert window.view.models.is_empty


def test_a_model_that_cannot_be_loaded_is_not_kept(window: Window, tmp_path: Path) -> None:
    before = window.bedside.settings.model
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    window.view.show_page("models")
    window.bedside.script.error = ModelLoadError("The model does not fit.")
    page = window.view.models
    window.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    window.settle()
    assert window.bedside.settings.model == before != "tiny"
    assert window.view.notice.sentence.text() == "The model does not fit."
    assert page.use.isEnabled()
    window.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    window.settle()
    assert window.bedside.settings.model == "tiny"
    assert page.table.model().index(0, 6).data() == "In use, ready"
