"""Agents can be left out, by settings for the window and by options on the command line."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.answer import Arm
from agents.context import Agent
from agents.events import AnswerFinished
from app.cli import ask
from app.cli.parser import build_parser
from app.desktop.views.agents_view import AgentsView
from tests.desktop.conftest import ScriptedBedside, Window
from tests.support.library import add

OUTSIDE = "Which vaccines does a two-month-old infant need?"
SUB_QUESTIONS = "1. Which vaccines exist?\n2. When are vaccines given?"


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[ScriptedBedside]:
    bedside = ScriptedBedside(tmp_path / "home", tmp_path / "models")
    (tmp_path / "note.md").write_text("# Note\n\nCalcium gluconate protects the heart.\n", encoding="utf-8")
    add(bedside.library, tmp_path / "note.md")
    bedside.script.texts = [SUB_QUESTIONS]
    yield bedside
    bedside.close()


def steps(trace: list[dict[str, Any]] | tuple[dict[str, Any], ...]) -> list[str]:
    known = ("query_refinement", "divergent_thinking", "retrieval", "relevance_judgement")
    return [row["step"] for row in trace if row["step"] in known and row.get("asked", True)]


def steps_of_window(bedside: ScriptedBedside) -> list[str]:
    *_, last = bedside.ask(OUTSIDE, cancel=threading.Event(), arm=Arm.ADDREP)
    assert isinstance(last, AnswerFinished)
    return steps(last.answer.trace)


def test_settings_leave_agents_out(bedside: ScriptedBedside) -> None:
    searches = ["query_refinement", "retrieval", "divergent_thinking", "retrieval"]
    assert steps_of_window(bedside) == searches
    bedside.change_settings(agents_off=["refinement", "loop"])
    assert steps_of_window(bedside) == ["retrieval"]
    bedside.change_settings(agents_off=["loop"], sub_questions="always")
    assert steps_of_window(bedside) == ["query_refinement", "divergent_thinking", "retrieval"]
    bedside.change_settings(agents_off=[], sub_questions="never")
    assert steps_of_window(bedside) == ["query_refinement", "retrieval"]


def test_options_leave_agents_out(
    bedside: ScriptedBedside, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def opened(_: object) -> Iterator[ScriptedBedside]:
        yield bedside

    monkeypatch.setattr(ask, "opened", opened)

    def asked(*options: str) -> list[str]:
        arguments = build_parser().parse_args(["ask", OUTSIDE, "--json", "--arm", "addrep", *options])
        assert ask.run(arguments, threading.Event()) == 0
        return steps(json.loads(capsys.readouterr().out)["trace"])

    assert asked("--without", "loop") == ["query_refinement", "retrieval"]
    assert asked("--without", "loop", "--without", "refinement", "--sub-questions", "always") == [
        "divergent_thinking",
        "retrieval",
    ]
    bedside.change_settings(agents_off=["refinement"])
    assert asked("--without", "loop") == ["retrieval"]


def test_the_window_switches_agents_off_and_on_again(window: Window) -> None:
    window.view.show_page("models")
    disclosure = window.view.models.agents
    disclosure.button.click()
    agents = disclosure.content
    assert isinstance(agents, AgentsView)
    assert all(box.isChecked() for box in agents.boxes.values())
    assert not agents.reset.isEnabled()
    agents.boxes["loop"].click()
    agents.boxes["refinement"].click()
    agents.sub_questions.choose("always")
    window.settle()
    settings = window.bedside.settings
    assert (set(settings.agents_off), settings.sub_questions) == ({"loop", "refinement"}, "always")
    assert not agents.boxes["loop"].isChecked()
    agents.reset.click()
    window.settle()
    settings = window.bedside.settings
    assert (settings.agents_off, settings.sub_questions) == ((), "when-needed")
    assert all(box.isChecked() for box in agents.boxes.values())
    assert set(agents.boxes) == {agent.value for agent in Agent}


def test_they_go_with_the_agents_only(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = build_parser().parse_args(["ask", OUTSIDE, "--without", "loop"])
    assert ask.run(arguments, threading.Event()) == 2
    assert "--arm addrep" in capsys.readouterr().err
