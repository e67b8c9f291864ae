"""An ECG recording beside the library: its lines are quoted as documents are."""

import threading
from pathlib import Path

import pytest

from agents.answer import AnswerStatus
from agents.recordings import attach_recording
from rag.library import Library
from tests.graph.conftest import Ask
from tests.support.library import open_library
from tests.support.scripted_model import ScriptedModel

SAMPLE = Path(__file__).parents[2] / "resources" / "samples" / "ecg" / "first-degree-block.hea"


@pytest.mark.parametrize("is_empty", [False, True])
def test_its_measurements_are_quoted_with_and_without_documents(
    ask: Ask, library: Library, tmp_path: Path, is_empty: bool
) -> None:
    beside = open_library(tmp_path / "empty") if is_empty else library
    attached = attach_recording(SAMPLE, beside, cancel=threading.Event())
    answer, _ = ask(
        "What is the heart rate?", library=attached, model=ScriptedModel(selections=[(1,)]), save=False
    )
    assert answer.status is AnswerStatus.ANSWERED
    (citation,) = answer.sentences[0].citations
    assert citation.title == f"ECG recording {SAMPLE.name}"
    assert citation.verbatim
    assert citation.quote in answer.answer
    if is_empty:
        beside.close()
