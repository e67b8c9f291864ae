"""What every embedding model keeps, and what only a model in its own process can break."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from rag.embedding.embedding_model import EmbeddingModel
from rag.embedding.embedding_process import BATCH_SIZE, ProcessEmbeddingModel
from rag.embedding.onnx_graph import GRAPH, Precision, load_graph
from rag.embedding.preparation import is_prepared, prepare
from rag.errors import Cancelled, EmbeddingError
from tests.support.library import HashingEmbeddingModel

FOLDER = "all-MiniLM-L6-v2"
TEXTS = [
    "Potassium above 6.5 mmol/l needs an ECG at once.",
    "Albuminuria should be measured in people with diabetes.",
    "高钾血症",
    "",
    "A long text. " * 300,
]


@pytest.fixture(
    scope="module",
    params=["hashing", *(pytest.param(path, marks=pytest.mark.default_model) for path in ("torch", "graph"))],
)
def model(request: pytest.FixtureRequest) -> Iterator[EmbeddingModel]:
    if request.param == "hashing":
        yield HashingEmbeddingModel()
        return
    folder = request.getfixturevalue("with_graph" if request.param == "graph" else "without_graph")
    process = ProcessEmbeddingModel(folder)
    yield process
    process.close()


@pytest.fixture(scope="module")
def without_graph(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_model(models_folder, tmp_path_factory.mktemp("torch"))


@pytest.fixture(scope="module")
def with_graph(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_model(models_folder, tmp_path_factory.mktemp("graph"))
    assert not is_prepared(folder)
    assert prepare(folder, cancel=threading.Event())
    return folder


def copy_model(models: Path, target: Path) -> Path:
    return shutil.copytree(models / FOLDER, target / FOLDER, ignore=shutil.ignore_patterns(GRAPH))


def embed(model: EmbeddingModel, texts: list[str]) -> np.ndarray:
    return model.embed(texts, cancel=threading.Event(), on_progress=lambda _: None)


def test_vectors_have_length_one_and_the_stated_dimension(model: EmbeddingModel) -> None:
    vectors = embed(model, TEXTS)
    assert vectors.shape == (len(TEXTS), model.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_each_vector_belongs_to_its_text(model: EmbeddingModel) -> None:
    texts = [f"{TEXTS[number % 2]} {'Further words. ' * number}" for number in range(BATCH_SIZE + 5)]
    together = embed(model, texts)
    for number in (0, 1, BATCH_SIZE + 4):
        np.testing.assert_allclose(together[number], embed(model, [texts[number]])[0], atol=1e-4)


def test_no_texts_give_no_vectors(model: EmbeddingModel) -> None:
    assert embed(model, []).shape == (0, model.dimension)


def test_progress_rises_to_one(model: EmbeddingModel) -> None:
    told: list[float] = []
    model.embed(TEXTS * 8, cancel=threading.Event(), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_cancel_ends_with_cancelled_and_the_next_call_works(model: EmbeddingModel) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        model.embed(TEXTS * 20, cancel=cancel, on_progress=lambda _: cancel.set())
    assert len(embed(model, TEXTS)) == len(TEXTS)


def test_the_fingerprint_names_the_model(model: EmbeddingModel) -> None:
    assert len(model.fingerprint) == 64
    assert model.fingerprint == model.fingerprint
    assert HashingEmbeddingModel(seed=1).fingerprint != HashingEmbeddingModel(seed=2).fingerprint


def test_threads_get_their_own_vectors(model: EmbeddingModel) -> None:
    texts = [f"Text number {number} about {TEXTS[number % 2]}" for number in range(6)]
    alone = [embed(model, [text])[0] for text in texts]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda text: embed(model, [text])[0], texts))
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_closed_model_loads_again(model: EmbeddingModel) -> None:
    before = embed(model, TEXTS[:1])
    model.close()
    np.testing.assert_allclose(embed(model, TEXTS[:1]), before, atol=1e-6)


@pytest.mark.default_model
def test_a_killed_process_is_an_error_and_then_starts_anew(models_folder: Path) -> None:
    def kill(_: float) -> None:
        for child in psutil.Process().children():
            if "multiprocessing.spawn" in " ".join(child.cmdline()):
                child.kill()

    model = ProcessEmbeddingModel(models_folder / FOLDER)
    try:
        with pytest.raises(EmbeddingError, match="ended unexpectedly"):
            model.embed(TEXTS * 20, cancel=threading.Event(), on_progress=kill)
        question, near, far = embed(
            model,
            [
                "Who should be tested for protein in the urine?",
                "Albuminuria should be measured once a year in diabetes.",
                "The axis of the heart lies between -30 and 90 degrees.",
            ],
        )
    finally:
        model.close()
    # And what it embeds then has its meaning.
    assert question @ near > question @ far + 0.2


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    model = ProcessEmbeddingModel(tmp_path / FOLDER)
    for use in (lambda: model.fingerprint, lambda: model.dimension, lambda: embed(model, TEXTS)):
        with pytest.raises(EmbeddingError, match="make setup"):
            use()
    model.close()


@pytest.mark.default_model  # needs no weights, but as long as one: torch is loaded
def test_a_damaged_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 384}')
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    model = ProcessEmbeddingModel(tmp_path)
    with pytest.raises(EmbeddingError, match="make setup"):
        embed(model, TEXTS)
    model.close()


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    prints = set()
    for weights in (b"one", b"two"):
        (tmp_path / "model.safetensors").write_bytes(weights)
        prints.add(ProcessEmbeddingModel(tmp_path).fingerprint)
    assert len(prints) == 2


def test_warming_up_a_missing_model_is_no_error_yet(tmp_path: Path) -> None:
    model = ProcessEmbeddingModel(tmp_path / FOLDER)
    model.warm_up()
    with pytest.raises(EmbeddingError, match="make setup"):
        embed(model, TEXTS)
    model.close()


@pytest.mark.default_model
def test_graph_and_torch_give_the_same_vectors_and_share_the_fingerprint(
    with_graph: Path, without_graph: Path
) -> None:
    graph, torch = ProcessEmbeddingModel(with_graph), ProcessEmbeddingModel(without_graph)
    try:
        assert graph.fingerprint == torch.fingerprint
        reference = embed(torch, TEXTS)
        exact = load_graph(with_graph / GRAPH, with_graph, 1, Precision.FULL)(TEXTS)
        assert np.sum(exact * reference, axis=1).min() > 0.99999
        assert np.sum(embed(graph, TEXTS) * reference, axis=1).min() > 0.9999
        uses_torch = [
            any("torch" in Path(opened.path).parts for opened in child.memory_maps())
            for child in psutil.Process().children()
            if "multiprocessing.spawn" in " ".join(child.cmdline())
        ]
        assert sorted(uses_torch) == [False, True]
    finally:
        graph.close()
        torch.close()


@pytest.mark.default_model
def test_a_graph_of_other_weights_is_not_used(with_graph: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(with_graph, tmp_path / FOLDER)
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="other weights"):
        load_graph(folder / GRAPH, folder, 1)
    model = ProcessEmbeddingModel(folder)
    np.testing.assert_allclose(np.linalg.norm(embed(model, TEXTS), axis=1), 1, atol=1e-5)
    model.close()


@pytest.mark.default_model
def test_stopped_or_impossible_preparation_leaves_no_graph(without_graph: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(without_graph, tmp_path / FOLDER)
    before = set(folder.rglob("*"))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        prepare(folder, cancel=cancel)
    (folder / "model.safetensors").write_bytes(b"no weights")
    assert not prepare(folder, cancel=threading.Event())
    assert set(folder.rglob("*")) == before
