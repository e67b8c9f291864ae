"""The measurement of decoding: what counts as copied, a context that is full, a run that goes on."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.benchmarks import decode
from app.benchmarks.decode_memory import measure_memory, peak_memory
from app.benchmarks.decode_writing import COPIES, compare_copying, copy_prompts
from app.benchmarks.plain_generation import PlainModel, open_plain_model
from app.errors import AppError
from llm.model_store import ModelStore
from llm.types import RuntimeOptions
from llm.worker import ModelProcess
from tests.support.tiny_gguf import write_tiny_gguf

N_CTX = 1024
PASSAGES = [f"Potassium was 5.{number} mmol/L." for number in range(3 * COPIES)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


@pytest.fixture
def ours(file: Path) -> Iterator[ModelProcess]:
    model = ModelProcess(file, name="tiny", options=RuntimeOptions(n_ctx=N_CTX, n_threads=1))
    yield model
    model.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "exams" / "all"
    folder.mkdir(parents=True)
    item = json.dumps({"context": ["Potassium was measured in all patients. " * 12]})
    (folder / "pubmedqa.dev.jsonl").write_text(f"{item}\n" * decode.PASSAGES, encoding="utf-8")
    return tmp_path / "data"


def test_what_is_asked_for_has_not_been_written_out_before() -> None:
    for prompt, passage in zip(copy_prompts(PASSAGES), PASSAGES[1::3], strict=True):
        shown, *others = (message.content for message in prompt)
        assert passage in shown
        assert not any(passage in other for other in others)


def test_a_model_that_copies_nothing_has_no_figure_for_copying(file: Path, ours: ModelProcess) -> None:
    first: list[bool] = []

    @contextmanager
    def open_both(*, is_ours_first: bool) -> Iterator[tuple[ModelProcess, PlainModel]]:
        first.append(is_ours_first)
        with open_plain_model(file, N_CTX) as plain:
            yield ours, plain

    figures = compare_copying(open_both, PASSAGES)
    assert first == [True, False]
    assert figures["copy_asked"] == 2 * COPIES
    assert figures["copy_texts"] == 0
    assert figures["copy_speedup"] is None
    assert figures["copy_share_of_limit"] is None
    assert figures["copy_limit"] > 0
    assert figures["copy_speedup_of_all_asked"] > 0


def test_the_memory_is_measured_with_a_full_context(ours: ModelProcess) -> None:
    figures = measure_memory(ours, PASSAGES)
    assert 0.8 * N_CTX < figures["memory_tokens_read"] <= N_CTX
    assert 0 < figures["memory_reported"] < figures["memory_peak"]


def test_the_peak_is_not_below_what_is_taken_now() -> None:
    assert peak_memory(os.getpid()) >= 0.9 * psutil.Process().memory_info().rss


def test_parts_that_are_done_are_not_measured_again(
    file: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, keep = tmp_path / "models", tmp_path / "keep"
    ModelStore(models).add(file)
    keep.mkdir()
    monkeypatch.setattr(decode, "ModelProcess", lambda *_, **__: pytest.fail("a model is loaded"))
    for number, name in enumerate(decode.PARTS):
        kept = {"copy_speedup": 2.5, "free_speedup": 1.0, name: number}
        (keep / f"tiny-{name}.json").write_text(json.dumps(kept), encoding="utf-8")
    figures = decode.measure(models, data, keep=keep)
    assert figures["copy_speedup"] == 2.5
    assert [figures["tiny"][name] for name in decode.PARTS] == list(range(len(decode.PARTS)))


def test_a_model_that_is_not_there_is_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no such chat model"):
        decode.measure(tmp_path / "models", data, model="none")
