"""Conversations in the window: asking again, versions, search, export."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from agents.answer import AnswerStatus
from agents.history import ConversationId
from agents.turns import TurnId
from app.desktop.dialogs.export_dialog import suggest_name
from app.desktop.views.conversation_hit_delegate import render_conversation_hit
from app.desktop.views.conversations_pane import ConversationsPane
from app.desktop.views.turn_view import TurnView
from llm.errors import ModelProcessDied
from llm.types import Message, PromptRead, Selected
from tests.desktop.conftest import Window
from tests.desktop.gestures import ask, wait_for_answer
from tests.support.scripted_model import ScriptedModel
from tests.unit.agents.test_history import make_answer

FIRST = "In which people should albuminuria be measured, diabetes or hypertension?"
SECOND = "Which urine is preferred for the albumin to creatinine ratio?"
AGAIN = "Does calcium gluconate protect the heart in severe hyperkalaemia?"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def asked(window: Window, pdf: Path) -> Window:
    """A window with two answered questions."""
    window.add(pdf)
    window.bedside.script = ScriptedModel(selections=[(1,)] * 6)
    ask(window, FIRST)
    ask(window, SECOND)
    return window


def views(window: Window) -> list[TurnView]:
    """The turns that are shown."""
    return window.view.chat.turns.turns


def shown(window: Window) -> list[str]:
    """The questions that are shown."""
    return [view.question for view in views(window)]


def conversation_of(window: Window) -> ConversationId:
    """The conversation that is shown."""
    assert window.desktop.state.conversation is not None
    return window.desktop.state.conversation


def ask_again(window: Window, view: TurnView, question: str) -> None:
    """Press the edit button, write, send."""
    assert view.head.edit_button is not None
    window.qtbot.mouseClick(view.head.edit_button, Qt.MouseButton.LeftButton)
    assert view.head.editor is not None
    edit = view.head.editor.edit
    assert edit.toPlainText() == view.question
    edit.selectAll()
    window.qtbot.keyClicks(edit, question)
    window.qtbot.keyClick(edit, Qt.Key.Key_Return)
    wait_for_answer(window)


def wait_for(window: Window, questions: list[str]) -> None:
    """Wait until these questions are shown."""
    window.qtbot.waitUntil(lambda: shown(window) == questions)
    window.settle()


# ---- ask again


def test_a_question_is_asked_again_and_both_versions_can_be_looked_at(asked: Window) -> None:
    first = views(asked)[0]
    assert first.head.switch is None
    ask_again(asked, first, AGAIN)
    assert shown(asked) == [AGAIN]
    switch = views(asked)[0].head.switch
    assert switch is not None
    assert switch.label.text() == "2/2"
    assert not switch.next.isEnabled()

    asked.qtbot.mouseClick(switch.previous, Qt.MouseButton.LeftButton)
    wait_for(asked, [FIRST, SECOND])
    switch = views(asked)[0].head.switch
    assert switch is not None
    assert switch.label.text() == "1/2"
    asked.qtbot.waitUntil(switch.next.hasFocus)  # the keys go on
    asked.qtbot.keyClick(switch.next, Qt.Key.Key_Space)
    wait_for(asked, [AGAIN])
    turns = asked.bedside.history.turns(conversation_of(asked))
    assert [turn.answer.question for turn in turns] == [AGAIN]


def test_what_comes_before_stays_as_it_is(asked: Window) -> None:
    first, second = views(asked)
    ask_again(asked, second, AGAIN)
    assert shown(asked) == [FIRST, AGAIN]
    assert views(asked)[0] is first
    assert views(asked)[1].head.switch is not None
    ask(asked, SECOND)
    assert shown(asked) == [FIRST, AGAIN, SECOND]
    (_, branch, _) = asked.bedside.history.turns(conversation_of(asked))
    assert len(branch.siblings) == 2


def test_editing_by_keys_and_giving_up(asked: Window) -> None:
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_E, CTRL | SHIFT)
    head = views(asked)[-1].head
    assert head.editor is not None
    assert head.editor.edit.hasFocus()
    asked.qtbot.keyClicks(head.editor.edit, " more")
    asked.qtbot.keyClick(head.editor.edit, Qt.Key.Key_Escape)
    assert head.editor is None
    assert head.edit_button is not None
    assert head.edit_button.hasFocus()
    assert shown(asked) == [FIRST, SECOND]


def test_an_empty_question_is_not_asked(asked: Window) -> None:
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_E, CTRL | SHIFT)
    editor = views(asked)[-1].head.editor
    assert editor is not None
    editor.edit.clear()
    assert not editor.ask.isEnabled()
    asked.qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    assert not asked.view.chat.is_running


def test_without_an_answer_the_version_that_there_was_comes_back(asked: Window) -> None:
    asked.bedside.script.error = ModelProcessDied("The model's process ended; please ask again.")
    ask_again(asked, views(asked)[0], AGAIN)
    wait_for(asked, [FIRST, SECOND])
    assert "please ask again" in asked.view.notice.sentence.text()
    editor = views(asked)[0].head.editor
    assert editor is not None
    assert editor.edit.toPlainText() == AGAIN


class WaitingModel(ScriptedModel):
    """Reads its prompt until it is stopped."""

    def select(self, messages: Sequence[Message], **arguments: object) -> Iterator[PromptRead | Selected]:
        cancel = arguments["cancel"]
        assert isinstance(cancel, threading.Event)
        yield PromptRead(done=1, total=9)
        cancel.wait(30)


def test_a_branch_that_is_being_made_is_still_there_after_looking_elsewhere(asked: Window) -> None:
    conversation = conversation_of(asked)
    asked.bedside.script = WaitingModel()
    second = views(asked)[1]
    second.asked_again.emit(second.turn, AGAIN)
    assert shown(asked) == [FIRST, AGAIN]
    assert views(asked)[0].head.edit_button is not None
    assert not views(asked)[0].head.edit_button.isEnabled()
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_N, CTRL)
    assert shown(asked) == []
    asked.desktop.state.show_conversation(conversation)
    asked.qtbot.waitUntil(lambda: shown(asked) == [FIRST, AGAIN])
    asked.view.chat.stop()
    wait_for_answer(asked)
    view = views(asked)[1].answer_view
    assert view is not None
    assert view.answer.status is AnswerStatus.PARTIAL
    assert views(asked)[0].head.edit_button.isEnabled()


# ---- search


def pane(window: Window) -> ConversationsPane:
    """The sidebar's conversations."""
    return window.view.sidebar.history


def search(window: Window, words: str) -> list[str]:
    """Type words into the field; return what is listed."""
    window.qtbot.keyClick(window.view, Qt.Key.Key_K, CTRL)
    assert pane(window).query.hasFocus()
    window.qtbot.keyClicks(pane(window).query, words)
    window.qtbot.waitUntil(lambda: not pane(window)._typing.isActive())
    window.settle()
    rows = pane(window)._hits
    return [str(rows.index(row).data()) for row in range(rows.rowCount())]


def test_words_are_found_and_a_click_opens_the_turn_on_its_branch(asked: Window) -> None:
    conversation = conversation_of(asked)
    ask_again(asked, views(asked)[0], AGAIN)
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_N, CTRL)
    asked.view.show_page("library")
    (found,) = search(asked, "preferred urin")
    assert "preferred" in found
    hits = pane(asked).hits
    row = hits.visualRect(hits.model().index(0, 0)).center()
    asked.qtbot.mouseClick(hits.viewport(), Qt.MouseButton.LeftButton, pos=row)
    wait_for(asked, [FIRST, SECOND])
    assert conversation_of(asked) == conversation
    assert asked.view.chat.isVisible()


def test_search_by_keys(asked: Window) -> None:
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_N, CTRL)
    assert len(search(asked, "albumin")) == 2
    asked.qtbot.keyClick(pane(asked).query, Qt.Key.Key_Down)
    assert pane(asked).hits.hasFocus()
    asked.qtbot.keyClick(pane(asked).hits, Qt.Key.Key_Escape)
    assert pane(asked).query.text() == ""
    assert pane(asked).list.isVisible()
    search(asked, "albumin")
    asked.qtbot.keyClick(pane(asked).query, Qt.Key.Key_Return)
    wait_for(asked, [FIRST, SECOND])


def test_what_is_not_found_is_said_and_a_removed_document_is_not_found(asked: Window) -> None:
    assert search(asked, "zebrafish") == []
    assert pane(asked).nothing.isVisible()
    asked.qtbot.keyClick(pane(asked).query, Qt.Key.Key_Escape)
    assert search(asked, "morning")
    document = asked.desktop.state.documents[0]
    from app.desktop import operations

    operations.remove_documents(asked.view._desk, [document.id])
    asked.settle()
    asked.qtbot.waitUntil(lambda: pane(asked)._hits.rowCount() == 0)
    assert pane(asked).nothing.isVisible()


def make_long(window: Window, count: int = 30) -> tuple[ConversationId, list[TurnId]]:
    """Keep a conversation of many turns."""
    history = window.bedside.history
    conversation = history.create("long").id
    return conversation, [
        history.append(conversation, make_answer(f"Question {number}")) for number in range(count)
    ]


def numbers(window: Window) -> list[int]:
    """Which of the long conversation's questions are shown."""
    return [int(question.split()[1]) for question in shown(window)]


def test_a_long_conversation_opens_at_the_turn(window: Window) -> None:
    conversation, ids = make_long(window)
    window.view.chat.open_turn(conversation, ids[10])
    turns = window.view.chat.turns
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(8, 14)))
    window.qtbot.waitUntil(lambda: turns._target is None)
    target = turns.turns[2]
    top = target.mapTo(turns.viewport(), target.rect().topLeft()).y()
    assert 0 <= top < 60


def test_a_long_conversation_is_shown_in_parts(window: Window) -> None:
    conversation, _ = make_long(window)
    window.desktop.state.show_conversation(conversation)
    turns = window.view.chat.turns
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(24, 30)))
    assert turns._later.isHidden()
    kept = turns.turns[0]
    window.qtbot.mouseClick(turns._earlier, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(18, 30)))
    assert turns.turns[6] is kept
    turns.show_earlier()
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(12, 24)))
    for _ in range(2):
        turns.show_earlier()
        window.qtbot.waitUntil(lambda: turns.is_complete)
    assert numbers(window) == list(range(12))
    assert turns._earlier.isHidden()
    window.qtbot.mouseClick(turns._later, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(6, 18)))


def test_a_question_in_a_long_conversation_is_asked_at_its_end(window: Window, pdf: Path) -> None:
    window.add(pdf)
    conversation, ids = make_long(window)
    window.view.chat.open_turn(conversation, ids[3])
    window.qtbot.waitUntil(lambda: numbers(window) == list(range(1, 7)))
    ask(window, FIRST)
    turns = window.view.chat.turns
    window.qtbot.waitUntil(lambda: turns.is_complete)
    assert shown(window) == [*(f"Question {number}" for number in range(24, 30)), FIRST]
    turns.show_earlier()
    window.qtbot.waitUntil(lambda: turns.is_complete)
    assert numbers(window) == list(range(18, 30))
    ask_again(window, views(window)[-1], AGAIN)
    assert shown(window) == [*(f"Question {number}" for number in range(18, 29)), AGAIN]
    assert len(window.bedside.history.turns(conversation)) == len(ids)


def test_markup_in_a_hit_stays_text(window: Window) -> None:
    from agents.conversation_search import ConversationHit

    conversation = window.bedside.history.create("<b>title</b>")
    hit = ConversationHit(
        conversation=conversation, turn=TurnId(1), question="q", text="a <i>b</i>", marks=((2, 5),)
    )
    html = render_conversation_hit(hit, window.desktop.theme.tokens)
    assert "&lt;b&gt;title&lt;/b&gt;" in html
    assert "&lt;i&gt;</span>b&lt;/i&gt;" in html


# ---- export


class FileManager(QObject):
    """Notes what it is asked to show."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def show_url(self, url: QUrl) -> None:
        self.urls.append(url)


@pytest.fixture
def file_manager() -> Iterator[FileManager]:
    """In place of the system's."""
    manager = FileManager()
    QDesktopServices.setUrlHandler("file", manager, "show_url")
    yield manager
    QDesktopServices.unsetUrlHandler("file")


def choose_file(window: Window, path: Path) -> None:
    """Type a path into the dialog that is open, and agree."""
    window.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.selectFile(str(path))
    dialog.accept()
    window.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.settle()


@pytest.mark.parametrize(("name", "begin"), [("a.pdf", b"%PDF"), ("a.docx", b"PK"), ("a.md", b"# In which")])
def test_a_conversation_is_exported_and_its_folder_opened(
    asked: Window, tmp_path: Path, file_manager: FileManager, name: str, begin: bytes
) -> None:
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_S, CTRL)
    choose_file(asked, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert name in asked.view.notice.sentence.text()
    assert asked.view.notice.undo_button.isHidden()
    asked.qtbot.mouseClick(asked.view.notice.link_button, Qt.MouseButton.LeftButton)
    assert [url.toLocalFile() for url in file_manager.urls] == [str(tmp_path)]
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_Z, CTRL)  # there is nothing to undo
    assert asked.view.notice.isVisible()


def test_a_name_without_ending_gets_that_of_the_format(asked: Window, tmp_path: Path) -> None:
    asked.qtbot.keyClick(asked.view, Qt.Key.Key_S, CTRL)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.selectNameFilter("Word (*.docx)")
    dialog.filterSelected.emit("Word (*.docx)")
    choose_file(asked, tmp_path / "plain")
    assert (tmp_path / "plain.docx").read_bytes().startswith(b"PK")


def test_what_cannot_be_written_is_one_sentence(asked: Window) -> None:
    from agents.export.formats import ExportFormat
    from app.desktop import conversing

    conversation = asked.bedside.history.conversations()[0]
    conversing.export_conversation(
        asked.view._desk, conversation, Path("/proc/none/a.md"), ExportFormat.MARKDOWN
    )
    asked.settle()
    assert "choose another one" in asked.view.notice.sentence.text()
    assert asked.view.notice.link_button.isHidden()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("How is hyperkalaemia treated?", "How is hyperkalaemia treated"),
        ("a/b\\c: <d> | e …", "a b c d e"),
        ("急性肾损伤怎么治疗？", "急性肾损伤怎么治疗？"),
        ("..", "Conversation"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_title_becomes_the_name_of_a_file(qapp: QApplication, title: str, name: str) -> None:
    assert suggest_name(title) == name


def test_the_menu_offers_the_export(asked: Window) -> None:
    conversations = asked.view.sidebar.conversations
    conversations._show_menu(conversations.visualRect(conversations.currentIndex()).center())
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    assert texts == ["Rename the conversation", "Export the conversation…", "Delete the conversation"]
    menu.close()
    assert [label for label in views(asked)[0].findChildren(QLabel) if label.text() == FIRST]
