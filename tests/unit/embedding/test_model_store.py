"""Embedding models by folder and from a hub: whole or not at all, and nothing that could run."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.embedding.embedding_process import ProcessEmbeddingModel
from rag.embedding.model_files import find_problem, list_files
from rag.embedding.model_folder import read_dimension
from rag.embedding.model_store import EmbeddingModelRow, EmbeddingModelStore
from rag.embedding.onnx_graph import GRAPH
from rag.errors import Cancelled, EmbeddingModelError, EmbeddingModelNotFound
from tests.support.hub_server import HubServer, serve_hub
from tests.support.tiny_embedder import write_tiny_embedder

REPO = "somebody/tiny-model"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = write_tiny_embedder(tmp_path / "tiny")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "modeling.py").write_text("raise SystemExit")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def store(models: Path) -> EmbeddingModelStore:
    return EmbeddingModelStore(models, prepare=leave)


@pytest.fixture
def hub(model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with serve_hub(REPO, model) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        yield server


def leave(_folder: Path, *, cancel: threading.Event) -> bool:
    """Make nothing: torch takes seconds to start."""
    return cancel.is_set()


def add(store: EmbeddingModelStore, folder: Path, name: str | None = None) -> EmbeddingModelRow:
    return store.add(folder, name=name, cancel=threading.Event(), on_progress=lambda _: None)


def download(store: EmbeddingModelStore, repo: str = REPO) -> EmbeddingModelRow:
    return store.download(repo, cancel=threading.Event(), on_progress=lambda _: None)


def left(models: Path) -> list[str]:
    return [file.name for file in models.iterdir() if file.is_dir()]


def test_a_folder_is_copied_without_what_could_run(store: EmbeddingModelStore, model: Path) -> None:
    told: list[float] = []
    row = store.add(model, name="other", cancel=threading.Event(), on_progress=told.append)
    assert (row.name, row.dimension, row.max_length, row.problem) == ("other", 8, 64, None)
    files = [file.relative_to(row.folder).as_posix() for file in row.folder.rglob("*") if file.is_file()]
    assert sorted(files) == list_files(model)
    assert row.size == sum((model / file).stat().st_size for file in files)
    assert told == sorted(told)
    assert told[-1] == 1
    assert store.rows() == [row] == [store.find("OTHER")]


def test_names_are_free_and_possible(store: EmbeddingModelStore, model: Path, models: Path) -> None:
    add(store, model)
    for name in ("tiny", "Tiny", "../outside", "a/b", ".hidden"):
        with pytest.raises(EmbeddingModelError):
            add(store, model, name)
    assert left(models) == ["tiny"]


def test_a_stopped_copy_leaves_nothing(store: EmbeddingModelStore, model: Path, models: Path) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        store.add(model, cancel=cancel, on_progress=lambda _: cancel.set())
    assert left(models) == []


def test_what_a_killed_program_left_is_cleared(store: EmbeddingModelStore, model: Path, models: Path) -> None:
    (models / ".embedding-model").mkdir(parents=True)
    (models / ".embedding-model" / "modules.json").write_text("[]")
    assert store.rows() == []
    add(store, model)
    assert left(models) == ["tiny"]


def test_a_model_is_removed(store: EmbeddingModelStore, model: Path, models: Path) -> None:
    add(store, model)
    store.remove("tiny")
    assert left(models) == []
    with pytest.raises(EmbeddingModelNotFound):
        store.remove("tiny")


def test_an_added_model_is_made_quick_to_load(model: Path, models: Path) -> None:
    def make(folder: Path, *, cancel: threading.Event) -> bool:
        assert not cancel.is_set()
        assert find_problem(folder) is None
        (folder / GRAPH).touch()
        return True

    store = EmbeddingModelStore(models, prepare=make)
    row = add(store, model)
    assert (row.problem, row.note) == (None, None)
    assert store.rows() == [row]
    assert (row.folder / GRAPH).is_file()


def test_a_model_that_cannot_be_made_quick_says_so(store: EmbeddingModelStore, model: Path) -> None:
    row = add(store, model)
    assert row.problem is None
    assert row.note is not None
    assert "starts slowly" in row.note


def test_a_model_whose_preparation_is_stopped_is_not_added(model: Path, models: Path) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        EmbeddingModelStore(models).add(
            model, cancel=cancel, on_progress=lambda fraction: cancel.set() if fraction > 0.89 else None
        )
    assert left(models) == []


def truncate(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])


def write_modules(model: Path, **changes: str) -> None:
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    (model / "modules.json").write_text(json.dumps([module | changes]))


def need_code(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "modeling.Model"}}))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda model: (model / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda model: (model / "modules.json").unlink(), "modules.json is missing"),
        (lambda model: (model / "vocab.txt").unlink(), "tokenizer.json is missing"),
        (truncate, "weights .* are damaged"),
        (lambda model: (model / "model.safetensors").write_bytes(b""), "weights .* are damaged"),
        (lambda model: (model / "model.safetensors").write_bytes(b"\1" + bytes(8)), "is damaged"),
        (lambda model: (model / "config.json").write_text("{"), "is damaged"),
        (lambda model: (model / "modules.json").write_text("[]"), "is damaged"),
        (need_code, "program of its own"),
        (lambda model: write_modules(model, type="modeling.Module"), "program of its own"),
        (lambda model: write_modules(model, path="../tiny"), "program of its own"),
        (shutil.rmtree, "is missing"),
    ],
)
def test_what_is_no_model_is_not_added(
    store: EmbeddingModelStore, model: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    spoil(model)
    with pytest.raises(EmbeddingModelError, match=sentence):
        add(store, model)
    assert store.rows() == []


def test_a_model_that_was_spoilt_later_says_so(store: EmbeddingModelStore, model: Path) -> None:
    truncate(add(store, model).folder)
    (row,) = store.rows()
    assert row.problem is not None
    assert row.problem.endswith(".")
    assert (row.dimension, row.max_length) == (None, None)


def test_a_full_disk_is_said_before(
    store: EmbeddingModelStore, model: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(model)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(EmbeddingModelError, match="make room"):
        add(store, model)
    assert left(models) == []


def test_the_last_layer_says_how_long_a_vector_is(model: Path) -> None:
    assert read_dimension(model) == 8
    (model / "2_Dense").mkdir()
    (model / "2_Dense" / "config.json").write_text('{"in_features": 8, "out_features": 5}')
    assert read_dimension(model) == 5


def test_a_model_is_fetched_from_the_hub(store: EmbeddingModelStore, hub: HubServer, model: Path) -> None:
    told: list[float] = []
    row = store.download(REPO, cancel=threading.Event(), on_progress=told.append)
    assert (row.name, row.dimension, row.problem) == ("tiny-model", 8, None)
    for file in list_files(model):
        assert (row.folder / file).read_bytes() == (model / file).read_bytes()
    assert {file.name for file in row.folder.rglob("*")}.isdisjoint(
        {"pytorch_model.bin", "modeling.py", ".cache"}
    )
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_cut_connection_is_taken_up_again(store: EmbeddingModelStore, hub: HubServer, model: Path) -> None:
    hub.cuts = 1
    row = download(store)
    assert (row.folder / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
    weights = [method for method, path in hub.requests if path.endswith("model.safetensors")]
    assert weights.count("GET") == 2


def test_a_connection_that_is_always_cut_says_so(
    store: EmbeddingModelStore, hub: HubServer, models: Path
) -> None:
    hub.cuts = 1000
    with pytest.raises(EmbeddingModelError, match="check the connection"):
        download(store)
    assert left(models) == []


@pytest.mark.parametrize(("stated", "tells"), [("0" * 64, True), (None, False)])
def test_weights_that_are_not_what_the_hub_says_are_not_taken(
    store: EmbeddingModelStore, hub: HubServer, models: Path, stated: str | None, tells: bool
) -> None:
    """Another file than the hub names, and one of which it names nothing."""
    hub.stated_sha256, hub.tells_sha256 = stated, tells
    with pytest.raises(EmbeddingModelError, match="sha256"):
        download(store)
    assert left(models) == []


def test_a_model_that_is_not_there_says_so(store: EmbeddingModelStore, hub: HubServer, models: Path) -> None:
    for repo in ("somebody/else", "not a name/at all"):
        with pytest.raises(EmbeddingModelError, match=r"no public model|cannot be named"):
            download(store, repo)
    assert left(models) == []


def test_a_hub_that_is_not_there_says_so(
    store: EmbeddingModelStore, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(EmbeddingModelError, match="check the connection"):
        download(store)
    assert left(models) == []


def test_a_download_can_be_stopped_where_it_hangs(
    store: EmbeddingModelStore, hub: HubServer, models: Path
) -> None:
    hub.release.clear()
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(store.download, REPO, cancel=cancel, on_progress=lambda _: None)
        assert hub.on_bytes.wait(60)
        cancel.set()
        with pytest.raises(Cancelled):
            running.result()
    assert left(models) == []


@pytest.mark.default_model  # needs no weights, but as long as one: torch is loaded
def test_the_model_of_the_tests_is_one(model: Path) -> None:
    assert find_problem(model) is None
    embedding = ProcessEmbeddingModel(model)
    vectors = embedding.embed(["kidney", "potassium"], cancel=threading.Event(), on_progress=lambda _: None)
    embedding.close()
    assert vectors.shape == (2, 8)
