"""The models page: what is here, what can be fetched, and how one comes in and goes."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.desktop import models_operations
from app.desktop.operations import Desk
from llm.errors import ModelLoadError
from llm.types import FlashAttention
from tests.desktop.conftest import Window
from tests.desktop.gestures import answer_dialog, drop
from tests.support.tiny_gguf import write_tiny_gguf

STATE = 4
"""Column of the table."""


def press(window: Window, button: QPushButton) -> None:
    """Click a button and wait until nothing runs."""
    window.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.settle()


def texts_of(widget: QWidget) -> str:
    """Return what the labels in a widget say."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def select(window: Window, row: int) -> None:
    """Click a row of the table."""
    table = window.view.models.installed.table
    where = table.visualRect(table.model().index(row, 1)).center()
    window.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_dropped_models_are_added_and_can_be_chosen_and_removed(window: Window, tmp_path: Path) -> None:
    page = window.view.models.installed
    window.view.show_page("models")
    assert page.is_empty
    tiny = write_tiny_gguf(tmp_path / "tiny.gguf")
    drop(window, tiny, write_tiny_gguf(tmp_path / "base.gguf", seed=1, chat_template=None))
    window.settle()
    assert [row.name for row in window.desktop.state.models] == ["base", "tiny"]
    assert window.bedside.settings.model == "tiny", "the first one is used at once"
    select(window, 0)
    assert "base model without a chat template" in page.about.sentence.text()
    press(window, page.use)
    assert window.bedside.settings.model == "base"
    assert page.table.model().index(0, STATE).data() == "In use, ready"
    assert not page.remove.isEnabled()
    page.table.setFocus()
    window.qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert "it fits" in page.about.sentence.text()
    window.qtbot.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    assert "tiny" in answer_dialog(window, agree=True)
    window.settle()
    assert [model.name for model in window.bedside.models.rows()] == ["base"]


def test_a_folder_that_is_dropped_on_the_page_is_looked_through(window: Window, tmp_path: Path) -> None:
    folder = tmp_path / "from-a-stick"
    folder.mkdir()
    write_tiny_gguf(folder / "one.gguf")
    write_tiny_gguf(folder / "two.gguf", seed=1)
    (folder / "forged.gguf").write_bytes(b"GGUF" + bytes(200))
    window.view.show_page("models")
    drop(window, folder)
    window.settle()
    assert [row.name for row in window.desktop.state.models] == ["one", "two"]
    assert "forged" in window.view.notice.sentence.text()
    assert not window.desktop.state.documents


def test_a_forged_model_is_one_sentence(window: Window, tmp_path: Path) -> None:
    forged = tmp_path / "forged.gguf"
    forged.write_bytes(b"GGUF" + bytes(200))
    drop(window, forged)
    window.settle()
    assert window.view.notice.isVisible()
    assert window.view.notice.sentence.text().endswith(".")
    assert window.bedside.models.rows() == []
    assert window.view.models.progress.isHidden()


def test_a_model_that_cannot_be_loaded_is_not_kept(window: Window, tmp_path: Path) -> None:
    before = window.bedside.settings.model
    window.bedside.script.error = ModelLoadError("The model does not fit.")
    window.view.show_page("models")
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    assert window.bedside.settings.model == before != "tiny"
    assert window.view.notice.sentence.text() == "The model does not fit."
    page = window.view.models.installed
    assert page.use.isEnabled()
    press(window, page.use)
    assert window.bedside.settings.model == "tiny"
    assert page.table.model().index(0, STATE).data() == "In use, ready"


def test_details_are_shown_when_they_are_wanted(window: Window, tmp_path: Path) -> None:
    window.view.show_page("models")
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    page = window.view.models.installed
    assert not page.details.is_open
    page.details.button.setFocus()
    window.qtbot.keyClick(page.details.button, Qt.Key.Key_Space)
    (row,) = window.bedside.models.rows()
    shown = texts_of(page.model_details)
    assert row.sha256 in shown.replace("\n", "")
    assert "estimated" in shown
    assert "tiny.gguf" in shown
    window.qtbot.keyClick(page.details.button, Qt.Key.Key_Space)
    assert not page.details.is_open


@pytest.mark.parametrize("page", ["chat", "models"])
def test_without_a_model_the_window_says_what_to_do(window: Window, page: str, tmp_path: Path) -> None:
    window.view.show_page(page)
    note = window.view.chat.model_note
    if page == "chat":
        assert "No model is here yet" in note.sentence.text()
        press(window, note.open)
    assert window.view.models.isVisible()
    assert window.view.models.installed.is_empty
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    assert note.isHidden()
    assert not window.view.models.installed.is_empty


def test_a_model_that_has_gone_is_said_in_the_chat(window: Window, tmp_path: Path) -> None:
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"), write_tiny_gguf(tmp_path / "other.gguf", seed=1))
    window.settle()
    window.bedside.models.find("tiny").path.unlink()
    desk = Desk(window.bedside, window.desktop.tasks, window.desktop.state)
    models_operations.refresh_models(desk)
    window.settle()
    window.view.show_page("chat")
    note = window.view.chat.model_note
    assert "“tiny” is not here any more" in note.sentence.text()
    press(window, note.open)
    page = window.view.models.installed
    assert page.table.model().index(1, STATE).data() == "Cannot be used"
    select(window, 1)
    assert "is missing" in page.about.sentence.text()
    assert page.details.isHidden()
    assert not page.use.isEnabled()
    select(window, 0)
    press(window, page.use)
    assert note.isHidden()


def test_options_are_automatic_until_they_are_changed(window: Window, tmp_path: Path) -> None:
    window.view.show_page("models")
    drop(window, write_tiny_gguf(tmp_path / "tiny.gguf"))
    window.settle()
    page = window.view.models
    assert not page.options.is_open
    press(window, page.options.button)
    options = page.options.content
    window.qtbot.waitUntil(lambda: options.is_complete)
    threads, attention = options.choices["n_threads"], options.choices["flash_attention"]
    assert threads.text() == "Automatic: 1"
    assert attention.text() == "Automatic"
    assert not options.reset.isEnabled()
    window.bedside.script.close()
    threads.menu().aboutToShow.emit()
    actions = {action.text(): action for action in threads.menu().actions()}
    assert actions["Automatic: 1"].isChecked()
    actions["1"].trigger()
    attention.choose(FlashAttention.OFF.value)
    window.settle()
    assert window.bedside.settings.n_threads == 1
    assert window.bedside.settings.flash_attention == "off"
    assert (threads.text(), attention.text()) == ("1", "Off")
    assert window.bedside.script.state == "ready", "it was loaded anew"
    press(window, options.reset)
    assert window.bedside.settings.n_threads is None
    assert window.bedside.settings.flash_attention == "auto"
    assert not options.reset.isEnabled()
