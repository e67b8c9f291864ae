"""The exam page: items are chosen, models asked, runs paused and compared, items looked at."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QDesktopServices

from agents.exams.runs import RunFolder
from app.desktop.dialogs.exam_items_dialog import ExamItemsDialog
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


def states(page: ExamPage) -> list[str]:
    rows = page.queue.rows
    return [rows.index(row, 4).data() for row in range(rows.rowCount())]


def arms(page: ExamPage) -> list[str]:
    rows = page.queue.rows
    return [str(rows.row(rows.index(row, 0)).entry.settings.arm) for row in range(rows.rowCount())]


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
    assert not page.results.isVisible()
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


def test_a_run_that_was_stopped_and_taken_out_goes_on_in_its_folder(
    window: Window, exam: Path, tmp_path: Path
) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    rows = tmp_path / "exams" / "potassium_tiny_closed" / "rows.jsonl"
    rows.write_text(rows.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    page.queue.table.selectRow(0)
    page.queue.take_out()
    window.settle()
    run(window, page, "closed")
    assert page.results.runs.rowCount() == 1
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 3


def test_a_paused_queue_goes_on_after_a_restart(
    window: Window, exam: Path, tmp_path: Path, open_window: OpenWindow
) -> None:
    page = read(window, exam)
    # In the middle of the second item of the first run.
    window.bedside.script.after_score = lambda count: count == 2 and page._task and page._task.stop()
    run(window, page, "closed", "oracle")
    assert not page.is_running
    assert states(page) == ["Paused", "Waiting"]
    assert page._tabs["queue"].text() == "Queue (2)"
    window.desktop.window.close()
    window.settle()

    again = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    again.wait_for_desk()
    again.view.show_page("exams")
    page = again.view.exams
    page.show_tab("queue")
    again.settle()
    assert states(page) == ["Paused", "Waiting"]
    again.bedside.script.scores = [[(-3.0, -1.0, -2.0, -4.0)] * 8]
    page.queue.table.setFocus()
    again.qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    again.settle()
    assert states(page) == ["Done", "Done"]
    rows = tmp_path / "exams" / "potassium_tiny_closed" / "rows.jsonl"
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 3


def test_the_queue_is_ordered_and_emptied_with_the_keyboard(window: Window, exam: Path) -> None:
    page = read(window, exam)
    for arm, box in page.setup.arms.items():
        box.setChecked(arm in ("closed", "oracle"))
    window.qtbot.mouseClick(page.setup.queue, Qt.MouseButton.LeftButton)
    window.settle()
    assert not page.is_running
    assert arms(page) == ["closed", "oracle"]
    assert "2 runs to be made" in page.queue.estimate.text()
    table = page.queue.table
    table.setFocus()
    table.selectRow(1)
    window.qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    window.settle()
    assert arms(page) == ["oracle", "closed"]
    assert not page.queue.earlier.isEnabled()
    window.qtbot.keyClick(table, Qt.Key.Key_Delete)
    window.settle()
    assert arms(page) == ["closed"]
    window.qtbot.mouseClick(page.setup.queue, Qt.MouseButton.LeftButton)  # closed waits there already
    window.settle()
    assert sorted(arms(page)) == ["closed", "oracle"]


def test_a_run_that_failed_says_why_and_is_tried_again(window: Window, exam: Path) -> None:
    page = read(window, exam)
    run(window, page, "rag")
    page.show_tab("queue")
    page.queue.table.selectRow(0)
    assert states(page) == ["Failed"]
    assert "The library is empty" in page.queue.estimate.text()
    window.qtbot.mouseClick(page.queue.retry, Qt.MouseButton.LeftButton)
    window.settle()
    assert states(page) == ["Waiting"]
    assert page.queue.start.isEnabled()


def test_options_are_those_of_the_run(window: Window, exam: Path, tmp_path: Path) -> None:
    page = read(window, exam)
    setup = page.setup
    setup.options.toggle()
    window.settle()
    options = setup._options
    assert options is not None
    options.limit.setValue(2)
    options.seed.setValue(7)
    setup.orders.choose(2)
    setup.scoring.choose("generate")
    run(window, page, "closed")
    manifest = RunFolder(tmp_path / "exams" / "potassium_tiny_closed_generate_2-orders_first-2").manifest()
    assert (manifest.settings.limit, manifest.settings.seed, manifest.settings.orders) == (2, 7, 2)
    assert manifest.settings.scoring == "generate"
    options.method.choose("cp-order")
    setup._refresh()
    assert not setup.start.isEnabled()
    assert "without this method" in setup.problem.text()


def test_what_a_run_got_wrong_is_shown_with_another_exam(window: Window, exam: Path, tmp_path: Path) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    window.qtbot.mouseClick(page.results.cases, Qt.MouseButton.LeftButton)
    window.settle()
    assert "2 past cases are kept." in page.results.sentence.text()
    other = tmp_path / "other.jsonl"
    record = {"id": "o", "question": "Which potassium is high?", "options": OPTIONS, "answer": "B"}
    other.write_text(json.dumps(record), encoding="utf-8")
    page.read(other)
    window.settle()
    page.setup.options.toggle()
    window.settle()
    options = page.setup._options
    assert options is not None
    options.cases.choose(tmp_path / "exams" / "cases" / "potassium_tiny_closed.jsonl")
    assert options.cases.text().startswith("2 of ")
    run(window, page, "closed")
    (row,) = RunFolder(tmp_path / "exams" / "other_tiny_closed_cases").rows()
    assert set(row.cases) == {"k2", "k3"}


def test_a_table_with_unknown_columns_is_mapped_and_previewed(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "ward.csv"
    file.write_text(
        "nr;Frage;eins;zwei;Lösung;Bereich\n"
        "1;Which is high?;5.0;6.5;zwei text;kidney\n"
        "2;Which is low?;2.0;6.5;2.0;kidney\n"
        "3;Which is low?;2.0;6.5;2.0;kidney\n",
        encoding="utf-8",
    )
    page = read(window, file)
    (dialog,) = page.findChildren(ExamItemsDialog)
    assert not dialog.use.isEnabled()
    assert dialog.summary.text().startswith("Please say which column holds the question")
    fields = {
        "Frage": "question",
        "eins": "options",
        "zwei": "options",
        "Lösung": "answer",
        "Bereich": "topic",
    }
    for column, field in fields.items():
        dialog.fields[column].choose(field)
    window.settle()
    assert dialog.summary.text() == "1 item; left out: 1 are damaged, 1 are there twice"
    assert "✓ A. 2.0" in dialog.preview.toPlainText()
    assert "– 1: its right answer is not among its options" in dialog.preview.toPlainText()
    dialog.fields["nr"].choose("question")  # only one column can be the question
    assert dialog.fields["Frage"].value is None
    dialog.fields["Frage"].choose("question")
    window.settle()
    window.qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    window.settle()
    run(window, page, "closed")
    assert page.results.items.rowCount() == 1


def test_the_items_can_be_looked_at_before(window: Window, exam: Path) -> None:
    page = read(window, exam)
    window.qtbot.mouseClick(page.setup.look, Qt.MouseButton.LeftButton)
    window.settle()
    (dialog,) = page.findChildren(ExamItemsDialog)
    assert not dialog.fields
    assert "✓ B. 6.5 mmol/L" in dialog.preview.toPlainText()
    assert "– p1: it needs a picture" in dialog.preview.toPlainText()
    dialog.reject()


def test_an_item_says_why_it_was_wrong(window: Window, exam: Path) -> None:
    page = read(window, exam)
    page.setup.orders.choose(4)
    # The second letter in every order, a little surer in the first one.
    window.bedside.script.scores = [[(-3.0, -0.5, -2.0, -4.0), *[(-3.0, -1.0, -2.0, -4.0)] * 3]]
    run(window, page, "closed")
    page.results.list.setCurrentIndex(page.results.items.index(2))
    text = page.results.detail.toPlainText()
    assert "Why it was wrong" in text
    assert "“B” was chosen in every order of the options" in text
    assert "The right option was nearly as likely." in text


def test_everything_is_reached_with_the_keyboard(window: Window, exam: Path) -> None:
    page = read(window, exam)
    run(window, page, "closed")
    window.view.show_page("chat")
    window.qtbot.keyClick(window.view, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    assert window.view._stack.currentWidget() is page
    page.setup.start.setFocus()
    window.qtbot.keyClick(page.setup.start, Qt.Key.Key_Space)
    window.settle()
    assert page.results.runs.rowCount() == 2
