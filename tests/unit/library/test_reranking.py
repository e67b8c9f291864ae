"""The reranking slot, with a cross-encoder of random weights: its mechanics, not its quality."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.errors import Cancelled, EmbeddingError
from rag.library import Library
from rag.retrieval.reranking import CrossEncoderReranker
from tests.support.library import HashingEmbeddingModel, add, open_exact

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "potassium", "sepsis", "rule", "the", "for"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two small layers."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny-cross-encoder"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture
def reranker(folder: Path) -> Iterator[CrossEncoderReranker]:
    reranker = CrossEncoderReranker(folder)
    yield reranker
    reranker.close()


def test_every_passage_gets_a_score_that_hangs_on_it(reranker: CrossEncoderReranker) -> None:
    passages = ["the potassium rule", "sepsis", "the potassium rule"]
    scores = reranker.score("rule for potassium", passages, cancel=threading.Event())
    assert len(scores) == 3
    assert scores[0] == pytest.approx(scores[2])
    assert scores[0] != pytest.approx(scores[1])
    assert reranker.score("rule", [], cancel=threading.Event()) == []


def test_after_a_stop_it_answers_again(reranker: CrossEncoderReranker) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        reranker.score("rule", ["sepsis"], cancel=cancel)
    assert len(reranker.score("rule", ["sepsis"], cancel=threading.Event())) == 1


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(tmp_path / "nothing")
    with pytest.raises(EmbeddingError, match="nothing"):
        reranker.score("rule", ["sepsis"], cancel=threading.Event())


class Backwards:
    """Scores the later passages higher."""

    def score(self, question: str, passages: Sequence[str], *, cancel: threading.Event) -> list[float]:
        return [float(position) for position in range(len(passages))]

    def close(self) -> None:
        """Nothing to free."""


def test_a_search_takes_the_order_of_the_reranker(tmp_path: Path, documents: list[Path]) -> None:
    library = Library(
        folder=tmp_path / "home",
        embedding=HashingEmbeddingModel(),
        open_vector_store=open_exact,
        reranker=Backwards(),
    )
    add(library, *documents)
    hits = library.search("sepsis guideline rule", top_k=3).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert "sepsis" not in hits[0].chunk.text
    library.close()
