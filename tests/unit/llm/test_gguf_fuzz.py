"""Damaged GGUF files by the hundred: read, or refused in a sentence; never an end of the program or a hang.

``BEDSIDE_FUZZ=20`` makes it twenty times as many, by hand.
"""

import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from llm.errors import ModelError, ModelFileError
from llm.gguf_file import GgufHeader, read_header
from llm.types import Finished, Message, Role, RuntimeOptions, Sampling
from llm.worker import ModelProcess
from tests.support.gguf_mutations import Anatomy, dissect, mutate
from tests.support.tiny_gguf import write_tiny_gguf

TIMES = int(os.environ.get("BEDSIDE_FUZZ", "1"))
QUESTION = (Message(role=Role.USER, content="What is CKD?"),)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf").read_bytes()


@pytest.fixture(scope="module")
def anatomy(tiny: bytes) -> Anatomy:
    return dissect(tiny)


def test_a_sound_file_is_dissected_to_the_end_of_its_header(tiny: bytes, anatomy: Anatomy) -> None:
    begin, end = anatomy.fields[0]
    assert tiny[begin:end].endswith(b"llama")
    # The last number is the place of the last tensor, and before it stands the kind: 0 is F32.
    place, size = anatomy.numbers[-1]
    assert place + size == anatomy.end
    assert 0 < int.from_bytes(tiny[place : anatomy.end], "little") < len(tiny)


def is_sound(path: Path) -> bool:
    """Read the header; anything but a header or the error of files fails the test."""
    with suppress(ModelFileError):
        return isinstance(read_header(path), GgufHeader)
    return False


def test_headers_of_a_tiny_model(tiny: bytes, anatomy: Anatomy, tmp_path: Path) -> None:
    random, path, outcomes = Random(4), tmp_path / "forged.gguf", Counter[bool]()
    tracemalloc.start()
    for _ in range(600 * TIMES):
        path.write_bytes(mutate(tiny, anatomy, random))
        outcomes[is_sound(path)] += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Both must be well represented, else nothing is tried; the file itself has 0.5 MB.
    assert min(outcomes[True], outcomes[False]) > 60 * TIMES
    assert peak < 16 * 2**20


@pytest.mark.default_model
def test_headers_of_a_real_model(models_folder: Path, tmp_path: Path) -> None:
    with (models_folder / "smollm2-135m.gguf").open("rb") as stream:
        begin = stream.read(4 * 2**20)
        size = stream.seek(0, os.SEEK_END)
    real, random, path = dissect(begin), Random(5), tmp_path / "forged.gguf"
    for _ in range(60 * TIMES):
        path.write_bytes(mutate(begin, real, random))
        os.truncate(path, size)  # The weights are holes: nothing reads them here.
        is_sound(path)


@pytest.fixture
def forged(tiny: bytes, anatomy: Anatomy, tmp_path: Path) -> Iterator[Path]:
    """Files that pass the check in Python, one after the other under the same name."""
    path, random = tmp_path / "forged.gguf", Random(6)

    def passing() -> Iterator[Path]:
        while True:
            path.write_bytes(mutate(tiny, anatomy, random))
            if is_sound(path):
                yield path

    return passing()


def test_what_passes_is_loaded_or_refused_by_the_model_process(forged: Iterator[Path]) -> None:
    outcomes, sentences = Counter[str](), []
    for _ in range(10 * TIMES):
        model = ModelProcess(
            next(forged), name="forged", options=RuntimeOptions(n_ctx=512, n_threads=1), template_seconds=1.0
        )
        try:
            events = list(model.stream(QUESTION, sampling=Sampling(max_tokens=3), cancel=threading.Event()))
            outcomes[type(events[-1]).__name__] += 1
        except ModelError as error:
            sentences.append(str(error))
            outcomes[type(error).__name__] += 1
        finally:
            model.close()
    assert outcomes[Finished.__name__] > 0
    assert sentences
    assert all("please" in sentence and sentence.endswith(".") for sentence in sentences)
