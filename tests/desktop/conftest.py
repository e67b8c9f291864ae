"""A whole window on a real library; only the chat model plays a script, and embeddings are of words."""

import gc
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf
import pytest
from filelock import FileLock
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agents.history import History
from app.composition import Bedside
from app.desktop.application import Desktop
from app.desktop.interpreter import GarbageCollector
from app.desktop.tasks import Tasks
from app.desktop.theme import Theme
from app.desktop.views.desk_view import DeskView
from app.paths import Home
from llm.chat_model import ChatModel
from llm.model_store import ModelStore
from rag.embedding.model_store import EmbeddingModelStore
from tests.support.library import HashingEmbeddingModel, open_library
from tests.support.scripted_model import ScriptedModel

PARAGRAPHS = (
    "Albuminuria should be measured in people with diabetes, hypertension or cardiovascular disease.",
    "The first morning urine is preferred for the albumin to creatinine ratio.",
    "Calcium gluconate protects the heart in severe hyperkalaemia.",
)


class ScriptedBedside(Bedside):
    """Answers with a scripted model; everything else is real."""

    def __init__(self, home: Path, models: Path) -> None:
        """Open a data folder."""
        layout = Home(home)
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(layout.lock, thread_local=False)
        lock.acquire(timeout=0)
        super().__init__(
            home=layout,
            lock=lock,
            library=open_library(layout.library, embedding=HashingEmbeddingModel(dimension=512)),
            history=History(layout.history),
            models=ModelStore(models),
            embedding_models=EmbeddingModelStore(
                models, prepare=lambda _folder, cancel: False
            ),  # torch is slow
        )
        self.script = ScriptedModel(selections=[(1, 2)], texts=["It is <b>bold</b> & free."])

    def chat_model(self, name: str | None = None) -> ChatModel:
        """Return the script."""
        return self.script


@dataclass
class Window:
    """A running desktop, and ways to wait for it."""

    desktop: Desktop
    qtbot: QtBot

    @property
    def view(self) -> DeskView:
        """Everything in the window."""
        assert self.desktop.view is not None
        return self.desktop.view

    @property
    def bedside(self) -> ScriptedBedside:
        """The open data folder."""
        assert isinstance(self.desktop.bedside, ScriptedBedside)
        return self.desktop.bedside

    def wait_for_desk(self) -> None:
        """Wait until the data folder is open and all lists are read."""
        desktop = self.desktop
        self.qtbot.waitUntil(lambda: desktop.is_open or bool(desktop.failure), timeout=30_000)
        assert not desktop.failure
        self.settle()

    def settle(self) -> None:
        """Wait until nothing runs."""
        self.qtbot.waitUntil(lambda: self.desktop.tasks.is_idle, timeout=30_000)

    def add(self, *paths: Path) -> None:
        """Add files and wait for them."""
        self.view.library.add(paths)
        self.qtbot.waitUntil(lambda: not self.view.library.adding.is_running, timeout=60_000)
        self.settle()


@pytest.fixture(autouse=True)
def english() -> None:
    """Numbers and dates as in English, whatever this machine's language is."""
    QLocale.setDefault(QLocale(QLocale.Language.English))


@pytest.fixture(scope="package", autouse=True)
def collecting_threads() -> Iterator[set[threading.Thread]]:
    """As in the program no worker ever collects, from before the first widget until the last has gone.

    Holds the threads in which garbage was collected nevertheless.
    """
    threads: set[threading.Thread] = set()

    def note(_phase: str, _info: dict[str, int]) -> None:
        threads.add(threading.current_thread())

    gc.callbacks.append(note)
    gc.freeze()  # what pytest has imported; else each collection would look at it
    GarbageCollector()
    yield threads
    gc.callbacks.remove(note)
    gc.unfreeze()
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def collect_garbage(collecting_threads: set[threading.Thread]) -> Iterator[None]:
    """Collect what a test has left, and see that nobody else did."""
    yield
    gc.collect()
    assert not gc.isenabled()
    assert collecting_threads <= {threading.main_thread()}


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme."""
    theme = Theme(qapp)
    theme.choose("light")
    return theme


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[Tasks]:
    """Executors that are shut down at the end."""
    tasks = Tasks(lambda error: f"bug: {type(error).__name__}")
    yield tasks
    tasks.close()


OpenWindow = Callable[[Callable[[], Bedside]], Window]


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Opens desktops; at the end of the test nothing of them is left behind."""
    monkeypatch.setattr("app.desktop.application.install_crash_hooks", lambda *_: None)
    threads = set(threading.enumerate())
    desktops: list[Desktop] = []

    def open_one(open_bedside: Callable[[], Bedside]) -> Window:
        desktops.append(Desktop(qapp, open_bedside))
        desktops[-1].start()
        return Window(desktops[-1], qtbot)

    yield open_one
    for desktop in desktops:
        desktop.window.close()
        desktop.window.deleteLater()
        desktop.deleteLater()
    desktops.clear()
    qapp.sendPostedEvents(None, 0)
    qapp.processEvents()
    gc.collect()
    assert set(threading.enumerate()) <= threads, "threads were left behind"
    assert not [widget for widget in qapp.topLevelWidgets() if widget.isVisible()], "windows were left behind"


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path) -> Window:
    """The whole desktop on an empty data folder."""
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.wait_for_desk()
    return window


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A PDF of two pages; its paragraphs stand on the second."""
    path = tmp_path / "albuminuria.pdf"
    write_pdf(path, [("A first page about something else entirely, such as ventilation.",), PARAGRAPHS])
    return path


def write_pdf(path: Path, pages: list[tuple[str, ...]]) -> None:
    """Write a PDF with the paragraphs of each page."""
    document = pymupdf.open()
    for paragraphs in pages:
        page = document.new_page(width=420, height=595)
        top = 72
        for paragraph in paragraphs:
            page.insert_textbox(pymupdf.Rect(60, top, 360, top + 60), paragraph, fontsize=11)
            top += 70
    document.set_metadata({"title": "Albuminuria"})
    document.save(path)
    document.close()
