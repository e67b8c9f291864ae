"""The catalogue: what it says is sound, its estimates are honest, and one model is recommended."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from llm import catalogue
from llm.catalogue import (
    FREE_LICENCES,
    RECOMMENDED_PARAMS,
    ROOM,
    CatalogueFile,
    WheelSource,
    choose_recommended,
    find_file,
    offers,
    read_catalogue,
)
from llm.downloads.folder import DownloadFolder
from llm.gguf_file import DEFAULT_CONTEXT, memory_needed, read_header
from llm.model_store import DEFAULT_MODEL, ModelStore, clean_name
from tests.support.tiny_gguf import write_tiny_gguf

MODELS = read_catalogue()
FILES = [file for model in MODELS for file in model.files]


def test_names_are_unique_and_those_of_the_models_folder() -> None:
    names = [file.name.casefold() for file in FILES]
    assert len(set(names)) == len(names)
    assert [clean_name(name) for name in names] == names


def test_each_model_says_for_whom_it_is() -> None:
    for model in MODELS:
        assert model.for_whom.endswith(".")
        assert model.licence
        assert [file.size for file in model.files] == sorted(file.size for file in model.files)


def test_sizes_go_with_parameters_and_quantisation() -> None:
    bits = {"Q3_K_M": 3.9, "Q4_K_M": 4.9, "Q4_1": 5.5, "Q5_K_M": 5.7, "Q8_0": 8.5}
    for model in MODELS:
        for file in model.files:
            expected = model.n_params * bits[file.quantisation] / 8
            # Small models are for a large part their table of tokens, which has more bits.
            assert 0.9 * expected < file.size < 1.7 * expected, file.name


def test_wheels_are_pinned() -> None:
    for file in FILES:
        for source in file.sources:
            if isinstance(source, WheelSource):
                assert file.sha256 is not None
                assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", each) for each in source.requirements)


def test_the_default_model_is_in_it_as_the_set_up_brings_it() -> None:
    from installer.models import DEFAULT_MODELS, GGUF

    file = find_file(DEFAULT_MODEL.upper())
    assert file is not None
    assert (file.size, file.sha256) == (GGUF.size, GGUF.sha256)
    assert file.sources[0] == WheelSource(requirements=(DEFAULT_MODELS[0].requirement,), member=GGUF.member)


def test_a_name_that_is_not_in_it_is_not_found() -> None:
    assert find_file("qwen2.5-1.5b") is None


def test_an_unknown_field_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = catalogue.read_text(catalogue.CATALOGUE_FILE)
    monkeypatch.setattr(catalogue, "read_text", lambda _: text.replace("licence =", "license =", 1))
    with pytest.raises(ValidationError, match="license"):
        read_catalogue()


@pytest.mark.default_model
def test_the_estimate_of_the_default_model_is_that_of_its_file(models_folder: Path) -> None:
    row = ModelStore(models_folder).find(DEFAULT_MODEL)
    needed = memory_needed(read_header(row.path), DEFAULT_CONTEXT)
    assert find_file(DEFAULT_MODEL).memory_needed == pytest.approx(needed, rel=0.02)


@pytest.mark.default_model
@pytest.mark.parametrize("name", ["qwen2.5-0.5b", "qwen2.5-1.5b"])
def test_estimates_are_those_of_the_files_of_the_same_shape(models_folder: Path, name: str) -> None:
    files = sorted(models_folder.glob(f"{name}*.gguf"))
    if not files:
        pytest.skip(f"{name} is not in the models folder")
    file = find_file(f"{name}-instruct-q4_k_m")
    assert file is not None
    assert file.memory_needed == pytest.approx(
        memory_needed(read_header(files[0]), DEFAULT_CONTEXT), rel=0.05
    )


@given(available=st.integers(0, 2**40))
def test_the_recommended_model_is_free_and_fits_with_room(available: int) -> None:
    chosen = choose_recommended(MODELS, available)
    model = next(model for model in MODELS if chosen in model.files)
    assert model.licence in FREE_LICENCES
    assert model.n_params <= RECOMMENDED_PARAMS
    smallest = min(file.memory_needed for file in FILES)
    assert chosen.memory_needed * ROOM <= max(available, smallest * ROOM)


@given(available=st.integers(0, 2**40), more=st.integers(0, 2**40))
def test_more_memory_never_recommends_a_lesser_model(available: int, more: int) -> None:
    def rank(file: CatalogueFile) -> int:
        return next(number for number, model in enumerate(MODELS) if file in model.files)

    assert rank(choose_recommended(MODELS, available)) <= rank(choose_recommended(MODELS, available + more))


def test_offers_say_what_is_here_and_what_is_half_here(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    store.add(write_tiny_gguf(tmp_path / "tiny.gguf"), "SmolLM2-135M")
    paused = DownloadFolder(store.folder, "qwen3-0.6b-q8_0")
    paused.path.mkdir(parents=True)
    paused.model.write_bytes(b"half")
    found = {offer.file.name: offer for offer in offers(store, 4 * 10**9)}
    assert [offer.file for offer in found.values()] == FILES
    assert [name for name, offer in found.items() if offer.is_installed] == ["smollm2-135m"]
    assert {name: offer.done for name, offer in found.items() if offer.is_paused} == {"qwen3-0.6b-q8_0": 4}
    assert sum(offer.is_recommended for offer in found.values()) == 1
    assert {offer.fits for offer in found.values()} == {True, False}


def test_a_model_whose_file_is_missing_is_not_here(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    store.add(write_tiny_gguf(tmp_path / "tiny.gguf"), DEFAULT_MODEL).path.unlink()
    assert not any(offer.is_installed for offer in offers(store, 10**9))
