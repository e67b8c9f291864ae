"""What the user does with embedding models, which the window calls search models."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from rag.embedding.model_store import EmbeddingModelRow


def read_models(
    desk: Desk, owner: QObject, on_done: "Callable[[tuple[EmbeddingModelRow, ...]], None]"
) -> None:
    """Read which embedding models are in the models folder."""
    desk.tasks.start(
        Worker.IO,
        lambda _: tuple(desk.bedside.embedding_models.rows()),
        owner=owner,
        callbacks=Callbacks(on_done=on_done),
    )


def add_model(desk: Desk, owner: QObject, folder: Path, callbacks: Callbacks) -> Task:
    """Copy an embedding model into the models folder; events are the share that is done."""

    def work(task: Task) -> "EmbeddingModelRow":
        return desk.bedside.embedding_models.add(folder, cancel=task.cancel, on_progress=task.tell)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def download_model(desk: Desk, owner: QObject, repo: str, callbacks: Callbacks) -> Task:
    """Fetch an embedding model from the hub; events are the share that is done."""

    def work(task: Task) -> "EmbeddingModelRow":
        return desk.bedside.embedding_models.download(repo, cancel=task.cancel, on_progress=task.tell)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def change_model(desk: Desk, owner: QObject, name: str, callbacks: Callbacks) -> Task:
    """Read all passages anew with another model, then use that one; events are the share that is done.

    It waits until documents that are being added are there, and goes on where it was stopped.
    """

    def work(task: Task) -> None:
        task.tell(0.0)
        desk.bedside.embedding_change.change(name, cancel=task.cancel, on_progress=task.tell)

    return desk.tasks.start(Worker.INDEX, work, owner=owner, callbacks=callbacks)


def drop_change(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Give a change up; what it has read goes."""
    return desk.tasks.start(
        Worker.INDEX, lambda _: desk.bedside.embedding_change.drop(), owner=owner, callbacks=callbacks
    )


def remove_model(desk: Desk, owner: QObject, name: str, callbacks: Callbacks) -> Task:
    """Delete a model's folder."""
    return desk.tasks.start(
        Worker.IO, lambda _: desk.bedside.embedding_change.remove(name), owner=owner, callbacks=callbacks
    )
