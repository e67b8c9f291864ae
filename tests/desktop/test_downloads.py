"""Downloads of chat models: from a hub on loopback, with pause, restart and discard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.desktop.downloads import SPEED_SECONDS, Download
from app.desktop.offers import Quality, Shelf, arrange_offers
from app.desktop.tasks import Task
from app.desktop.views.download_row import DownloadRow
from llm.catalogue import Offer
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.desktop.gestures import answer_dialog
from tests.support.catalogue import REPO, TOO_MUCH, make_catalogue, make_file, make_model
from tests.support.hub_server import HubServer, serve_hub
from tests.support.tiny_gguf import write_tiny_gguf

TITLE = "Tiny Instruct"


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiny models in place of those that are offered."""
    monkeypatch.setattr("llm.catalogue.read_catalogue", make_catalogue)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A hub that has the small model."""
    folder = tmp_path / "hub"
    folder.mkdir()
    write_tiny_gguf(folder / "tiny-q4.gguf")
    write_tiny_gguf(folder / "tiny-q8.gguf", seed=1)
    with serve_hub(REPO, folder) as server:
        yield server


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path, hub: HubServer) -> Window:
    """A window on the models page that downloads from the hub on loopback."""
    return open_models(open_window, tmp_path, hub)


def open_models(open_window: OpenWindow, folder: Path, hub: HubServer) -> Window:
    """Open a window on the models page."""
    window = open_window(lambda: ScriptedBedside(folder / "home", folder / "models"))
    window.wait_for_desk()
    window.bedside.change_settings(mirror=hub.endpoint)
    window.view.show_page("models")
    window.qtbot.waitUntil(lambda: window.view.models.catalogue.is_complete)
    return window


def press(window: Window, button: QPushButton) -> None:
    """Click a button."""
    window.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def row_of(window: Window, name: str) -> DownloadRow:
    """Return the row of a download."""
    return window.view.models.downloads.rows[name]


def begin_and_stall(window: Window, hub: HubServer) -> None:
    """Begin a download that comes to a stop in the middle."""
    hub.stalls_at = 100_000
    hub.release.clear()
    press(window, window.view.models.installed.download)
    answer_dialog(window, agree=True)
    window.qtbot.waitUntil(lambda: row_of(window, "tiny-q4").bar.value() > 0, timeout=30_000)


def end_stalling(hub: HubServer) -> None:
    """Let everything come from now on."""
    hub.stalls_at = None
    hub.release.set()


def test_the_recommended_model_is_one_click_away_where_none_is(window: Window, hub: HubServer) -> None:
    models = window.view.models
    assert models.installed.is_empty
    assert TITLE in models.installed.download.text()
    press(window, models.installed.download)
    said = answer_dialog(window, agree=False)
    assert "asks first" in said
    assert hub.endpoint in said
    window.settle()
    assert not hub.requests, "nothing is fetched before the user agrees"
    press(window, models.installed.download)
    answer_dialog(window, agree=True)
    window.settle()
    assert [row.name for row in window.bedside.models.rows()] == ["tiny-q4"]
    assert window.bedside.settings.model == "tiny-q4"
    assert not models.installed.is_empty
    assert models.downloads.isHidden()
    row = models.catalogue.rows[TITLE]
    assert row.chip.text() == "On this computer"
    assert row.download.isHidden()


def test_a_paused_download_goes_on_after_a_restart(
    window: Window, hub: HubServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    begin_and_stall(window, hub)
    row = row_of(window, "tiny-q4")
    assert not window.view.models.catalogue.rows[TITLE].download.isEnabled()
    assert "Downloading" in window.view.chat.model_note.sentence.text()
    row.pause.setFocus()
    press(window, row.pause)
    window.settle()
    assert "Paused" in row.sentence.text()
    assert window.bedside.models.rows() == []
    window.desktop.window.close()
    end_stalling(hub)

    again = open_models(open_window, tmp_path, hub)
    row = row_of(again, "tiny-q4")
    assert "Paused" in row.sentence.text()
    assert row.bar.value() > 0
    hub.starts.clear()
    press(again, row.resume)
    again.settle()
    assert [each.name for each in again.bedside.models.rows()] == ["tiny-q4"]
    assert hub.starts[0] > 0, "what was here was not fetched again"
    assert not again.view.models.downloads.rows


def test_a_window_that_closes_keeps_what_came(
    window: Window, hub: HubServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    begin_and_stall(window, hub)
    window.desktop.window.close()
    end_stalling(hub)
    again = open_models(open_window, tmp_path, hub)
    assert "Paused" in row_of(again, "tiny-q4").sentence.text()


def test_a_download_can_be_given_up(window: Window, hub: HubServer) -> None:
    begin_and_stall(window, hub)
    press(window, row_of(window, "tiny-q4").pause)
    window.settle()
    end_stalling(hub)
    press(window, row_of(window, "tiny-q4").discard)
    answer_dialog(window, agree=True)
    window.settle()
    assert not window.view.models.downloads.rows
    assert window.view.models.catalogue.rows[TITLE].download.isEnabled()
    assert window.bedside.models.rows() == []


def test_what_cannot_be_had_is_one_sentence(window: Window, hub: HubServer) -> None:
    (hub.folder / "tiny-q4.gguf").unlink()
    press(window, window.view.models.installed.download)
    answer_dialog(window, agree=True)
    window.settle()
    assert window.view.notice.isVisible()
    assert window.view.notice.sentence.text().endswith(".")
    assert window.view.models.installed.is_empty
    assert window.view.models.installed.download.isVisible()


def test_the_user_chooses_how_good_or_small(window: Window, hub: HubServer) -> None:
    row = window.view.models.catalogue.rows[TITLE]
    assert row.chip.text() == "Recommended for this computer"
    assert row.quality.text() == "Smaller, 1.2 MB"
    assert "fits this computer" in row.memory.text()
    assert "English, Chinese" in row.facts.text()
    row.quality.choose(1)
    assert "Q8_0" in row.facts.text()
    assert row.chip.isHidden()
    press(window, row.download)
    answer_dialog(window, agree=True)
    window.settle()
    assert [each.name for each in window.bedside.models.rows()] == ["tiny-q8"]


def test_what_needs_more_memory_stands_apart(window: Window) -> None:
    view = window.view.models.catalogue
    assert list(view.rows) == [TITLE]
    assert view.others.isHidden()
    press(window, view.larger.button)
    window.qtbot.waitUntil(lambda: view.is_complete)
    assert "more than is free" in view.rows["Giant Instruct"].memory.text()
    assert view.rows["Giant Instruct"].quality.isHidden(), "there is nothing to choose"


def test_only_an_address_is_kept_as_mirror(window: Window, hub: HubServer) -> None:
    view = window.view.models.catalogue
    press(window, view.mirror.button)
    mirror = view.mirror.content
    assert mirror.address.text() == hub.endpoint
    assert not mirror.save.isEnabled()
    mirror.address.setText("the usual one")
    assert not mirror.save.isEnabled()
    window.qtbot.keyClick(mirror.address, Qt.Key.Key_Return)
    window.settle()
    assert window.bedside.settings.mirror == hub.endpoint
    mirror.address.clear()
    press(window, mirror.save)
    window.settle()
    assert window.bedside.settings.mirror is None


def test_speed_is_that_of_the_last_seconds() -> None:
    task = Task(lambda *_: None)
    download = Download(task, title=TITLE, done=0, total=1000)
    assert (download.speed, download.seconds_left, download.fraction) == (None, None, 0.0)
    download.note(100, 1000, 10.0)
    download.note(200, 1000, 11.0)
    assert (download.speed, download.seconds_left) == (100.0, 8.0)
    download.note(210, 1000, 11.0 + SPEED_SECONDS)
    assert download.speed == 10 / SPEED_SECONDS
    assert download.fraction == 0.21
    download.note(210, 1000, 11.0 + 3 * SPEED_SECONDS)
    download.note(210, 1000, 11.0 + 4 * SPEED_SECONDS)
    assert download.speed is None, "nothing comes any more"
    download.pause()
    assert download.is_pausing
    assert task.cancel.is_set()


def test_shelves() -> None:
    models = [
        make_model(f"Model {n}", *(make_file(f"{n}-{q}", quantisation=q) for q in ("Q3", "Q4_K_M", "Q8_0")))
        for n in range(9)
    ]
    models.append(make_model("Giant", make_file("giant", memory_needed=TOO_MUCH)))
    offers = [
        Offer(
            model=model,
            file=file,
            fits=file.memory_needed < TOO_MUCH,
            is_installed=False,
            is_recommended=file.name == "6-Q8_0",
            is_paused=False,
            done=0,
        )
        for model in models
        for file in model.files
    ]
    shelves = arrange_offers(offers)
    titles = {shelf: [entry.model.title for entry in entries] for shelf, entries in shelves.items()}
    assert titles[Shelf.FIRST] == ["Model 6", "Model 4", "Model 5", "Model 7", "Model 8"]
    assert titles[Shelf.OTHERS] == ["Model 0", "Model 1", "Model 2", "Model 3"]
    assert titles[Shelf.LARGER] == ["Giant"]
    recommended, usual, *_ = shelves[Shelf.FIRST]
    assert (recommended.initial, usual.initial) == (2, 1)
    assert [usual.quality(n) for n in range(3)] == [Quality.SMALLER, Quality.BALANCED, Quality.BEST]
    (giant,) = shelves[Shelf.LARGER]
    assert (giant.initial, giant.quality(0)) == (0, None)
    assert arrange_offers([]) == dict.fromkeys(Shelf, ())
