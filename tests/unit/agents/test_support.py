"""Asking whether evidence supports claims: what the model is asked, and what becomes of its probabilities."""

import math
import threading

import pytest

from agents.support import PROMPT, SupportPair, score_support
from llm.errors import ModelCancelled
from llm.prompts import PromptLibrary
from llm.types import RuntimeOptions
from llm.worker import ModelProcess
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

PAIRS = [
    SupportPair(evidence="Potassium is 5.8 mmol/L.", claim="Potassium is raised."),
    SupportPair(evidence="Potassium is 5.8 mmol/L.", claim="Potassium is low."),
    SupportPair(evidence="Sodium is 140 mmol/L.", claim="Sodium is normal."),
]


def test_each_evidence_is_read_once_for_all_its_claims() -> None:
    model = ScriptedModel(scores=[[(math.log(0.6), math.log(0.2)), (-9.0, 0.0)], [(-1.0, -1.0)]])
    scores = score_support(PAIRS, model=model, prompts=PromptLibrary(), cancel=threading.Event())
    assert scores == pytest.approx([0.75, 1 / (1 + math.exp(9)), 0.5])
    texts = [prompt[-1].content for prompt in model.prompts]
    assert [text.endswith(pair.claim) for text, pair in zip(texts, PAIRS, strict=True)] == [True] * 3
    assert [
        text.index(pair.evidence) < text.index(pair.claim) for text, pair in zip(texts, PAIRS, strict=True)
    ]


def test_a_stopped_check_says_so() -> None:
    cancel = threading.Event()
    cancel.set()
    model = ScriptedModel(scores=[[(-1.0, -1.0)] * 2])
    with pytest.raises(ModelCancelled):
        score_support(PAIRS, model=model, prompts=PromptLibrary(), cancel=cancel)


def test_a_real_model_gives_probabilities(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_tiny_gguf(file)
    model = ModelProcess(file, name="tiny", options=RuntimeOptions(n_ctx=2048))
    scores = score_support(PAIRS, model=model, prompts=PromptLibrary(), cancel=threading.Event())
    alone = score_support(PAIRS[1:2], model=model, prompts=PromptLibrary(), cancel=threading.Event())
    model.close()
    assert len(scores) == 3
    assert all(0 < score < 1 for score in scores)
    assert alone == pytest.approx(scores[1:2], abs=0.01)


def test_no_pairs_ask_nothing() -> None:
    model = ScriptedModel()
    assert score_support([], model=model, prompts=PromptLibrary(), cancel=threading.Event()) == []
    assert model.prompts == []
    assert PromptLibrary().load(PROMPT).variables == {"evidence", "claim"}
