"""The chat: from a question to sentences with sources, and everything that can come between."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from agents.answer import AnswerStatus, Arm
from llm.errors import ModelProcessDied
from llm.types import Message, PromptRead, Selected
from tests.desktop.conftest import PARAGRAPHS, Window
from tests.desktop.gestures import answer_dialog, ask, find_link, wait_for_answer
from tests.support.scripted_model import ScriptedModel

QUESTION = "In which people should albuminuria be measured, diabetes or hypertension?"


@pytest.fixture
def asked(window: Window, pdf: Path) -> Window:
    """A window with one answered question."""
    window.add(pdf)
    ask(window, QUESTION)
    return window


def last_answer(window: Window) -> QLabel:
    """Return the label of the last answer's sentences."""
    view = window.view.chat.turns.turns[-1].answer_view
    assert view is not None
    return view.sentences


def test_an_answer_is_sentences_of_the_document_with_sources(asked: Window) -> None:
    view = asked.view.chat.turns.turns[-1].answer_view
    assert view is not None
    assert view.answer.status is AnswerStatus.ANSWERED
    quotes = [citation.quote for sentence in view.answer.sentences for citation in sentence.citations]
    text = " ".join(("A first page about something else entirely, such as ventilation.", *PARAGRAPHS))
    assert quotes
    assert all(" ".join(quote.split()) in text for quote in quotes)
    assert [row.place.page for row in view.source_rows] == [
        citation.page for sentence in view.answer.sentences for citation in sentence.citations
    ]


def test_a_click_on_a_mark_opens_its_page(asked: Window) -> None:
    label = last_answer(asked)
    with asked.qtbot.waitSignal(asked.view.evidence.shown):
        asked.qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=find_link(label, "source:1"))
    assert asked.view.evidence.place == asked.view.chat.turns.turns[-1].answer_view.source_rows[0].place


def test_marks_and_sources_are_reached_by_keys(asked: Window) -> None:
    label = last_answer(asked)
    label.setFocus()
    asked.qtbot.keyClick(label, Qt.Key.Key_Tab)
    with asked.qtbot.waitSignal(asked.view.evidence.shown):
        asked.qtbot.keyClick(label, Qt.Key.Key_Return)
    asked.view.evidence.close_panel()
    row = asked.view.chat.turns.turns[-1].answer_view.source_rows[0]
    row.setFocus()
    with asked.qtbot.waitSignal(asked.view.evidence.shown):
        asked.qtbot.keyClick(row, Qt.Key.Key_Space)


def test_copy_takes_the_sources_along(asked: Window) -> None:
    asked.qtbot.keyClick(
        asked.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    copied = QGuiApplication.clipboard().text()
    assert "[1]" in copied
    assert "albuminuria.pdf" in copied


def test_details_open_and_close(asked: Window) -> None:
    view = asked.view.chat.turns.turns[-1].answer_view
    asked.qtbot.mouseClick(view.details_button, Qt.MouseButton.LeftButton)
    assert view.details.isVisible()
    view.details.numbers.toggle()
    shown = " ".join(label.text() for label in view.details.findChildren(QLabel))
    assert "scripted" in shown
    assert "retrieval" in shown
    asked.qtbot.mouseClick(view.details_button, Qt.MouseButton.LeftButton)
    assert view.details.isHidden()


def test_what_the_library_does_not_hold_is_said(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, "Quis custodiet ipsos custodes?")
    view = window.view.chat.turns.turns[-1].answer_view
    assert view.answer.status is AnswerStatus.ABSTAINED
    assert [row.place.title for row in view.source_rows] == [source.title for source in view.answer.nearest]
    with window.qtbot.waitSignal(window.view.evidence.shown):
        window.qtbot.mouseClick(view.source_rows[0], Qt.MouseButton.LeftButton)


def test_without_the_library_there_is_a_warning_and_no_markup(window: Window) -> None:
    window.view.chat.composer.choose_arm(Arm.CLOSED)
    ask(window, "What is it?")
    turn = window.view.chat.turns.turns[-1]
    shown = " ".join(label.text() for label in turn.findChildren(QLabel))
    assert "Not from your library" in shown
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; free" in shown


def test_an_empty_library_is_one_sentence_and_the_question_comes_back(window: Window) -> None:
    ask(window, "Anything?")
    turn = window.view.chat.turns.turns[-1]
    assert any("add documents" in label.text() for label in turn.findChildren(QLabel))
    with window.qtbot.waitSignal(turn.retry_wanted):
        window.qtbot.mouseClick(turn.retry, Qt.MouseButton.LeftButton)
    assert window.view.chat.composer.edit.toPlainText() == "Anything?"


def test_a_dead_model_is_one_sentence_and_the_next_question_works(window: Window, pdf: Path) -> None:
    window.add(pdf)
    window.bedside.script.error = ModelProcessDied("The model's process ended; please ask again.")
    ask(window, QUESTION)
    assert any(
        "please ask again" in label.text() for label in window.view.chat.turns.turns[-1].findChildren(QLabel)
    )
    ask(window, QUESTION)
    assert window.view.chat.turns.turns[-1].answer_view is not None


class WaitingModel(ScriptedModel):
    """Reads its prompt until it is stopped."""

    def select(self, messages: Sequence[Message], **arguments: object) -> Iterator[PromptRead | Selected]:
        cancel = arguments["cancel"]
        assert isinstance(cancel, threading.Event)
        yield PromptRead(done=1, total=9)
        cancel.wait(30)


def test_escape_stops_and_the_answer_says_so(window: Window, pdf: Path) -> None:
    window.add(pdf)
    window.bedside.script = WaitingModel()
    edit = window.view.chat.composer.edit
    window.qtbot.keyClicks(edit, QUESTION)
    window.qtbot.keyClick(edit, Qt.Key.Key_Return)
    window.qtbot.waitUntil(lambda: "1 of 9" in window.view.chat.turns.turns[-1].step.text())
    assert window.view.chat.composer.stop.isVisible()
    window.qtbot.keyClick(edit, Qt.Key.Key_Escape)
    wait_for_answer(window)
    assert window.view.chat.turns.turns[-1].answer_view.answer.status is AnswerStatus.PARTIAL
    assert window.view.chat.composer.send.isVisible()


def test_an_answer_goes_on_while_another_conversation_is_shown(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, QUESTION)
    first = window.desktop.state.conversation
    window.bedside.script = WaitingModel()
    edit = window.view.chat.composer.edit
    window.qtbot.keyClicks(edit, QUESTION)
    window.qtbot.keyClick(edit, Qt.Key.Key_Return)
    window.qtbot.keyClick(window.view, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.view.chat.turns.turns == []
    window.desktop.state.show_conversation(first)
    window.qtbot.waitUntil(lambda: len(window.view.chat.turns.turns) == 2)
    assert window.view.chat.turns.turns[-1].is_running
    window.view.chat.stop()
    wait_for_answer(window)
    assert [turn.answer_view.answer.status for turn in window.view.chat.turns.turns] == [
        "answered",
        "partial",
    ]
    assert len(window.bedside.history.answers(first)) == 2


def test_shift_return_is_a_new_line(window: Window) -> None:
    edit = window.view.chat.composer.edit
    low = edit.height()
    window.qtbot.keyClicks(edit, "one")
    window.qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    window.qtbot.keyClicks(edit, "two")
    assert edit.toPlainText() == "one\ntwo"
    window.qtbot.waitUntil(lambda: edit.height() > low)


def test_conversations_are_opened_renamed_and_deleted(asked: Window) -> None:
    qtbot = asked.qtbot
    conversations = asked.view.sidebar.conversations
    assert conversations.currentIndex().data().startswith("In which people")
    conversations.setFocus()
    qtbot.keyClick(conversations, Qt.Key.Key_F2)
    editor = conversations.indexWidget(conversations.currentIndex()) or conversations.findChild(
        type(asked.view.library.search.query)
    )
    editor.selectAll()
    qtbot.keyClicks(editor, "Albuminuria")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asked.bedside.history.conversations()[0].title == "Albuminuria")
    asked.settle()
    qtbot.keyClick(asked.view, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert asked.view.chat.turns.turns == []
    row = conversations.visualRect(conversations.model().index(0, 0)).center()
    qtbot.mouseClick(conversations.viewport(), Qt.MouseButton.LeftButton, pos=row)
    qtbot.waitUntil(lambda: len(asked.view.chat.turns.turns) == 1)
    conversations.setFocus()
    qtbot.keyClick(conversations, Qt.Key.Key_Delete)
    assert "Albuminuria" in answer_dialog(asked, agree=True)
    asked.settle()
    assert asked.bedside.history.conversations() == []
    assert asked.view.chat.turns.turns == []


def test_a_removed_document_leaves_marks(asked: Window) -> None:
    document = asked.desktop.state.documents[0]
    asked.view.show_page("library")
    table = asked.view.library.documents.table
    table.selectRow(0)
    table.setFocus()
    asked.qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert "1 saved answer quotes it" in answer_dialog(asked, agree=True)
    asked.settle()
    asked.view.show_page("chat")
    asked.qtbot.waitUntil(lambda: len(asked.view.chat.turns.turns) == 1)
    view = asked.view.chat.turns.turns[0].answer_view
    assert all(citation.quote == "" for sentence in view.answer.sentences for citation in sentence.citations)
    with asked.qtbot.waitSignal(asked.view.evidence.shown):
        asked.qtbot.mouseClick(view.source_rows[0], Qt.MouseButton.LeftButton)
    assert "removed" in asked.view.evidence.message.text()
    assert asked.desktop.state.document(document.id) is None
