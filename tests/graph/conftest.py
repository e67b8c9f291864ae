"""A small real library, a real history and a way to run the answer graph on them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.answer import Answer, Arm, Method
from agents.context import AnswerContext, AnswerSettings
from agents.events import AnswerEvent, AnswerFinished
from agents.history import History
from agents.service import answer_question
from llm.prompts import PromptLibrary
from rag.library import Library
from tests.support.library import add, open_library
from tests.support.scripted_model import ScriptedModel

POTASSIUM = (
    "# Potassium\n\n"
    "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L. "
    "Calcium gluconate protects the heart in severe hyperkalaemia. "
    "Insulin with glucose lowers serum potassium.\n"
)
SEDATION = (
    "# Sedation\n\nLight sedation is preferred to deep sedation in ventilated patients. "
    "Dexmedetomidine may cause bradycardia.\n"
)
QUESTION = "What is severe hyperkalaemia?"

SETTINGS = AnswerSettings(similarity_floor=0.3, top_k=2)
"""A floor that suits the hashing embedding model of the tests."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Two documents."""
    (tmp_path / "potassium.md").write_text(POTASSIUM, encoding="utf-8")
    (tmp_path / "sedation.md").write_text(SEDATION, encoding="utf-8")
    library = open_library(tmp_path / "library")
    add(library, tmp_path / "potassium.md", tmp_path / "sedation.md")
    yield library
    library.close()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """An empty history."""
    history = History(tmp_path / "conversations.sqlite3")
    yield history
    history.close()


@pytest.fixture
def context(library: Library, history: History) -> AnswerContext:
    """A run with the library and a model that chooses the first sentence."""
    return AnswerContext(
        arm=Arm.RAG,
        method=Method.CP_ORDER,
        library=library,
        model=ScriptedModel(selections=[(1,)], texts=["Potassium is an element."]),
        prompts=PromptLibrary(),
        history=history,
        conversation=None,
        cancel=threading.Event(),
        settings=SETTINGS,
    )


Ask = Callable[..., tuple[Answer, list[AnswerEvent]]]


@pytest.fixture
def ask(context: AnswerContext) -> Ask:
    """Ask a question; context fields can be changed by name. Returns the answer and all events."""

    def run(question: str = QUESTION, **changes: Any) -> tuple[Answer, list[AnswerEvent]]:
        events = list(answer_question(question, context=replace(context, **changes)))
        last = events[-1]
        assert isinstance(last, AnswerFinished)
        return last.answer, events

    return run
