"""The commands on chat models as a user runs them, downloads from a hub on loopback."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm.downloads.folder import kept_bytes
from tests.end2end.conftest import PROJECT, Finished, run_bedside
from tests.support.hub_server import HubServer, serve_hub
from tests.support.tiny_gguf import write_tiny_gguf

NAME, REPO, FILE = "qwen3-0.6b-q4_k_m", "unsloth/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q4_K_M.gguf"

Models = Callable[..., Finished]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    (tmp_path / "served").mkdir()
    write_tiny_gguf(tmp_path / "served" / FILE)
    with serve_hub(REPO, tmp_path / "served") as server:
        yield server


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return lambda *arguments: run_bedside(
        tmp_path / "home", "models", *arguments, "--models", tmp_path / "models", "--json"
    )


def test_a_model_of_the_catalogue_is_downloaded(models: Models, hub: HubServer) -> None:
    fetched = models("download", NAME, "--mirror", hub.endpoint)
    assert fetched.status == 0, fetched.err
    assert fetched.row["name"] == NAME
    assert models("list").row["models"] == [fetched.row]
    available = {row["name"]: row for row in models("list", "--available").row["models"]}
    assert available[NAME]["is_installed"]
    assert [row["is_recommended"] for row in available.values()].count(True) == 1


def test_the_mirror_of_the_settings_is_used(models: Models, hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.json").write_text(f'{{"mirror": "{hub.endpoint}"}}', encoding="utf-8")
    assert models("download", NAME).status == 0


def test_a_mirror_that_is_no_address_is_wrong_usage(models: Models) -> None:
    finished = models("download", NAME, "--mirror", "ftp://mirror.example")
    assert finished.status == 2
    assert "http" in finished.err


def test_a_name_that_is_not_in_the_catalogue_is_said(models: Models) -> None:
    finished = models("download", "no-such-model")
    assert finished.status == 1
    assert "models list --available" in finished.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_pauses_and_says_how_to_go_on(models: Models, hub: HubServer, tmp_path: Path) -> None:
    hub.release.clear()
    command = [sys.executable, "-m", "app", "--home", tmp_path / "home", "--models", tmp_path / "models"]
    program = subprocess.Popen(
        [*command, "models", "download", NAME, "--mirror", hub.endpoint],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert hub.on_bytes.wait(60)
    os.kill(program.pid, signal.SIGINT)
    _, said = program.communicate()
    assert program.returncode == 130
    assert f"bedside models download {NAME}" in said
    assert len(said.splitlines()) == 1


def test_what_came_of_a_download_is_given_up(models: Models, hub: HubServer, tmp_path: Path) -> None:
    folder = tmp_path / "models" / ".downloads" / NAME
    folder.mkdir(parents=True)
    (folder / "model.gguf").write_bytes(b"half")
    assert models("download", NAME, "--discard").row == {"discarded": NAME}
    assert kept_bytes(tmp_path / "models", NAME) == 0


def test_the_models_of_a_folder_are_added_and_each_is_reported(models: Models, tmp_path: Path) -> None:
    folder = tmp_path / "from a stick"
    folder.mkdir()
    write_tiny_gguf(folder / "good.gguf")
    (folder / "bad.gguf").write_bytes(b"GGUF" + bytes(99))
    (folder / "notes.txt").write_text("not a model")
    finished = models("add", folder)
    assert finished.status == 1
    good, bad = finished.rows
    assert (good["name"], good["problem"]) == ("good", None)
    assert bad["name"] == "bad"
    assert bad["problem"]
    assert [row["name"] for row in models("list").row["models"]] == ["good"]


def test_a_folder_without_models_is_said(models: Models, tmp_path: Path) -> None:
    finished = models("add", tmp_path)
    assert finished.status == 1
    assert "no GGUF file" in finished.err
