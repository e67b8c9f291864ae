"""``bedside library remove`` tells on a terminal what it does to saved answers, and asks."""

import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from agents.history import History
from app.cli.library_remove import remove
from app.cli.parser import build_parser
from app.composition import Bedside
from app.paths import Home
from llm.model_store import ModelStore
from rag.embedding.model_store import EmbeddingModelStore
from rag.types import Document
from tests.support.library import add, open_library, write_document
from tests.unit.agents.test_history import make_answer


class Terminal(io.StringIO):
    """Somebody types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[Bedside]:
    """One document, and a saved answer that quotes it."""
    home = Home(tmp_path / "home")
    library = open_library(home.library)
    add(library, write_document(tmp_path, "kidney", topics=["potassium"]))
    history = History(home.history)
    conversation = history.create("question")
    history.append(conversation.id, make_answer(document=library.documents()[0].id))
    lock = FileLock(home.lock)
    opened = Bedside(
        home=home,
        lock=lock,
        library=library,
        history=history,
        models=ModelStore(tmp_path / "m"),
        embedding_models=EmbeddingModelStore(tmp_path / "m"),
    )
    yield opened
    opened.close()


def run(bedside: Bedside, document: Document, *options: str) -> int:
    arguments = build_parser().parse_args(["library", "remove", document.id, *options])
    return remove(bedside, arguments, threading.Event())


@pytest.mark.parametrize(("typed", "is_gone"), [("y\n", True), ("YES\n", True), ("\n", False), ("", False)])
def test_a_terminal_is_asked(
    bedside: Bedside,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    typed: str,
    is_gone: bool,
) -> None:
    (document,) = bedside.library.documents()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert run(bedside, document) == int(not is_gone)
    assert "Saved answers that quote Handbook kidney: 1." in capsys.readouterr().err
    assert (bedside.library.documents() == []) == is_gone
    assert bedside.history.cited_in(document.id) == int(not is_gone)


@pytest.mark.parametrize(("stdin", "options"), [(Terminal(), ["--yes"]), (io.StringIO(), [])])
def test_nobody_else_is(
    bedside: Bedside,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stdin: io.StringIO,
    options: list[str],
) -> None:
    (document,) = bedside.library.documents()
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(bedside, document, *options) == 0
    assert capsys.readouterr().err == ""
    assert bedside.library.documents() == []
