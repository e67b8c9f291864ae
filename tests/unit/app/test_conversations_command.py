"""``bedside conversations``: what is printed, in words and as JSON."""

import io
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import app.cli.conversations
from agents.errors import ConversationNotFound, ExportError, TurnNotFound
from agents.history import ConversationId, History
from agents.turns import TurnId
from app.cli import run as cli
from app.cli.parser import build_parser
from tests.unit.agents.test_history import make_answer
from tests.unit.app.test_removing import Terminal


@dataclass
class Saved:
    """A data folder with a conversation of two branches."""

    home: Path
    capture: pytest.CaptureFixture[str]
    conversation: ConversationId
    turns: tuple[TurnId, ...]
    """First question, its answer's follow-up, and the first question asked again."""

    def run(self, action: str, *arguments: object) -> int:
        """Run one command to its end."""
        command = ["--home", str(self.home), "conversations", action, *map(str, arguments)]
        return app.cli.conversations.run(build_parser().parse_args(command), threading.Event())

    def row(self, action: str, *arguments: object) -> dict[str, Any]:
        """Run one command with ``--json``."""
        self.capture.readouterr()
        assert self.run(action, *arguments, "--json") == 0
        row: dict[str, Any] = json.loads(self.capture.readouterr().out)
        return row


@pytest.fixture
def saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Saved]:
    history = History(tmp_path / "home" / "conversations.sqlite3")
    conversation = history.create("How often?").id
    first = history.append(conversation, make_answer("How often?"))
    second = history.append(conversation, make_answer("And at night?", quote="Once before sleep."))
    again = history.append(
        conversation,
        make_answer("How many times a day?", quote="Twice daily."),
        branch=history.beside(conversation, first),
    )
    history.close()
    return Saved(tmp_path / "home", capsys, conversation, (first, second, again))


def test_the_list(saved: Saved) -> None:
    (row,) = saved.row("list")["conversations"]
    assert (row["conversation"], row["title"]) == (saved.conversation, "How often?")
    assert saved.run("list") == 0
    assert "How often?" in saved.capture.readouterr().out


def test_the_branch_that_is_shown_and_another_one(saved: Saved) -> None:
    first, second, again = saved.turns
    shown = saved.row("show", saved.conversation[:6])
    (turn,) = shown["turns"]
    assert (turn["turn"], turn["parent"], turn["siblings"]) == (again, None, [first, again])
    assert turn["answer"]["sentences"][0]["citations"][0]["quote"] == "Twice daily."
    assert [t["turn"] for t in saved.row("show", saved.conversation, "--turn", first)["turns"]] == [
        first,
        second,
    ]
    assert saved.run("show", saved.conversation) == 0
    out = saved.capture.readouterr().out
    assert f"[{first}] How often? (branch 1 of 2: {first}, {again})" in out
    assert "[1] Diuretics, page 3" in out


def test_words_are_found_on_all_branches(saved: Saved) -> None:
    (hit,) = saved.row("search", "before sle")["hits"]
    assert (hit["conversation"], hit["turn"], hit["question"]) == (
        saved.conversation,
        saved.turns[1],
        "And at night?",
    )
    assert [hit["text"][start:end] for start, end in hit["marks"]] == ["before", "sleep"]
    assert len(saved.row("search", "often twice", "-k", "1")["hits"]) == 1
    assert saved.run("search", "zebrafish") == 0
    assert saved.capture.readouterr().out == "Nothing was found.\n"
    assert saved.run("search", "night") == 0
    assert f"[{saved.turns[1]}] " in saved.capture.readouterr().out


def test_export_takes_the_format_from_the_name_or_as_it_is_told(saved: Saved, tmp_path: Path) -> None:
    row = saved.row("export", saved.conversation, "--out", tmp_path / "a.md")
    assert row == {
        "exported": saved.conversation,
        "file": str(tmp_path / "a.md"),
        "format": "markdown",
        "turns": 1,
    }
    assert "> Twice daily." in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert saved.run("export", saved.conversation, "--format", "markdown", "--out", tmp_path / "b.txt") == 0
    assert "Written to" in saved.capture.readouterr().out
    assert saved.run("export", saved.conversation, "--out", tmp_path / "c.odt") == 2
    assert ".docx" in saved.capture.readouterr().err
    with pytest.raises(ExportError, match="is not there"):
        saved.run("export", saved.conversation, "--out", tmp_path / "none" / "a.md")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md", "b.txt", "home"]


def test_rename_and_delete(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    assert saved.row("rename", saved.conversation, "Bed 12")["title"] == "Bed 12"
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert saved.run("delete", saved.conversation) == 1
    assert "Delete “Bed 12”" in saved.capture.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert saved.row("delete", saved.conversation) == {"deleted": saved.conversation, "title": "Bed 12"}
    assert saved.row("list") == {"conversations": []}
    assert saved.run("list") == 0
    assert "no conversations" in saved.capture.readouterr().out


def test_what_is_not_there_is_said(saved: Saved) -> None:
    with pytest.raises(ConversationNotFound):
        saved.run("show", "ffffffff")
    with pytest.raises(TurnNotFound):
        saved.run("show", saved.conversation, "--turn", 99)


@pytest.mark.parametrize("place", [["--after", "1"], ["--instead-of", "1"]])
def test_a_place_needs_its_conversation(saved: Saved, place: list[str]) -> None:
    arguments = build_parser().parse_args(["--home", str(saved.home), "ask", "What?", *place])
    assert cli.run_command(arguments) == 2
    assert "--conversation" in saved.capture.readouterr().err


def test_two_places_are_wrong_usage(saved: Saved) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["ask", "Q", "--conversation", "abcd", "--after", "1", "--instead-of", "1"])
