"""After a switch of the colours every page looks as if it had been built in them."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.desktop.theme import SCHEMES
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.desktop.gestures import ask
from tests.desktop.test_models import make_row

QUESTION = "In which people should albuminuria be measured, diabetes or hypertension?"


def test_a_switched_window_is_the_same_as_one_built_in_these_colors(
    open_window: OpenWindow, tmp_path: Path, pdf: Path
) -> None:
    def open_there() -> Window:
        window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
        window.wait_for_desk()
        return window

    window = open_there()
    window.add(pdf)
    ask(window, QUESTION)
    pictures: dict[str, list[dict[str, QImage]]] = {scheme: [] for scheme in SCHEMES}
    for built, other in (SCHEMES, SCHEMES[::-1]):
        window.bedside.change_settings(theme=built)
        window.desktop.window.close()
        window = open_there()
        assert window.desktop.theme.scheme == built
        list(photograph(window))  # once before: what is laid out for the first time may still move
        pictures[built].append(dict(photograph(window)))
        for scheme in (other, built):
            switch(window, scheme)
            pictures[scheme].append(dict(photograph(window)))
    light, dark = pictures.values()
    for name in light[0]:
        assert [row[name] == light[0][name] for row in light] == [True] * 3, name
        assert [row[name] == dark[0][name] for row in dark] == [True] * 3, name
        assert light[0][name] != dark[0][name], name


def switch(window: Window, scheme: str) -> None:
    """Choose a scheme while everything is open."""
    window.desktop.theme.choose(scheme)
    window.qtbot.waitUntil(lambda: window.desktop.theme.is_settled)


def photograph(window: Window) -> Iterator[tuple[str, QImage]]:
    """Show one part after the other, without the focus, whose ring depends on the way there."""
    view = window.view
    window.desktop.window.resize(QSize(1240, 800))
    window.desktop.state.show_models((make_row("one"), make_row("two", fits=False)), 8_000_000_000)
    view.notice.show_sentence("Something went wrong.")
    window.desktop.state.show_conversation(window.desktop.state.conversations[0].id)
    window.qtbot.waitUntil(lambda: bool(view.chat.turns.turns))
    turn = view.chat.turns.turns[-1]
    assert turn.answer_view is not None
    if turn.answer_view.details is None:
        turn.answer_view.details_button.click()
    with window.qtbot.waitSignal(view.evidence.shown):
        turn.answer_view.source_rows[0].click()
    for page in ("chat", "library", "models"):
        view.show_page(page)
        window.settle()
        if (focused := QApplication.focusWidget()) is not None:
            focused.clearFocus()
        QApplication.processEvents()
        yield page, window.desktop.window.grab().toImage()
