"""What the user does with conversations: ask again, change branches, look for words, take a copy."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.desktop.operations import Desk
from app.desktop.state import Notice
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.conversation_search import ConversationHit
    from agents.export.formats import ExportFormat
    from agents.turns import Branch, Conversation, ConversationId, Turn, TurnId

SEARCH_HITS = 50
"""Turns shown by a search in the conversations."""


def read_turns(
    desk: Desk,
    owner: QObject,
    conversation: "ConversationId",
    on_done: "Callable[[list[Turn]], None]",
    *,
    branch: "Branch | None" = None,
) -> None:
    """Read the branch of a conversation that is shown, or all up to a place."""
    _start(desk, owner, lambda: desk.bedside.history.turns(conversation, branch), on_done)


def read_turn(
    desk: Desk,
    owner: QObject,
    conversation: "ConversationId",
    turn: "TurnId",
    on_done: "Callable[[Turn], None]",
) -> None:
    """Read one turn with its place."""
    _start(desk, owner, lambda: desk.bedside.history.turn(conversation, turn), on_done)


def show_branch(
    desk: Desk,
    owner: QObject,
    conversation: "ConversationId",
    turn: "TurnId",
    on_done: Callable[[None], None],
) -> None:
    """Let a conversation show the branch of a turn from now on."""
    _start(desk, owner, lambda: desk.bedside.history.show_branch(conversation, turn), on_done)


def search_conversations(
    desk: Desk, owner: QObject, query: str, on_done: "Callable[[list[ConversationHit]], None]"
) -> None:
    """Look for words in the questions and answers of all conversations."""

    def work() -> "list[ConversationHit]":
        from agents.conversation_search import search_conversations

        return search_conversations(desk.bedside.history, query, at_most=SEARCH_HITS)

    _start(desk, owner, work, on_done)


def export_conversation(desk: Desk, conversation: "Conversation", path: Path, kind: "ExportFormat") -> Task:
    """Write a conversation to a file, and say where it is."""

    def work(_: Task) -> int:
        return desk.bedside.export_conversation(conversation, path, kind)

    def done(_: int) -> None:
        sentence = _tr("“{title}” was exported to {file}.").format(title=conversation.title, file=path.name)
        desk.state.noticed.emit(
            Notice(sentence, link=_tr("Open folder"), follow=lambda: open_folder(path.parent))
        )

    return desk.tasks.start(Worker.IO, work, owner=desk.state, callbacks=Callbacks(on_done=done))


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _start(desk: Desk, owner: QObject, work: Callable[[], Any], on_done: Callable[[Any], None]) -> None:
    desk.tasks.start(Worker.IO, lambda _: work(), owner=owner, callbacks=Callbacks(on_done=on_done))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Conversing", text)
