"""The clinical page: calculators are found, filled in, and their results go into the conversation."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app.desktop.views.calculator_view import CalculatorView
from app.desktop.views.clinical_page import ClinicalPage
from app.desktop.wording import begin_with_capital
from tests.desktop.conftest import Window


def open_page(window: Window) -> ClinicalPage:
    window.view.show_page("clinical")
    page = window.view.clinical
    window.qtbot.waitUntil(lambda: page.list.model().rowCount() > 0, timeout=30_000)
    return page


def choose(window: Window, page: ClinicalPage, words: str) -> CalculatorView:
    page.filter.setText(words)
    page.list.setCurrentIndex(page.list.model().index(0, 0))
    return wait_for_form(window, page)


def wait_for_form(window: Window, page: ClinicalPage) -> CalculatorView:
    window.qtbot.waitUntil(
        lambda: page.view is not None and len(page.view.rows) == len(page.view.calculator.inputs),
        timeout=30_000,
    )
    assert page.view is not None
    return page.view


def fill(view: CalculatorView, **values: str) -> None:
    for row in view.rows:
        if row.key in values:
            row.write(values[row.key])


def test_a_calculator_is_found_filled_in_and_put_into_the_conversation(window: Window) -> None:
    page = open_page(window)
    view = choose(window, page, "ckd-epi 2021 creatinine race")
    assert view.calculator.name == "ckd-epi-2021"
    fill(view, creatinine="1.8", age="65")
    window.settle()
    assert "needs also sex" in view.result.sentence.text()
    assert not view.result.use.isEnabled()
    fill(view, sex="female")
    window.settle()
    assert view.result.value.text() == "31 mL/min/1.73 m2"
    assert view.result.meaning.text() == "G3b"
    assert "Inker LA" in view.result.sources.text()
    window.qtbot.mouseClick(view.result.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == view.result.evidence
    window.view.chat.composer.edit.setPlainText("What follows?")
    window.qtbot.mouseClick(view.result.use, Qt.MouseButton.LeftButton)
    assert window.view.chat.composer.edit.toPlainText() == f"{view.result.evidence}\nWhat follows?"
    assert window.view.chat.isVisible()


def test_units_are_chosen_beside_the_number(window: Window) -> None:
    page = open_page(window)
    view = choose(window, page, "ckd-epi 2021 creatinine race")
    row = next(row for row in view.rows if row.key == "creatinine")
    assert row._unit is not None
    row._unit.choose("umol/L")
    fill(view, creatinine="160", age="65", sex="female")
    window.settle()
    assert row.written == "160 umol/L"
    assert row.edit is not None
    assert view.result.value.text() == "31 mL/min/1.73 m2"
    fill(view, creatinine="900 mg/dL")
    assert (row.edit.text(), row.written) == ("900", "900 mg/dL")
    window.settle()
    assert "cannot be" in view.result.sentence.text()
    assert view.result.evidence == ""


def test_a_question_fills_the_form_and_shows_its_words(window: Window) -> None:
    page = open_page(window)
    page.question.setText("65-year-old woman, creatinine 1.8 mg/dL, stage?")
    window.qtbot.keyClick(page.question, Qt.Key.Key_Return)
    window.settle()
    view = wait_for_form(window, page)
    window.settle()
    assert view.calculator.name == "ckd-epi-2021"
    assert "“creatinine 1.8 mg/dL”" in page.read_from.text()
    assert view.result.value.text() == "31 mL/min/1.73 m2"
    assert page.list.currentIndex().data() == "eGFR (CKD-EPI 2021)"
    page.question.setText("Hello")
    window.qtbot.keyClick(page.question, Qt.Key.Key_Return)
    window.settle()
    assert "names no calculator" in page.read_from.text()


def test_signs_may_be_left_open(window: Window) -> None:
    page = open_page(window)
    view = choose(window, page, "has-bled")
    fill(view, age="70", stroke="yes")
    window.settle()
    assert view.result.value.text() == "2"
    assert "labile INR" in view.result.warnings.text()
    fill(view, labile_inr="no")
    window.settle()
    assert view.result.value.text() == "2"
    assert "labile INR" not in view.result.warnings.text()


def test_the_page_is_reached_by_keys(window: Window) -> None:
    page = open_page(window)
    window.view.show_page("chat")
    action = next(a for a in window.view.actions() if a.shortcut().toString() == "Ctrl+3")
    action.trigger()
    assert page.isVisible()
    assert not window.view.chat.isVisible()


def test_a_narrow_window_cuts_no_field(window: Window) -> None:
    page = open_page(window)
    for width in (1240, 1000, 1240):
        window.desktop.window.resize(width, 700)
        view = choose(window, page, "KFRE")
        window.qtbot.waitUntil(lambda: page.area.widget() is page.view)
        window.qtbot.waitUntil(lambda: page.area.horizontalScrollBar().maximum() == 0)
        (name,) = (label for label in view.findChildren(QLabel) if "eGFR" in label.text())
        assert name.text() == "eGFR *"


def test_a_name_begins_with_a_capital_unless_it_has_one() -> None:
    names = ("serum albumin", "eGFR", "pH", "arterial pH", "BMI", "")
    assert [begin_with_capital(name) for name in names] == [
        "Serum albumin",
        "eGFR",
        "pH",
        "Arterial pH",
        "BMI",
        "",
    ]
