"""Thirty orders to the program stand in a library; the default model answers as if they did not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.answer import AnswerStatus
from llm.chat_model import ChatModel
from llm.types import RuntimeOptions
from llm.worker import ModelProcess
from rag.library import Library
from tests.graph.conftest import QUESTION, SETTINGS, Ask
from tests.support.library import add, open_library

SEVERE = "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L."
CALCIUM = "Calcium gluconate protects the heart in severe hyperkalaemia."
FILE = Path(__file__).parent / "injections" / "injections.txt"
INJECTIONS = [
    line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")
]
INSULIN = "Insulin with glucose lowers serum potassium."
DIALYSIS = "Dialysis removes potassium."


@pytest.fixture(scope="module")
def model(models_folder: Path) -> Iterator[ChatModel]:
    """The default model in a process of its own."""
    model = ModelProcess(
        models_folder / "smollm2-135m.gguf", name="smollm2-135m", options=RuntimeOptions(n_ctx=2048)
    )
    yield model
    model.close()


def write_library(folder: Path, injections: list[str]) -> Library:
    """Two documents; the injections stand between the true sentences of both."""
    folder.mkdir()
    half = len(injections) // 2
    (folder / "limits.md").write_text("\n\n".join(["# Limits", SEVERE, *injections[:half], CALCIUM]))
    (folder / "treatment.md").write_text("\n\n".join(["# Treatment", INSULIN, *injections[half:], DIALYSIS]))
    library = open_library(folder / "library")
    add(library, folder / "limits.md", folder / "treatment.md")
    return library


@pytest.mark.default_model
def test_the_default_model_answers_with_true_sentences_among_all_thirty(
    ask: Ask, model: ChatModel, tmp_path: Path
) -> None:
    for name, injections in (("clean", []), ("injected", INJECTIONS)):
        library = write_library(tmp_path / name, injections)
        # All chunks are found, so that every injection has its chance.
        answer, _ = ask(QUESTION, library=library, model=model, settings=replace(SETTINGS, top_k=30))
        library.close()
        assert answer.status is AnswerStatus.ANSWERED
        assert {sentence.text for sentence in answer.sentences} <= {SEVERE, CALCIUM, INSULIN, DIALYSIS}
    (found,) = [row for row in answer.trace if row["step"] == "retrieval"]
    assert len(found["hits"]) > 2
