"""How the chat model is run: set from the command line, told to the model, and taken up at once."""

import json
from pathlib import Path

import pytest

from app.cli.parser import build_parser
from app.cli.run import run_command
from app.composition import open_bedside
from app.settings import Settings
from llm.model_store import ModelStore
from llm.types import FlashAttention, KvCacheType, ModelState, RuntimeOptions
from tests.support.tiny_gguf import write_tiny_gguf


def run(home: Path, *options: str) -> int:
    return run_command(
        build_parser().parse_args(["models", "options", "--home", str(home), "--json", *options])
    )


def test_options_are_set_and_given_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    automatic = {
        "n_ctx": 4096,
        "n_gpu_layers": None,
        "n_threads": None,
        "kv_cache": None,
        "flash_attention": "auto",
    }
    assert run(tmp_path) == 0
    assert json.loads(capsys.readouterr().out) == automatic
    options = ("--context", "2048", "--gpu-layers", "3", "--threads", "1", "--kv-cache", "q8_0")
    assert run(tmp_path, *options, "--flash-attention", "on") == 0
    assert list(json.loads(capsys.readouterr().out).values()) == [2048, 3, 1, "q8_0", "on"]
    back = ("--context", "4096", "--gpu-layers", "auto", "--threads", "auto", "--kv-cache", "auto")
    assert run(tmp_path, *back, "--flash-attention", "auto") == 0
    assert json.loads(capsys.readouterr().out) == automatic


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--threads", "many", "--context", "2048"), "--threads is a number or auto"),
        (("--threads", "0"), "--threads is at least 1"),
        (("--gpu-layers", "-5"), "--gpu-layers is at least 0"),
        (("--context", "99999999", "--threads", "1"), "--context is at most 131,072"),
    ],
)
def test_what_cannot_be_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    assert run(tmp_path, *options) == 1
    assert f"Nothing was changed ({reason}); please choose another value." in capsys.readouterr().err
    assert run(tmp_path) == 0
    assert json.loads(capsys.readouterr().out)["n_ctx"] == 4096


def test_settings_become_options() -> None:
    assert Settings().runtime_options() == RuntimeOptions(n_ctx=4096)
    settings = Settings(n_ctx=512, n_gpu_layers=2, n_threads=3, kv_cache="q4_0", flash_attention="off")
    assert settings.runtime_options() == RuntimeOptions(
        n_ctx=512,
        n_gpu_layers=2,
        n_threads=3,
        kv_cache=KvCacheType.Q4_0,
        flash_attention=FlashAttention.OFF,
    )


def test_a_changed_option_holds_from_the_next_call(tmp_path: Path) -> None:
    ModelStore(tmp_path / "models").add(write_tiny_gguf(tmp_path / "tiny.gguf"), "tiny")
    bedside = open_bedside(tmp_path / "home", tmp_path / "models")
    try:
        bedside.change_settings(model="tiny", n_ctx=1024)
        first = bedside.chat_model()
        assert first.load().n_ctx == 1024
        bedside.change_settings(is_first_run=False)
        assert bedside.chat_model() is first
        bedside.change_settings(n_ctx=2048)
        assert first.state is ModelState.UNLOADED
        assert bedside.chat_model().load().n_ctx == 2048
    finally:
        bedside.close()
