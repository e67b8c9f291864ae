"""What the user does with a finished answer: see where a passage stands, and what is copied."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.answer import Answer
    from app.desktop.copied import Copied
    from app.desktop.places import Place
    from app.desktop.reasons import Passage


def find_passage(desk: Desk, owner: QObject, passage: "Passage", on_done: "Callable[[Place], None]") -> None:
    """Find where a passage that was found once stands now; the begin of its page where it is no more."""

    def work(_: Task) -> "Place":
        from app.desktop.places import Place
        from rag.types import DocumentId

        library, document = desk.bedside.library, DocumentId(passage.document)
        chunk = next((each for each in library.chunks(document) if each.id == passage.chunk), None)
        return Place.of_passage(passage, library.document(document), chunk)

    desk.tasks.start(Worker.IO, work, owner=owner, callbacks=Callbacks(on_done=on_done))


def find_unread(
    desk: Desk,
    owner: QObject,
    passages: "Sequence[Passage]",
    on_done: "Callable[[Mapping[str, tuple[str, ...]]], None]",
) -> None:
    """Find the sentences of passages that were not read, by chunk; none where one is no more."""

    def work(_: Task) -> "Mapping[str, tuple[str, ...]]":
        from rag.types import ChunkId, DocumentId

        library = desk.bedside.library
        documents = {DocumentId(passage.document) for passage in passages}
        known = {document.id for document in library.documents()}
        chunks = {chunk.id: chunk for each in documents & known for chunk in library.chunks(each)}
        return {
            passage.chunk: tuple(chunk.text[slice(*chunk.sentences[number - 1])] for number in passage.unread)
            for passage in passages
            if (chunk := chunks.get(ChunkId(passage.chunk))) is not None
        }

    desk.tasks.start(Worker.IO, work, owner=owner, callbacks=Callbacks(on_done=on_done))


def find_copied(desk: Desk, owner: QObject, answer: "Answer", on_done: "Callable[[Copied], None]") -> None:
    """Compare an answer with the pages that it cites."""

    def work(_: Task) -> "Copied":
        from app.desktop.copied import find_copied
        from rag.types import DocumentId

        library = desk.bedside.library
        return find_copied(answer, lambda document, index: library.page(DocumentId(document), index).text)

    desk.tasks.start(Worker.IO, work, owner=owner, callbacks=Callbacks(on_done=on_done))
