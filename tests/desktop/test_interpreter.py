"""While the window runs threads take turns quickly, and garbage is collected once everything is imported."""

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.desktop.interpreter import SWITCH_SECONDS
from tests.desktop.conftest import OpenWindow, ScriptedBedside


def test_no_garbage_is_collected_until_everything_is_there(open_window: OpenWindow, tmp_path: Path) -> None:
    gate = threading.Event()

    def open_late() -> ScriptedBedside:
        gate.wait(30)
        return ScriptedBedside(tmp_path / "home", tmp_path / "models")

    window = open_window(open_late)
    assert not gc.isenabled()
    gate.set()
    window.wait_for_desk()
    assert gc.isenabled()


def test_closing_early_turns_the_collection_on_again(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.desktop.window.close()
    assert gc.isenabled()


def test_threads_take_turns_quickly() -> None:
    program = "from app.desktop.application import make_application; make_application([]); import sys; "
    done = subprocess.run(
        [sys.executable, "-c", program + "print(sys.getswitchinterval())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == pytest.approx(SWITCH_SECONDS)
