"""While the window runs threads take turns quickly, and garbage is collected on the window's thread alone."""

import gc
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from app.desktop.interpreter import SWITCH_SECONDS, GarbageCollector
from app.desktop.tasks import Callbacks, Task, Worker
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window


class Loop(QPushButton):
    """A widget that only the collection of cycles can bring to its end; tells in which thread that is."""

    def __init__(self, ended: Future[threading.Thread]) -> None:
        super().__init__()
        self.me = self
        self.ended = ended

    def __del__(self) -> None:
        self.ended.set_result(threading.current_thread())


def test_no_garbage_is_collected_until_everything_is_there(open_window: OpenWindow, tmp_path: Path) -> None:
    gate = threading.Event()

    def open_late() -> ScriptedBedside:
        gate.wait(30)
        return ScriptedBedside(tmp_path / "home", tmp_path / "models")

    window = open_window(open_late)
    assert not window.desktop.garbage.is_running
    gate.set()
    window.wait_for_desk()
    assert window.desktop.garbage.is_running
    assert not gc.isenabled()


def test_a_window_that_was_closed_collects_no_more(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.desktop.window.close()
    assert not window.desktop.garbage.is_running
    assert not gc.isenabled(), "threads of libraries may outlive the window"


def test_widgets_in_cycles_end_on_the_thread_of_the_window(window: Window) -> None:
    ended: Future[threading.Thread] = Future()

    def work(task: Task) -> threading.Thread:
        made = [[number] for number in range(100_000)]  # enough for Python to collect here, if it may
        thread = ended.result(timeout=30)
        made.clear()
        return thread

    Loop(ended)
    window.desktop.tasks.start(Worker.INDEX, work, owner=window.view, callbacks=Callbacks())
    window.settle()
    assert ended.result(timeout=0) is threading.main_thread()


def test_each_generation_is_collected_when_its_turn_comes(qapp: object) -> None:
    collector = GarbageCollector()
    generations: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            generations.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        collector.collect()
        assert generations == [], "nothing was made"
        for _ in range(12):
            made = [[] for _ in range(2 * gc.get_threshold()[0])]
            collector.collect()
            del made
    finally:
        gc.callbacks.remove(note)
    assert generations == [0] * 11 + [1]


def test_threads_take_turns_quickly() -> None:
    program = "from app.desktop.application import make_application; make_application([]); import sys; "
    done = subprocess.run(
        [sys.executable, "-c", program + "print(sys.getswitchinterval())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == pytest.approx(SWITCH_SECONDS)
