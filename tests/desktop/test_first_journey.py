"""The first hour with Bedside, by mouse and keys only, with the model that came with the set-up."""

import re
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage

from agents.answer import AnswerStatus
from app.composition import open_bedside
from app.desktop.views.page_scroll_view import PageCanvas, scale_rect
from app.desktop.views.turn_view import TurnView
from rag.types import DocumentId
from resources.reader import open_path
from tests.desktop.conftest import OpenWindow, Window
from tests.desktop.gestures import answer_dialog, ask, drop, find_link, wait_for_adding

PICTURES = Path(__file__).parents[1] / "output" / "first_journey"
QUESTION = "In whom should albuminuria be measured?"


def picture(window: Window, name: str) -> None:
    """Keep what the window shows; the pictures are there to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    window.desktop.window.grab().save(str(PICTURES / f"{name}.png"))


def last_turn(window: Window) -> TurnView:
    """Return the last turn that is shown."""
    return window.view.chat.turns.turns[-1]


@pytest.mark.default_model
@pytest.mark.timeout(400)
def test_from_the_first_start_to_a_restart_after_the_document_is_gone(
    open_window: OpenWindow, tmp_path: Path, models_folder: Path
) -> None:
    home = tmp_path / "home"
    window = open_window(lambda: open_bedside(home, models_folder))
    window.wait_for_desk()
    picture(window, "1-first-run")

    with open_path("samples/library/kidney-disease-handbook.pdf") as pdf:
        drop(window, pdf)
        wait_for_adding(window, seconds=200)
        picture(window, "2-document-added")
        assert [document.file for document in window.desktop.state.documents] == [pdf.name]

        ask(window, QUESTION, seconds=200)
        picture(window, "3-answer")
        view = last_turn(window).answer_view
        assert view is not None
        assert view.answer.status is AnswerStatus.ANSWERED
        click_every_mark(window, pdf)

    document = window.desktop.state.documents[0].id
    delete_document(window)
    window.qtbot.keyClick(window.view, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.qtbot.waitUntil(lambda: bool(window.view.chat.turns.turns))
    picture(window, "6-document-gone")
    window.desktop.window.close()

    window = open_window(lambda: open_bedside(home, models_folder))
    window.wait_for_desk()
    open_first_conversation(window)
    picture(window, "7-after-restart")
    check_marks(window, document)


def click_every_mark(window: Window, pdf: Path) -> None:
    """Click each citation: the marks cover the words of its quote on its page, and no others."""
    view = last_turn(window).answer_view
    assert view is not None
    citations = [citation for sentence in view.answer.sentences for citation in sentence.citations]
    assert citations
    for number, citation in enumerate(dict.fromkeys(citations), 1):
        link = find_link(view.sentences, f"source:{number}")
        with window.qtbot.waitSignal(window.view.evidence.shown):
            window.qtbot.mouseClick(view.sentences, Qt.MouseButton.LeftButton, pos=link)
        picture(window, f"4-evidence-{number}")
        marks = window.view.evidence.highlight_rects()
        assert citation.page is not None
        assert window.view.evidence.pdf.page_index == citation.page - 1
        assert letters(words_under(pdf, citation.page - 1, marks)) == letters(citation.quote)
        assert is_painted_on_marks_only(window.view.evidence.pdf.canvas, marks)
        assert any(is_in_sight(window, mark) for mark in marks)


def words_under(pdf: Path, page_index: int, marks: list[QRectF]) -> str:
    """Return the words of the page whose middle is under a mark, by another reader than the library's."""
    with pymupdf.open(pdf) as document:
        words = document[page_index].get_text("words")
    return " ".join(
        word[4]
        for word in words
        if any(mark.contains((word[0] + word[2]) / 2, (word[1] + word[3]) / 2) for mark in marks)
    )


def letters(text: str) -> str:
    """Drop what the setting of a line changes: blanks, and hyphens at its end."""
    return re.sub(r"[\s\u00ad-]+", "", text)


def is_painted_on_marks_only(canvas: PageCanvas, marks: list[QRectF]) -> bool:
    """Look at the pixels: the mark's colour is on every mark and nowhere else."""
    shot = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(shot.constBits(), dtype=np.uint8).reshape(shot.height(), shot.width(), 4)
    blue, red = pixels[:, :, 0].astype(int), pixels[:, :, 2].astype(int)
    is_colored = red - blue > 60  # the mark is yellow, the page black on white; small letters blur over it
    for mark in marks:
        area = scale_rect(scale_rect(mark, canvas.scale), shot.devicePixelRatio()).toAlignedRect()
        piece = is_colored[area.top() : area.bottom() + 1, area.left() : area.right() + 1]
        if piece.mean() < 0.5:
            return False
        piece[:] = False
    return not is_colored.any()


def is_in_sight(window: Window, mark: QRectF) -> bool:
    """Whether the middle of a mark is on the screen."""
    view = window.view.evidence.pdf
    centre = scale_rect(mark, view.scale).center().toPoint()
    return view.viewport().rect().contains(view.canvas.mapTo(view.viewport(), centre))


def delete_document(window: Window) -> None:
    """Remove the document by keys."""
    window.qtbot.keyClick(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    table = window.view.library.documents.table
    row = table.visualRect(table.model().index(0, 0)).center()
    window.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    window.qtbot.keyClick(table, Qt.Key.Key_Delete)
    picture(window, "5-before-removal")
    assert "1 saved answer quotes it" in answer_dialog(window, agree=True)
    window.settle()
    assert window.desktop.state.is_library_empty


def open_first_conversation(window: Window) -> None:
    """Click the conversation in the list."""
    conversations = window.view.sidebar.conversations
    row = conversations.visualRect(conversations.model().index(0, 0)).center()
    window.qtbot.mouseClick(conversations.viewport(), Qt.MouseButton.LeftButton, pos=row)
    window.qtbot.waitUntil(lambda: len(window.view.chat.turns.turns) == 1)
    window.settle()


def check_marks(window: Window, document: DocumentId) -> None:
    """The conversation is there; its quotes are marks with title and page, which lead to a sentence."""
    turn = last_turn(window)
    assert turn.question == QUESTION
    assert turn.answer_view is not None
    sentences = turn.answer_view.answer.sentences
    assert all(sentence.text.startswith("[removed from the library: ") for sentence in sentences)
    assert {citation.document for sentence in sentences for citation in sentence.citations} == {document}
    with window.qtbot.waitSignal(window.view.evidence.shown):
        window.qtbot.mouseClick(turn.answer_view.source_rows[0], Qt.MouseButton.LeftButton)
    assert "was removed from the library" in window.view.evidence.message.text()
