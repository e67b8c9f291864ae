"""The exam page: items are chosen, models asked, runs paused and compared, items looked at."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QDesktopServices

from app.desktop.exam_operations import REPORT
from app.desktop.views.exam_page import ExamPage
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.support.tiny_gguf import write_tiny_gguf

OPTIONS = {"A": "5.0 mmol/L", "B": "6.5 mmol/L", "C": "7.5 mmol/L", "D": "4.0 mmol/L"}


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """Three items that can be asked, and one that needs a picture."""
    records = [
        {"id": "k1", "question": "What is severe hyperkalaemia?", "options": OPTIONS, "answer": "B"},
        {"id": "k2", "question": "What is mild hyperkalaemia?", "options": OPTIONS, "answer": "A"},
        {
            "id": "k3",
            "question": "What is <b>normal</b>?",
            "options": OPTIONS,
            "answer": "D",
            "explanation": "4.0.",
        },
        {
            "id": "p1",
            "question": "His ECG is shown in the picture. What is it?",
            "options": OPTIONS,
            "answer": "A",
        },
    ]
    file = tmp_path / "potassium.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return file


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path) -> Window:
    """The desktop with one model that prefers the second letter."""
    write_tiny_gguf(tmp_path / "tiny.gguf")
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.wait_for_desk()
    window.view.add_files([tmp_path / "tiny.gguf"])
    window.settle()
    window.bedside.change_settings(exam_folder=str(tmp_path / "exams"))
    window.bedside.script.scores = [[(-3.0, -1.0, -2.0, -4.0)] * 8]
    window.view.show_page("exams")
    return window


def read(window: Window, exam: Path) -> ExamPage:
    page = window.view.exams
    page.read(exam)
    window.settle()
    return page


def run(window: Window, page: ExamPage, *arms: str) -> None:
    for arm, box in page.setup.arms.items():
        box.setChecked(arm in arms)
    window.qtbot.mouseClick(page.setup.start, Qt.MouseButton.LeftButton)
    window.settle()


def test_the_page_says_what_to_do_first(window: Window) -> None:
    page = window.view.exams
    assert page.choose.isVisible()
    assert page.results.isHidden()
    window.qtbot.mouseClick(page.sample, Qt.MouseButton.LeftButton)
    window.settle()
    assert page.setup.exam is not None
    assert len(page.setup.exam.items) == 40
    assert page.setup.start.isEnabled()


def test_what_is_left_out_is_said_and_arms_without_texts_are_off(window: Window, exam: Path) -> None:
    page = read(window, exam)
    assert "3 items" in page.setup._about.text()
    assert "1 need a picture" in page.setup._about.text()
    assert not page.setup.arms["context"].isEnabled()
    assert page.setup.arms["oracle"].isEnabled()
    for box in page.setup.arms.values():
        box.setChecked(False)
    assert not page.setup.start.isEnabled()


def test_a_run_is_made_and_its_items_can_be_looked_at(window: Window, exam: Path) -> None:
    page = read(window, exam)
    run(window, page, "closed", "oracle")
    results = page.results
    assert not page.is_running
    assert results.runs.rowCount() == 2
    assert {results.runs.row(results.runs.index(row, 0)).total for row in (0, 1)} == {3, 1}
    results.table.selectRow(results.runs.row_of("potassium_tiny_closed"))
    window.settle()
    assert results.items.rowCount() == 3
    assert results.filter.text() == "All items (3)"
    results.filter.choose("wrong")
    assert results.items.rowCount() == 2
    results.list.setCurrentIndex(results.items.index(1))
    text = results.detail.toPlainText()
    assert "What is <b>normal</b>?" in text
    assert "B. 6.5 mmol/L   (chosen, 0.64)" in text
    assert "[system]" in text
    assert "too few" in results.sentence.text()


def test_two_selected_runs_are_compared_and_reported(
    window: Window, exam: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    window.bedside.script.scores = [[(-1.0, -3.0, -2.0, -4.0)] * 8]
    run(window, page, "closed")
    table = page.results.table
    assert page.results.runs.rowCount() == 2
    table.selectAll()
    window.settle()
    assert (
        "potassium_tiny_closed_2 against potassium_tiny_closed, on 3 items: 0.0 points"
        in page.results.sentence.text()
    )
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.qtbot.mouseClick(page.results.report, Qt.MouseButton.LeftButton)
    window.settle()
    (file,) = opened
    assert Path(file).name == REPORT
    assert "<svg" in Path(file).read_text(encoding="utf-8")
    selection = table.selectionModel()
    assert len(selection.selectedRows()) == 2
    selection.select(page.results.runs.index(0, 0), QItemSelectionModel.SelectionFlag.Clear)


def test_a_run_that_cannot_be_made_is_one_sentence(window: Window, exam: Path) -> None:
    page = read(window, exam)
    run(window, page, "rag", "closed")
    assert "The library is empty" in window.view.notice.sentence.text()
    assert page.results.runs.rowCount() == 1


def test_a_file_that_is_no_exam_is_one_sentence(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "no.jsonl"
    file.write_text("nothing", encoding="utf-8")
    page = read(window, file)
    assert "no.jsonl holds no item" in window.view.notice.sentence.text()
    assert page.choose.isVisible()


def test_a_paused_run_goes_on_in_its_folder(window: Window, exam: Path, tmp_path: Path) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    rows = tmp_path / "exams" / "potassium_tiny_closed" / "rows.jsonl"
    rows.write_text(rows.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    run(window, page, "closed")
    assert page.results.runs.rowCount() == 1
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 3


def test_everything_is_reached_with_the_keyboard(window: Window, exam: Path) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    window.view.show_page("chat")
    window.qtbot.keyClick(window.view, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert window.view._stack.currentWidget() is page
    page.setup.start.setFocus()
    window.qtbot.keyClick(page.setup.start, Qt.Key.Key_Space)
    window.settle()
    assert page.results.runs.rowCount() == 2
