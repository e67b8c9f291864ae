"""The model in use, in its real process: switched between two questions, measured, run otherwise."""

from pathlib import Path

import pytest

from app.composition import Bedside
from llm.chat_model import ChatModel
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.desktop.gestures import ask
from tests.desktop.test_models_page import press, select, texts_of
from tests.support.tiny_gguf import write_tiny_gguf

QUESTION = "In whom should albuminuria be measured?"


class TinyBedside(ScriptedBedside):
    """Answers with the tiny models in its models folder."""

    def chat_model(self, name: str | None = None) -> ChatModel:
        """Return the real model, in its own process."""
        return Bedside.chat_model(self, name)


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path, pdf: Path) -> Window:
    """A window with a document and two tiny models, the first of which is used."""
    window = open_window(lambda: TinyBedside(tmp_path / "home", tmp_path / "models"))
    window.wait_for_desk()
    window.add(pdf)
    files = [
        write_tiny_gguf(tmp_path / f"{name}.gguf", seed=seed) for seed, name in enumerate(("one", "two"))
    ]
    window.view.models.add(files)
    window.settle()
    assert window.bedside.settings.model == "one"
    return window


def test_switching_the_model_keeps_the_conversation(window: Window) -> None:
    window.view.show_page("chat")
    ask(window, QUESTION)
    first = window.desktop.state.conversation
    assert first is not None
    window.view.show_page("models")
    select(window, 1)
    press(window, window.view.models.installed.use)
    assert window.bedside.settings.model == "two"
    window.view.show_page("chat")
    assert window.desktop.state.conversation == first
    assert [turn.question for turn in window.view.chat.turns.turns] == [QUESTION]
    ask(window, QUESTION)
    assert window.desktop.state.conversation == first
    assert [answer.model for answer in window.bedside.history.answers(first)] == ["one", "two"]
    assert len(window.view.chat.turns.turns) == 2


def test_what_the_model_takes_is_measured(window: Window) -> None:
    window.view.show_page("models")
    page = window.view.models
    select(window, 0)
    press(window, page.installed.details.button)
    loaded = window.desktop.state.loaded
    assert loaded is not None
    assert loaded.name == "one"
    assert loaded.memory > 1_000_000
    shown = texts_of(page.installed.model_details)
    assert "taken now" in shown
    assert "4,096 tokens now" in shown
    select(window, 1)
    assert "taken now" not in texts_of(page.installed.model_details)


def test_another_context_loads_the_model_anew(window: Window) -> None:
    window.view.show_page("models")
    page = window.view.models
    press(window, page.options.button)
    window.qtbot.waitUntil(lambda: page.options.content.is_complete)
    context = page.options.content.choices["n_ctx"]
    assert context.text() == "Automatic: 4,096 tokens"
    context.choose(2048)
    window.settle()
    loaded = window.desktop.state.loaded
    assert loaded is not None
    assert loaded.n_ctx == 2048
    press(window, page.options.content.reset)
    assert window.desktop.state.loaded.n_ctx == 4096
