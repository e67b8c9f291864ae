"""The wordings of prompts in the window, and what is known of a model's judgement."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agents.calibration import Calibration, RelevanceCurve, write_calibration
from app.desktop.views.calibration_view import CalibrationView
from app.desktop.views.prompts_view import PromptsView
from tests.desktop.conftest import Window
from tests.support.tiny_gguf import write_tiny_gguf


def open_prompts(window: Window, language: str, name: str) -> PromptsView:
    window.view.show_page("models")
    window.view.models.show_prompts()
    window.settle()
    view = window.view.models.prompts
    view.choice.choose((language, name))
    window.settle()
    return view


def test_a_wording_is_changed_saved_and_reset(window: Window, qtbot: QtBot) -> None:
    view = open_prompts(window, "en", "answer_closed")
    shipped = view.edit.toPlainText()
    assert shipped.startswith("---\nname: answer_closed")
    assert not view.save.isEnabled()
    view.edit.setPlainText(shipped.replace("Be short and exact.", "Be very short."))
    assert not view.choice.isEnabled()
    view.edit.setFocus()
    qtbot.keyClick(
        view.edit, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    window.settle()
    assert "Be very short." in window.bedside.prompts.library("en").load("answer_closed").parts[0].content
    assert view.choice.text().endswith("•")
    qtbot.mouseClick(view.reset, Qt.MouseButton.LeftButton)
    window.settle()
    assert view.edit.toPlainText() == shipped
    assert not view.reset.isEnabled()


def test_what_cannot_be_used_is_said_and_not_lost(window: Window, qtbot: QtBot) -> None:
    view = open_prompts(window, "zh", "answer_closed")
    wrong = view.edit.toPlainText().replace("$question", "?")
    view.edit.setPlainText(wrong)
    qtbot.mouseClick(view.save, Qt.MouseButton.LeftButton)
    window.settle()
    assert "cannot be used" in view.problem.text()
    assert view.edit.toPlainText() == wrong
    qtbot.mouseClick(view.discard, Qt.MouseButton.LeftButton)
    assert "$question" in view.edit.toPlainText()
    assert view.problem.text() == ""


def test_what_is_known_of_a_models_judgement_is_shown(window: Window) -> None:
    row = window.bedside.models.add(write_tiny_gguf(window.bedside.home.folder / "tiny.gguf"))
    window.view.show_page("models")
    window.view.models.add([])
    from app.desktop import models_operations

    models_operations.refresh_models(window.view.models._desk)
    window.settle()
    page = window.view.models.installed
    page.calibration.toggle()
    window.settle()
    view = page.calibration.content
    assert isinstance(view, CalibrationView)
    assert "Not measured yet" in view.sentence.text()
    found = Calibration(
        sha256=row.sha256,
        embedding_model=window.bedside.settings.embedding_model,
        relevance=RelevanceCurve(intercept=0.0, score=1.0, grade=0.0),
        questions=64,
        passages=500,
        auroc_score=0.9,
        auroc_grade=0.6,
    )
    write_calibration(found, row.path)
    view._name = ""
    view.show_model(row.name)
    window.settle()
    assert "Measured on 64 questions" in view.sentence.text()
    assert "are not asked for" in view.sentence.text()
