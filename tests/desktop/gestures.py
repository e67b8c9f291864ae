"""What a user does with the window, by mouse and keys."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.desktop.dialogs.confirm import ConfirmDialog
from tests.desktop.conftest import Window


def drop(window: Window, *paths: Path) -> None:
    """Drag files over the window and let them go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    arguments = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPointF(300, 300), *arguments)
    QApplication.sendEvent(window.desktop.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window.desktop.window, QDropEvent(QPointF(300, 300), *arguments))


def wait_for_adding(window: Window, *, seconds: int = 60) -> None:
    """Wait until all files are added."""
    window.qtbot.waitUntil(lambda: not window.view.library.adding.is_running, timeout=seconds * 1000)
    window.settle()


def answer_dialog(window: Window, *, agree: bool) -> str:
    """Press a button of the question that is open; return what it said."""
    window.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog))
    dialog = QApplication.activeModalWidget()
    text = dialog.text.text()
    window.qtbot.mouseClick(dialog.confirm if agree else dialog.cancel, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.qtbot.waitUntil(lambda: is_active(window.desktop.window))
    return text


def ask(window: Window, question: str, *, seconds: int = 60) -> None:
    """Type a question, send it, and wait for the end of the answer."""
    edit = window.view.chat.composer.edit
    window.qtbot.keyClicks(edit, question)
    window.qtbot.keyClick(edit, Qt.Key.Key_Return)
    wait_for_answer(window, seconds=seconds)


def wait_for_answer(window: Window, *, seconds: int = 60) -> None:
    """Wait until no answer is being made."""
    window.qtbot.waitUntil(lambda: not window.view.chat.is_running, timeout=seconds * 1000)
    window.settle()


def find_link(label: QLabel, link: str) -> QPoint:
    """Return the middle of a link in a label with rich text."""
    document = QTextDocument()
    document.setDefaultFont(label.font())
    document.setDocumentMargin(0)
    document.setHtml(label.text())
    document.setTextWidth(label.width())
    layout = document.documentLayout()
    hits = [
        QPoint(x, y)
        for y in range(0, label.height(), 2)
        for x in range(0, label.width(), 2)
        if layout.anchorAt(QPointF(x, y)) == link
    ]
    assert hits, f"{link} is not in the text"
    return hits[len(hits) // 2]


def is_active(window: QWidget) -> bool:
    """Make a window the active one, if it is not yet."""
    window.activateWindow()  # a window system does that by itself when a dialog closes
    return QApplication.activeWindow() is window
