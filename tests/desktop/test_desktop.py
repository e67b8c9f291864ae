"""The window's life: start, failure, theme, keys, and an end that leaves nothing behind."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget

from app.composition import open_bedside
from app.desktop.dialogs.confirm import ConfirmDialog
from app.desktop.dialogs.failure import FailureDialog
from app.desktop.dialogs.shortcuts_dialog import ShortcutsDialog
from app.desktop.operations import Desk
from app.desktop.shortcuts import SHORTCUTS, describe
from app.desktop.views.chat_page import ChatPage
from app.desktop.views.composer import Composer
from app.desktop.views.conversations_pane import ConversationsPane
from app.desktop.views.desk_view import DeskView, open_desk
from app.desktop.views.document_view import DocumentView
from app.desktop.views.evidence_panel import EvidencePanel
from app.desktop.views.library_page import LibraryPage
from app.desktop.views.models_page import ModelsPage
from app.desktop.views.sidebar import Sidebar
from rag.types import AddResult
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window, write_pdf
from tests.desktop.gestures import answer_dialog, ask, drop, is_active, wait_for_adding


def test_the_window_is_there_before_the_data_folder(open_window: OpenWindow, tmp_path: Path) -> None:
    gate = threading.Event()

    def open_late() -> ScriptedBedside:
        gate.wait(30)
        return ScriptedBedside(tmp_path / "home", tmp_path / "models")

    window = open_window(open_late)
    assert window.desktop.window.isVisible()
    assert "Opening your library…" in visible_texts(window.desktop.window)
    gate.set()
    window.wait_for_desk()


def test_the_chat_is_there_before_the_other_pages(window: Window) -> None:
    shown: list[DeskView] = []
    steps = open_desk(
        Desk(window.bedside, window.desktop.tasks, window.desktop.state),
        window.desktop.theme,
        shown.append,
        lambda: None,
    )
    kinds = (ChatPage, LibraryPage, ModelsPage, EvidencePanel, DocumentView)
    built: list[list[type]] = []
    for _ in steps:
        for view in shown:
            window.qtbot.addWidget(view)
            built.append([kind for kind in kinds if view.findChild(kind) is not None])
    assert [found for found, _ in groupby(built)] == [list(kinds[:number]) for number in (1, 2, 3, 4, 5)]
    assert shown[0].findChild(EvidencePanel) is shown[0].evidence
    window.settle()


def test_a_page_that_is_asked_for_is_built_at_once(window: Window) -> None:
    desk = Desk(window.bedside, window.desktop.tasks, window.desktop.state)
    theme = window.desktop.theme
    sidebar = Sidebar(desk, theme, ConversationsPane(desk, theme))
    view = DeskView(desk, theme, sidebar=sidebar, chat=ChatPage(desk, theme, Composer(theme)))
    window.qtbot.addWidget(view)
    assert view.findChild(ModelsPage) is None
    view.show_page("models")
    assert view.findChild(ModelsPage) is view.models
    assert view.findChild(LibraryPage) is None


def test_closing_while_documents_are_added_asks_first(
    window: Window, pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(*_: object, cancel: threading.Event, **__: object) -> Iterator[AddResult]:
        cancel.wait(30)
        return iter(())

    monkeypatch.setattr(window.bedside.library, "add", add)
    drop(window, pdf)
    frame = window.desktop.window
    assert not frame.close()
    assert "left out" in answer_dialog(window, agree=False)
    assert frame.isVisible()
    assert window.view.library.adding.is_running
    assert not frame.close()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConfirmDialog)
    assert (dialog.confirm.text(), dialog.cancel.text()) == ("Stop adding and quit", "Go on adding")
    seen: list[bool] = []
    frame.closed.connect(lambda: seen.append(frame.isVisible()))
    window.qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert seen == [False]
    assert window.desktop.bedside is None


def test_a_second_instance_says_why_it_cannot_start(open_window: OpenWindow, tmp_path: Path) -> None:
    first = open_bedside(tmp_path / "home", tmp_path / "models")
    window = open_window(lambda: open_bedside(tmp_path / "home", tmp_path / "models"))
    qtbot = window.qtbot
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), FailureDialog), timeout=20_000)
    dialog = QApplication.activeModalWidget()
    assert "Another Bedside" in dialog.sentence.text()
    assert window.desktop.failure == dialog.sentence.text()
    with qtbot.waitSignal(window.desktop.window.closed):
        qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    first.close()


@pytest.mark.allow_logs
def test_a_bug_keeps_a_report_without_texts(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("canary question")

    monkeypatch.setattr(window.bedside, "ask", fail)
    ask(window, "canary question")
    shown = [label.text() for label in window.view.chat.turns.turns[-1].findChildren(QLabel)]
    assert any("Something went wrong" in text for text in shown)
    reports = list(window.bedside.home.logs.glob("crash-*.txt"))
    assert len(reports) == 1
    assert "canary" not in reports[0].read_text(encoding="utf-8")
    assert "RuntimeError" in reports[0].read_text(encoding="utf-8")


def test_the_first_run_page_goes_with_the_first_question(window: Window, tmp_path: Path) -> None:
    assert window.bedside.settings.is_first_run
    assert "Welcome to Bedside" in visible_texts(window.view)
    ask(window, "Anything?")
    assert not window.bedside.settings.is_first_run
    window.qtbot.keyClick(window.view, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert "Your library is empty" in visible_texts(window.view)
    path = tmp_path / "a.pdf"
    write_pdf(path, [("Some text about kidneys and their work.",)])
    drop(window, path)
    wait_for_adding(window)
    window.qtbot.keyClick(window.view, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert "What would you like to look up?" in visible_texts(window.view)


def test_the_chosen_theme_is_kept(window: Window) -> None:
    menu = next(
        button.menu() for button in window.view.sidebar.findChildren(QToolButton) if button.menu() is not None
    )
    dark = next(action for action in menu.actions() if action.text() == "Dark")
    dark.trigger()
    window.settle()
    assert window.desktop.theme.scheme == "dark"
    assert window.bedside.settings.theme == "dark"


KILLED_WHILE_ADDING = """
import os, sys, threading
from pathlib import Path
from tests.desktop.conftest import ScriptedBedside
from tests.support.library import HashingEmbeddingModel

HashingEmbeddingModel.embed = lambda *_, **__: os._exit(9)
home, models, file = map(Path, sys.argv[1:])
list(ScriptedBedside(home, models).library.add([file], cancel=threading.Event(), on_progress=lambda _: None))
"""


def test_what_a_kill_left_unfinished_is_gone_on_with(
    open_window: OpenWindow, pdf: Path, tmp_path: Path
) -> None:
    folders = (tmp_path / "home", tmp_path / "models")
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_ADDING, *folders, pdf], check=False)
    assert killed.returncode == 9
    window = open_window(lambda: ScriptedBedside(*folders))
    window.wait_for_desk()
    window.qtbot.waitUntil(lambda: window.view.library.adding.headline.text() == "1 document added")
    window.settle()
    assert [document.status for document in window.desktop.state.documents] == ["ready"]


def test_everything_that_can_be_pressed_has_a_name_and_can_be_reached(window: Window) -> None:
    for page in ("chat", "library", "models"):
        window.view.show_page(page)
        buttons = [button for kind in (QPushButton, QToolButton) for button in window.view.findChildren(kind)]
        nameless = [
            button for button in buttons if not (button.text() or button.accessibleName() or is_inner(button))
        ]
        unreachable = [
            button
            for button in buttons
            if button.isVisible()
            and not button.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not is_inner(button)
        ]
        assert not nameless
        assert not unreachable


def is_inner(button: QWidget) -> bool:
    """Whether a button is a part of Qt's own widgets."""
    return button.objectName().startswith("qt_") or button.metaObject().className().startswith("QLineEdit")


def test_the_keyboard_goes_round_the_window(window: Window) -> None:
    window.qtbot.waitUntil(lambda: is_active(window.desktop.window))
    seen: list[QWidget] = []
    for _ in range(40):
        widget = QApplication.focusWidget()
        if widget in seen:
            break
        assert widget is not None
        seen.append(widget)
        window.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    names = {widget.accessibleName() or getattr(widget, "text", str)() for widget in seen}
    assert {"Question", "Conversations", "Chat", "Library", "Models", "Add documents…"} <= names


def test_shortcuts_are_listed_in_the_window_and_in_the_documentation(window: Window) -> None:
    window.qtbot.keyClick(window.view, Qt.Key.Key_F1)
    window.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ShortcutsDialog))
    dialog = QApplication.activeModalWidget()
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    documented = (Path(__file__).parents[2] / "docs" / "keyboard.md").read_text(encoding="utf-8")
    for shortcut in SHORTCUTS:
        text, key = describe(shortcut.name)
        assert {text, key} <= shown
        keys = ", ".join(f"`{key}`" for key in shortcut.keys)
        assert f"| {shortcut.group} | {keys} | {shortcut.text} |" in documented
    dialog.accept()
    window.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)


def visible_texts(widget: QWidget) -> set[str]:
    """Return the labels that are seen."""
    return {label.text() for label in widget.findChildren(QLabel) if label.isVisible()}
