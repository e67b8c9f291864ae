"""One short function for each thing the user can do.

:mod:`organising` has those that can be undone, :mod:`models_operations` those with chat models,
:mod:`conversing` those with conversations, :mod:`examining` those with a finished answer.

Views call these; only these call the services.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.desktop.state import State
from app.desktop.tasks import Callbacks, Task, Tasks, Worker

if TYPE_CHECKING:
    from agents.answer import Arm, Method
    from agents.history import ConversationId
    from agents.turns import Branch
    from app.composition import Bedside
    from app.desktop.scopes import Scope
    from app.desktop.snippets import Found
    from rag.types import DocumentId, FolderChanges, WatchedFolder

SEARCH_HITS = 20
"""Hits shown by a search in the library."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an operation works with."""

    bedside: "Bedside"
    tasks: Tasks
    state: State
    readings: Counter[str] = field(default_factory=Counter)
    """How often each list was read; what an older reading brings is out of date."""


# ---- what is shown from the start


def refresh_documents(desk: Desk) -> None:
    """Read the list of documents, and the collections, tags and states that there are."""

    def read() -> tuple[Any, ...]:
        from app.desktop.scopes import Overview, count_states

        library = desk.bedside.library
        documents = tuple(library.documents())
        overview = Overview(
            documents=len(documents),
            collections=tuple(library.organisation.collections()),
            tags=tuple(library.organisation.tags()),
            states=count_states(documents),
        )
        return documents, overview

    refresh_list(desk, "documents", read, lambda found: desk.state.show_documents(*found))


def refresh_conversations(desk: Desk) -> None:
    """Read the list of conversations."""

    def read() -> tuple[Any, ...]:
        return tuple(desk.bedside.history.conversations())

    refresh_list(desk, "conversations", read, desk.state.show_conversations)


def warm_up(desk: Desk, on_end: Callable[[], None]) -> None:
    """Load what the first question needs, so that it need not wait for it: embedding model, answer graph."""

    def work(_: Task) -> None:
        import agents.graph  # noqa: F401

        desk.bedside.library.warm_up()

    desk.tasks.start(Worker.IO, work, owner=desk.state, callbacks=Callbacks(on_end=on_end))


def change_settings(desk: Desk, **changes: object) -> None:
    """Save changed settings."""
    _read(desk, lambda: desk.bedside.change_settings(**changes), lambda _: desk.state.settings_changed.emit())


# ---- conversations


def ask(
    desk: Desk,
    owner: QObject,
    question: str,
    *,
    arm: "Arm",
    method: "Method | None" = None,
    collection: str | None = None,
    branch: "Branch | None" = None,
    callbacks: Callbacks,
) -> Task:
    """Ask in the conversation that is shown, or in a new one; events are those of the answer.

    Only documents of ``collection`` are searched, where one is named. Without a ``method`` it is that of the
    arm. ``branch`` is the place of the question in the conversation, by default its end.
    """
    conversation = desk.state.conversation

    def work(task: Task) -> None:
        names = () if collection is None else (collection,)
        documents = desk.bedside.library.organisation.documents_in(collections=names)
        events = desk.bedside.ask(
            question,
            cancel=task.cancel,
            conversation=conversation,
            branch=branch,
            arm=arm,
            method=method,
            documents=documents,
        )
        for event in events:
            task.tell(event)

    return desk.tasks.start(Worker.LLM, work, owner=owner, callbacks=callbacks)


def rename_conversation(desk: Desk, conversation: "ConversationId", title: str) -> None:
    """Give a conversation another title."""
    _write(desk, lambda: desk.bedside.history.rename(conversation, title), refresh_conversations)


def delete_conversation(desk: Desk, conversation: "ConversationId") -> None:
    """Delete a conversation for good."""
    if desk.state.conversation == conversation:
        desk.state.show_conversation(None)
    _write(desk, lambda: desk.bedside.history.delete(conversation), refresh_conversations)


# ---- library


def add_documents(
    desk: Desk,
    owner: QObject,
    paths: Sequence[Path],
    callbacks: Callbacks,
    *,
    collection: str | None = None,
    password: str | None = None,
) -> Task:
    """Add files and folders, new documents to a collection; events are progress and results."""

    def work(task: Task) -> None:
        from rag.intake import Wish

        wish = Wish(collection=collection, password=password)
        library = desk.bedside.library
        for result in library.add(paths, wish=wish, cancel=task.cancel, on_progress=task.tell):
            task.tell(result)

    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)


def count_unfinished(desk: Desk, owner: QObject, on_done: Callable[[int], None]) -> None:
    """Count documents whose indexing was interrupted."""
    _read(desk, desk.bedside.library.unfinished, on_done, owner)


def resume_unfinished(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Go on with documents whose indexing was interrupted; events as in :func:`add_documents`."""

    def work(task: Task) -> None:
        for result in desk.bedside.library.resume(cancel=task.cancel, on_progress=task.tell):
            task.tell(result)

    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)


def reindex_documents(
    desk: Desk, owner: QObject, documents: "Sequence[DocumentId]", callbacks: Callbacks
) -> Task:
    """Index documents again; events are progress and :class:`rag.types.ReindexResult`."""

    def work(task: Task) -> None:
        for result in desk.bedside.reindex_documents(documents, cancel=task.cancel, on_progress=task.tell):
            task.tell(result)

    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)


def count_quoting_answers(
    desk: Desk, owner: QObject, documents: "Sequence[DocumentId]", on_done: Callable[[int], None]
) -> None:
    """Count the saved answers that quote any of some documents."""
    _read(desk, lambda: desk.bedside.history.cited_in(*documents), on_done, owner)


def remove_documents(desk: Desk, documents: "Sequence[DocumentId]") -> None:
    """Remove documents for good; their quotes in saved answers become marks."""

    def done(_: object) -> None:
        for document in documents:
            desk.state.document_removed.emit(document)
        refresh_documents(desk)

    _read(desk, lambda: desk.bedside.remove_documents(documents), done)


# ---- watched folders


def read_folders(desk: Desk, owner: QObject, on_done: "Callable[[list[WatchedFolder]], None]") -> None:
    """Read which folders the library follows."""
    _read(desk, desk.bedside.library.synchronisation.folders, on_done, owner)


def watch_folder(
    desk: Desk, owner: QObject, folder: Path, collection: str | None, on_done: Callable[[Any], None]
) -> None:
    """Follow a folder from now on; new documents from it join a collection."""
    _read(
        desk,
        lambda: desk.bedside.library.synchronisation.watch(folder, collection=collection),
        on_done,
        owner,
    )


def unwatch_folder(desk: Desk, owner: QObject, folder: Path, on_done: Callable[[Any], None]) -> None:
    """Follow a folder no more; its documents stay."""
    _read(desk, lambda: desk.bedside.library.synchronisation.unwatch(folder), on_done, owner)


def synchronise_folders(desk: Desk, owner: QObject, folder: Path | None, callbacks: Callbacks) -> Task:
    """Bring the library up to date with a folder, by default with all that are watched.

    Events are progress and results; at the end come the changes (:class:`rag.types.FolderChanges`).
    """

    def work(task: Task) -> "list[FolderChanges]":
        return desk.bedside.library.synchronisation.synchronise(
            folder, cancel=task.cancel, on_progress=task.tell, on_result=task.tell
        )

    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)


# ---- search


def search(
    desk: Desk,
    owner: QObject,
    query: str,
    on_done: "Callable[[Found], None]",
    on_end: Callable[[], None],
    *,
    scope: "Scope | None" = None,
) -> Task:
    """Search in the text of the library, or of a collection or a tag of it."""

    def work(task: Task) -> "Found":
        from app.desktop.snippets import cut_snippets

        library = desk.bedside.library
        documents = (
            library.organisation.documents_in(collections=scope.collections, tags=scope.tags)
            if scope
            else None
        )
        result = library.search(query, top_k=SEARCH_HITS, documents=documents, cancel=task.cancel)
        return cut_snippets(library, result)

    return desk.tasks.start(
        Worker.IO,
        work,
        owner=owner,
        callbacks=Callbacks(on_done=on_done, on_end=on_end),
    )


# ---- shapes


def _read(
    desk: Desk, work: Callable[[], Any], on_done: Callable[[Any], None], owner: QObject | None = None
) -> None:
    desk.tasks.start(
        Worker.IO, lambda _: work(), owner=owner or desk.state, callbacks=Callbacks(on_done=on_done)
    )


def refresh_list(desk: Desk, name: str, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
    """Read a list and show it, unless it is being read again by then: readings may overtake each other."""
    desk.readings[name] += 1
    number = desk.readings[name]
    _read(desk, work, lambda found: show(found) if number == desk.readings[name] else None)


def _write(desk: Desk, work: Callable[[], Any], refresh: Callable[[Desk], None]) -> None:
    _read(desk, work, lambda _: refresh(desk))
