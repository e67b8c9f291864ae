"""What the user does with the parts of a document: look at them, take back what was left out."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSize

from app.desktop.operations import Desk, refresh_documents
from app.desktop.state import Notice
from app.desktop.tasks import Callbacks, Task, Worker
from app.desktop.wording import plural

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from rag.types import Chunk, ChunkId, DocumentId, FilterReason, Page


def read_parts(desk: Desk, owner: QObject, document: "DocumentId", callbacks: Callbacks) -> Task:
    """Read all parts of a document: its chunks, each with the physical page on which it begins."""

    def work(_: Task) -> "tuple[tuple[Chunk, int | None], ...]":
        chunks = desk.bedside.library.chunks(document)
        pages = desk.bedside.library.first_pages(chunks)
        return tuple((chunk, pages.get(chunk.id)) for chunk in chunks)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def read_pages(
    desk: Desk, owner: QObject, document: "DocumentId", indices: Collection[int], callbacks: Callbacks
) -> Task:
    """Read pages with their boxes, in the order of their indices."""

    def work(_: Task) -> "list[Page]":
        return [desk.bedside.library.page(document, index) for index in sorted(indices)]

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def render_picture(
    desk: Desk, owner: QObject, path: Path, frame: int, pixels: QSize, callbacks: Callbacks
) -> Task:
    """Unpack a page of a picture file in a size in pixels."""

    def work(_: Task) -> "QImage":
        from app.desktop.pictures import render_frame

        return render_frame(path, frame, pixels)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def take_back(
    desk: Desk,
    owner: QObject,
    document: "DocumentId",
    chunks: "Sequence[ChunkId] | None" = None,
    *,
    reason: "FilterReason | None" = None,
    callbacks: Callbacks,
) -> Task:
    """Let parts that were left out be found: some, or all that were left out for a reason.

    Events are the share that is embedded; the result is which changed.
    """

    def work(task: Task) -> "tuple[ChunkId, ...]":
        return desk.bedside.library.filtered_chunks.restore(
            document, chunks, reason=reason, cancel=task.cancel, on_progress=task.tell
        )

    def done(taken: "tuple[ChunkId, ...]") -> None:
        said = plural(len(taken), _tr("{n} part is searched now."), _tr("{n} parts are searched now."))
        _tell(desk, taken, said, lambda: leave_out(desk, document, taken))
        if callbacks.on_done:
            callbacks.on_done(taken)

    with_news = Callbacks(
        on_done=done, on_event=callbacks.on_event, on_error=callbacks.on_error, on_end=callbacks.on_end
    )
    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=with_news)


def leave_out(desk: Desk, document: "DocumentId", chunks: "Sequence[ChunkId]") -> None:
    """Leave parts out again that were taken back."""

    def done(left: "tuple[ChunkId, ...]") -> None:
        said = plural(len(left), _tr("{n} part is left out again."), _tr("{n} parts are left out again."))

        def undo() -> None:
            take_back(desk, desk.state, document, left, callbacks=Callbacks())

        _tell(desk, left, said, undo)

    desk.tasks.start(
        Worker.IO,
        lambda _: desk.bedside.library.filtered_chunks.filter_again(document, chunks),
        owner=desk.state,
        callbacks=Callbacks(on_done=done),
    )


def _tell(desk: Desk, changed: "Sequence[ChunkId]", sentence: str, undo: Callable[[], object]) -> None:
    """Read the documents again, whose counts have changed, and say what was done."""
    refresh_documents(desk)
    if changed:
        desk.state.noticed.emit(Notice(sentence, undo))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Parts", text)
