"""Changing the embedding model as the user does: settings, restart, command line."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.parser import build_parser
from app.cli.run import run_command
from app.composition import open_bedside
from app.settings import Settings
from rag.errors import Cancelled, EmbeddingModelError
from tests.support.library import add, write_document
from tests.support.tiny_embedder import write_tiny_embedder

pytestmark = pytest.mark.default_model  # needs no weights, but as long as one: torch is loaded


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder whose models folder has two models; the first serves."""
    for seed, name in enumerate(("first", "second")):
        write_tiny_embedder(tmp_path / "models" / name, seed=seed)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.json").write_text(Settings(embedding_model="first").model_dump_json())
    return tmp_path / "home"


def stop_at(cancel: threading.Event) -> Callable[[float], None]:
    return lambda _: cancel.set()


def test_a_change_survives_a_restart_and_ends(home: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    bedside = open_bedside(home, models)
    add(bedside.library, write_document(tmp_path, "kidney", topics=["potassium", "dialysis"]))
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        bedside.embedding_change.change("second", cancel=cancel, on_progress=stop_at(cancel))
    bedside.close()

    bedside = open_bedside(home, models)
    assert bedside.settings.embedding_model == "first"
    assert bedside.settings.next_embedding_model == "second"
    assert bedside.library.search("potassium").hits
    for name in ("first", "second"):
        with pytest.raises(EmbeddingModelError, match="in use"):
            bedside.embedding_change.remove(name)
    bedside.embedding_change.change("second", cancel=threading.Event(), on_progress=lambda _: None)
    assert bedside.settings.embedding_model == "second"
    assert bedside.settings.next_embedding_model is None
    assert bedside.library.search("potassium").hits
    bedside.embedding_change.remove("first")
    bedside.close()

    bedside = open_bedside(home, models)
    assert bedside.library.check().is_consistent
    bedside.close()


def test_the_command_line_adds_changes_and_removes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def bedside(*words: str) -> dict[str, object]:
        folders = ["--home", str(home), "--models", str(tmp_path / "models"), "--json"]
        assert run_command(build_parser().parse_args(["models", "embedding", *words, *folders])) == 0
        printed: dict[str, object] = json.loads(capsys.readouterr().out)
        return printed

    other = write_tiny_embedder(tmp_path / "other", seed=3)
    assert bedside("add", str(other), "--name", "third")["name"] == "third"
    listed = bedside("list")
    assert [(row["name"], row["in_use"]) for row in listed["models"]] == [
        ("first", True),
        ("second", False),
        ("third", False),
    ]
    assert bedside("use", "third") == {"embedding_model": "third"}
    assert bedside("drop") == {"embedding_model": "third"}
    assert bedside("remove", "first") == {"removed": "first"}
