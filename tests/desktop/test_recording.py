"""The page of an ECG recording: a file comes in, is measured in the background and shown with its lines."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.desktop.views.recording_view import RecordingView
from installer.samples.ecg import Waves, make_leads, write_record
from tests.desktop.conftest import Window
from tests.desktop.gestures import drop


def wait(window: Window) -> RecordingView:
    """Wait until the recording is shown."""
    window.settle()
    window.qtbot.waitUntil(lambda: not window.view.recording.is_measuring, timeout=30_000)
    return window.view.recording


def texts(view: RecordingView) -> str:
    """Return what the evidence says."""
    return "\n".join(label.text() for label in view.evidence.findChildren(QLabel))


def test_a_dropped_recording_is_measured_and_drawn(window: Window, tmp_path: Path) -> None:
    window.view.show_page("ecg")
    assert not window.view.recording.empty.isHidden()
    drop(window, write_record(tmp_path, "made", make_leads(Waves(pr=240, rr=900))))
    view = wait(window)
    assert view.empty.isHidden()
    assert "criterion of first-degree AV block" in texts(view)
    assert view.paper.height() > 100
    assert window.desktop.state.documents == (), "no document of the library"


def test_the_sample_shows_and_another_rule_set_measures_again(window: Window) -> None:
    window.view.show_page("ecg")
    window.view.recording.open_sample()
    view = wait(window)
    assert "[teaching " in texts(view)
    view.options.rules.choose("aha-acc-hrs")
    view = wait(window)
    assert "[aha-acc-hrs " in texts(view)
    assert "[teaching " not in texts(view)


def test_what_a_text_file_leaves_out_is_asked_for(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "strip.txt"
    path.write_text("\n".join(f"{value:.4f}" for value in make_leads(Waves())["II"]), encoding="utf-8")
    window.view.show_page("ecg")
    window.view.recording.open(path)
    view = wait(window)
    assert "sampling rate" in view.problem.text()
    assert not view.options.rate.isHidden()
    view.options.rate.setText("500")
    window.qtbot.keyClick(view.options.rate, Qt.Key.Key_Return)
    view.options.unit.choose("mV")
    view = wait(window)
    assert view.problem.isHidden()
    assert "Heart rate 75 /min" in texts(view)


def test_measuring_can_be_stopped(window: Window) -> None:
    window.view.show_page("ecg")
    view = window.view.recording
    view.open_sample()
    window.qtbot.mouseClick(view.progress.cancel, Qt.MouseButton.LeftButton)
    wait(window)
    assert not view.empty.isHidden()
    assert view.problem.isHidden()
