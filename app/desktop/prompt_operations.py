"""What the user does with the wordings that the chat model is asked with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Worker

if TYPE_CHECKING:
    from llm.prompt_edits import PromptRow


def read_prompts(desk: Desk, owner: QObject, on_done: "Callable[[list[PromptRow]], None]") -> None:
    """List all prompts."""
    _start(desk, owner, desk.bedside.prompts.rows, Callbacks(on_done=on_done))


def read_prompt(desk: Desk, owner: QObject, row: "PromptRow", on_done: Callable[[str], None]) -> None:
    """Read the text of a prompt's file."""
    _start(
        desk,
        owner,
        lambda: desk.bedside.prompts.text(row.language, row.name),
        Callbacks(on_done=on_done),
    )


def save_prompt(
    desk: Desk,
    owner: QObject,
    row: "PromptRow",
    text: str,
    *,
    on_done: Callable[[], None],
    on_error: Callable[[str], None],
) -> None:
    """Check a wording and use it from the next answer on."""
    callbacks = Callbacks(on_done=lambda _: on_done(), on_error=on_error)
    _start(desk, owner, lambda: desk.bedside.prompts.save(row.language, row.name, text), callbacks)


def reset_prompt(desk: Desk, owner: QObject, row: "PromptRow", on_done: Callable[[], None]) -> None:
    """Go back to Bedside's wording."""
    _start(
        desk,
        owner,
        lambda: desk.bedside.prompts.reset(row.language, row.name),
        Callbacks(on_done=lambda _: on_done()),
    )


def _start(desk: Desk, owner: QObject, work: Callable[[], Any], callbacks: Callbacks) -> None:
    desk.tasks.start(Worker.IO, lambda _: work(), owner=owner, callbacks=callbacks)
