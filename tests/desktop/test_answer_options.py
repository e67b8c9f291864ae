"""How an answer is made is chosen in plain words, kept for the next time, and passed on."""

from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from agents.answer import Arm, Method
from app.cli.ask import METHODS
from app.desktop.answer_options import arm_options, method_options
from app.settings import Settings
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.desktop.gestures import ask

QUESTION = "In which people should albuminuria be measured, diabetes or hypertension?"


def texts(menu: QMenu) -> list[str]:
    """Return what a menu offers, submenus with their own entries in brackets."""
    return [
        f"{action.text()} {texts(action.menu())}" if action.menu() else action.text()
        for action in menu.actions()
        if not action.isSeparator()
    ]


def test_the_choices_are_those_that_there_are() -> None:
    assert {option.value for option in arm_options()} == set(METHODS)
    assert tuple(option.value for option in method_options()) == METHODS["addrep"] == METHODS["rag"]
    assert set(get_args(Settings.model_fields["method"].annotation)) == set(METHODS["addrep"])
    assert set(get_args(Settings.model_fields["arm"].annotation)) == set(METHODS) - {Arm.CLOSED.value}


def test_menus_speak_plainly_and_keep_the_rare_methods_under_more(window: Window) -> None:
    composer = window.view.chat.composer
    assert (composer.looks.text(), composer.writes.text()) == ("Thorough", "Word for word")
    composer.looks.fill()
    assert [text.split(":")[0] for text in texts(composer.looks.menu())] == [
        "Thorough",
        "Quick",
        "Model only, not from your library",
    ]
    composer.writes.fill()
    *usual, more = texts(composer.writes.menu())
    assert [text.split(":")[0] for text in usual] == ["Word for word", "Linked", "Fluent"]
    assert all(name in more for name in ("More", "Around quotes", "Own words", "Own words with numbers"))
    assert "Word for word" in composer.writes.accessibleName()


@pytest.mark.parametrize(
    ("arm", "method"), [(Arm.ADDREP, Method.CP_ORDER), (Arm.RAG, Method.CP_LINK), (Arm.ADDREP, Method.QUOTE)]
)
def test_the_answer_is_made_as_chosen(window: Window, pdf: Path, arm: Arm, method: Method) -> None:
    window.add(pdf)
    window.view.chat.composer.looks.choose(arm.value)
    window.view.chat.composer.writes.choose(method.value)
    ask(window, QUESTION)
    answer = window.view.chat.turns.turns[-1].answer_view.answer
    assert (answer.arm, answer.method) == (arm, method)


def test_choices_are_there_the_next_time_but_for_the_model_alone(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    def open_bedside() -> ScriptedBedside:
        return ScriptedBedside(tmp_path / "home", tmp_path / "models")

    first = open_window(open_bedside)
    first.wait_for_desk()
    first.view.chat.composer.looks.choose(Arm.RAG.value)
    first.view.chat.composer.writes.choose(Method.CP_LINK.value)
    first.view.chat.composer.looks.choose(Arm.CLOSED.value)
    assert not first.view.chat.composer.writes.isVisible()
    first.settle()
    first.desktop.window.close()
    second = open_window(open_bedside)
    second.wait_for_desk()
    composer = second.view.chat.composer
    assert (composer.looks.value, composer.method) == (Arm.RAG, Method.CP_LINK)
    assert composer.writes.isVisible()


def test_the_choices_are_reached_by_keys(window: Window) -> None:
    composer = window.view.chat.composer
    for button in (composer.looks, composer.writes):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
