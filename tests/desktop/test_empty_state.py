"""What a page shows while it has nothing to show."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.theme import Theme
from app.desktop.views.empty_state import LEAST_WIDTH, WIDTH, EmptyState

SENTENCE = "Each shows its formula, steps and source; a result can be put into the conversation."


@pytest.mark.parametrize("width", [900, WIDTH - 60, LEAST_WIDTH])
def test_the_sentence_stays_inside_its_page_and_is_whole(
    qapp: QApplication, qtbot: QtBot, width: int
) -> None:
    empty = EmptyState(icon="clinical", title="Choose", sentence=SENTENCE, theme=Theme(qapp))
    qtbot.addWidget(empty)
    empty.resize(width, 500)
    with qtbot.waitExposed(empty):
        empty.show()
    empty.say(2 * SENTENCE)
    qtbot.waitUntil(lambda: empty.rect().contains(empty.sentence.geometry()))
    assert empty.sentence.width() <= WIDTH
    assert empty.sentence.height() >= empty.sentence.heightForWidth(empty.sentence.width())
