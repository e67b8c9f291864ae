"""What the user does with chat models: add, download, choose, remove, and how they are run."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.desktop.downloads import Download
from app.desktop.operations import Desk, change_settings, refresh_list
from app.desktop.tasks import Callbacks, Task, Worker
from llm.types import LoadedModel, ModelState

if TYPE_CHECKING:
    from agents.calibration import Calibration
    from llm.catalogue import Offer
    from llm.model_hub import DownloadProgress
    from llm.types import ModelRow

TELL_SECONDS = 0.2
"""How often a download tells how far it is."""


def refresh_models(desk: Desk) -> None:
    """Read the models folder, the memory that is free now, and what could be downloaded."""

    def read() -> tuple[Any, ...]:
        import psutil

        from llm.catalogue import offers

        models, available = desk.bedside.models, psutil.virtual_memory().available
        return tuple(models.rows()), available, tuple(offers(models, available))

    refresh_list(desk, "models", read, lambda found: desk.state.show_models(*found))


def add_models(
    desk: Desk,
    owner: QObject,
    path: Path,
    *,
    on_progress: Callable[[float], None],
    on_end: Callable[[], None],
) -> Task:
    """Put a GGUF file, or those of a folder, into the models folder; the progress is the share done."""

    def work(task: Task) -> "tuple[list[ModelRow], str | None]":
        missing = _find_missing(desk)
        return desk.bedside.models.add_all(path, on_progress=task.tell, cancel=task.cancel), missing

    def done(found: "tuple[list[ModelRow], str | None]") -> None:
        rows, missing = found
        problems = [row.problem for row in rows if row.problem is not None]
        if problems:
            desk.tasks.failed.emit("\n".join(problems))
        if rows and rows[0].problem is None:
            _use_instead(desk, rows[0], missing)

    def end() -> None:
        refresh_models(desk)
        on_end()

    callbacks = Callbacks(on_event=on_progress, on_done=done, on_end=end)
    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def remove_model(desk: Desk, name: str) -> None:
    """Delete a model's file."""
    _change_models(desk, lambda: desk.bedside.models.remove(name))


# ---- downloads


def download_model(desk: Desk, offer: "Offer") -> None:
    """Fetch a model of the catalogue, or go on with it; what came before a pause is not fetched again."""
    name = offer.file.name
    known = desk.state.downloads.get(name)
    if known is not None and not known.is_ended:
        return

    def work(task: Task) -> "tuple[ModelRow, str | None]":
        from llm.model_hub import download

        missing = _find_missing(desk)
        row = download(
            offer.file,
            desk.bedside.models,
            mirror=desk.bedside.settings.mirror,
            on_progress=_tell_seldom(task),
            cancel=task.cancel,
        )
        return row, missing

    def progress(event: "DownloadProgress") -> None:
        shown.note(event.done, event.total, monotonic())
        desk.state.show_download(name, shown)

    def end() -> None:
        shown.is_ended = True
        refresh_models(desk)

    callbacks = Callbacks(on_event=progress, on_done=lambda found: _use_instead(desk, *found), on_end=end)
    task = desk.tasks.start(Worker.NETWORK, work, owner=desk.state, callbacks=callbacks)
    shown = Download(task, title=offer.model.title, done=offer.done, total=offer.file.size)
    desk.state.show_download(name, shown)


def pause_download(desk: Desk, name: str) -> None:
    """Stop a download for now; what is here stays, also when Bedside is closed."""
    download = desk.state.downloads.get(name)
    if download is not None:
        download.pause()
        desk.state.show_download(name, download)


def discard_download(desk: Desk, offer: "Offer") -> None:
    """Give up a download that is paused."""

    def work() -> None:
        from llm.model_hub import discard

        discard(offer.file, desk.bedside.models)

    _change_models(desk, work)


# ---- the model in use


def choose_model(desk: Desk, name: str) -> None:
    """Bring a model into memory and use it from now on."""

    def work(task: Task) -> LoadedModel:
        loaded = desk.bedside.chat_model(name).load(task.tell, task.cancel)
        desk.bedside.change_settings(model=name)  # last: a model that cannot be loaded is not kept
        return loaded

    _load(desk, name, work)


def change_options(desk: Desk, **changes: object) -> None:
    """Change how the model is run; one that is in memory is loaded anew."""

    def work(task: Task) -> LoadedModel:
        desk.bedside.change_settings(**changes)
        return desk.bedside.chat_model().load(task.tell, task.cancel)

    if desk.state.model_state is ModelState.READY:
        _load(desk, desk.bedside.settings.model, work)
    else:
        change_settings(desk, **changes)


def read_loaded(desk: Desk) -> None:
    """Read what is known of the model in memory, if there is one."""

    def work(_: Task) -> LoadedModel | None:
        model = desk.bedside.chat_model()
        return model.load() if model.state is ModelState.READY else None

    callbacks = Callbacks(on_done=desk.state.show_loaded, on_error=lambda _: None)
    desk.tasks.start(Worker.LLM, work, owner=desk.state, callbacks=callbacks)


# ---- shapes


def _load(desk: Desk, name: str, work: Callable[[Task], LoadedModel]) -> None:
    """Show a model on its way into memory; ``work`` brings it there and tells the fraction."""

    def run(task: Task) -> LoadedModel:
        task.tell(0.0)
        return work(task)

    def done(loaded: LoadedModel) -> None:
        desk.state.show_loaded(loaded)
        desk.state.show_model_state(ModelState.READY)

    def failed(sentence: str) -> None:
        desk.state.show_loaded(None)
        desk.state.show_model_state(None)  # of the one that was used before
        desk.tasks.failed.emit(sentence)

    def progress(fraction: float) -> None:
        desk.state.show_model_state(ModelState.LOADING, fraction)
        desk.state.settings_changed.emit()

    def end() -> None:
        desk.state.choosing = None
        desk.state.settings_changed.emit()

    desk.state.choosing = name
    callbacks = Callbacks(on_event=progress, on_done=done, on_error=failed, on_end=end)
    desk.tasks.start(Worker.LLM, run, owner=desk.state, callbacks=callbacks)


def _find_missing(desk: Desk) -> str | None:
    """Return the name of the model in use if it cannot be used: there is none, or it has gone."""
    from llm.errors import ModelError

    used = desk.bedside.settings.model
    try:
        desk.bedside.models.find(used)
    except ModelError:
        return used
    return None


def _use_instead(desk: Desk, row: "ModelRow", missing: str | None) -> None:
    """Use what came in where nothing else can be used: then there is nothing to choose."""
    if missing == desk.bedside.settings.model and row.fits and desk.state.choosing is None:
        choose_model(desk, row.name)


def _change_models(desk: Desk, work: Callable[[], object]) -> None:
    callbacks = Callbacks(on_done=lambda _: refresh_models(desk))
    desk.tasks.start(Worker.IO, lambda _: work(), owner=desk.state, callbacks=callbacks)


def _tell_seldom(task: Task) -> "Callable[[DownloadProgress], None]":
    told = float("-inf")

    def tell(progress: "DownloadProgress") -> None:
        nonlocal told
        now = monotonic()
        if now - told >= TELL_SECONDS or progress.done == progress.total:
            told = now
            task.tell(progress)

    return tell


# ---- how far a model's judgement is trusted


def read_calibration(desk: Desk, owner: QObject, name: str, on_done: "Callable[[Calibration], None]") -> None:
    """Read what is known of a model."""
    callbacks = Callbacks(on_done=on_done)
    desk.tasks.start(
        Worker.IO, lambda _: desk.bedside.calibrations.of(name), owner=owner, callbacks=callbacks
    )


def calibrate_model(
    desk: Desk,
    owner: QObject,
    name: str,
    *,
    on_progress: Callable[[float], None],
    on_done: "Callable[[Calibration], None]",
    on_end: Callable[[], None],
) -> Task:
    """Measure a model's judgement on the sample library; a person's questions go first."""

    def work(task: Task) -> "Calibration":
        return desk.bedside.calibrations.measure(name, cancel=task.cancel, on_progress=task.tell)

    callbacks = Callbacks(on_event=on_progress, on_done=on_done, on_end=on_end)
    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)
