"""What a benchmark has embedded once it does not embed again, also after it was ended."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.benchmarks import remembering_model
from app.benchmarks.remembering_model import RememberingModel
from rag.embedding.embedding_model import Vectors
from tests.support.library import HashingEmbeddingModel


class CountingEmbedder(HashingEmbeddingModel):
    """Notes the texts it is given, and fails after some calls where it is told to."""

    def __init__(self, calls: int = 1000) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._calls = calls

    def embed(
        self, texts: Sequence[str], *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> Vectors:
        if self._calls == 0:
            raise InterruptedError
        self._calls -= 1
        self.texts += texts
        return super().embed(texts, cancel=cancel, on_progress=on_progress)


def embed(model: RememberingModel | HashingEmbeddingModel, texts: Sequence[str]) -> Vectors:
    return model.embed(texts, cancel=threading.Event(), on_progress=lambda _: None)


def test_vectors_are_those_of_the_model_in_the_order_of_the_texts(tmp_path: Path) -> None:
    texts = ["a longer text", "short", "a longer text", "middle one"]
    model = RememberingModel(CountingEmbedder(), tmp_path / "vectors")
    assert np.array_equal(embed(model, texts), embed(HashingEmbeddingModel(), texts))
    assert embed(model, []).shape == (0, model.dimension)
    model.end()


def test_no_text_is_embedded_twice_also_after_an_end_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering_model, "_EMBEDDED_AT_ONCE", 2)
    texts = [f"text {number}" for number in range(7)]
    ended = RememberingModel(CountingEmbedder(calls=2), tmp_path / "vectors")
    with pytest.raises(InterruptedError):
        embed(ended, texts)
    ended.end()
    embedder = CountingEmbedder()
    model = RememberingModel(embedder, tmp_path / "vectors")
    assert np.array_equal(embed(model, texts), embed(HashingEmbeddingModel(), texts))
    assert len(embedder.texts) == len(texts) - 4
    embed(model, texts)
    assert len(embedder.texts) == len(texts) - 4
    model.end()
