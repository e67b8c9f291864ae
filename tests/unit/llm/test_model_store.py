"""The models folder: what is added is there, what is broken is said, what fails leaves nothing behind."""

import hashlib
import os
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from llm.errors import (
    ModelCancelled,
    ModelError,
    ModelExists,
    ModelFileError,
    ModelNotFound,
    ModelStoreError,
)
from llm.model_store import REGISTRY_FILE, ModelStore, clean_name
from tests.support.tiny_gguf import write_tiny_gguf


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "Tiny Model (v1).gguf")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {f"{REGISTRY_FILE}.lock"}


def forbid_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system without hard links, or another disk."""

    def refuse(*paths: object, **options: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)


def test_a_new_folder_is_empty(store: ModelStore) -> None:
    assert store.rows() == []


def test_an_added_model_is_described(store: ModelStore, file: Path, tmp_path: Path) -> None:
    fractions: list[float] = []
    row = store.add(file, on_progress=fractions.append)
    assert row.name == "Tiny-Model-v1"
    assert row.path == tmp_path / "models" / "Tiny-Model-v1.gguf"
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (row.size, row.n_ctx, row.quantisation) == (file.stat().st_size, 4096, "F32")
    assert row.has_chat_template
    assert row.fits
    assert row.problem is None
    assert fractions[-1] == 1.0
    assert store.rows() == [row]
    assert store.find("tiny-model-V1") == row
    assert names_in(tmp_path / "models") == {REGISTRY_FILE, "Tiny-Model-v1.gguf"}


def test_a_copy_is_made_where_a_link_is_refused(
    store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = store.add(file, "linked")
    forbid_links(monkeypatch)
    copied = store.add(file, "copied")
    assert linked.path.samefile(file)
    assert not copied.path.samefile(file)
    assert copied.path.read_bytes() == file.read_bytes()
    assert copied.sha256 == linked.sha256


def test_the_same_file_again_changes_nothing(store: ModelStore, file: Path) -> None:
    assert store.add(file, "a") == store.add(file, "a") == store.find("a")


def test_another_file_of_the_same_name_is_refused(store: ModelStore, file: Path, tmp_path: Path) -> None:
    row = store.add(file, "a")
    other = write_tiny_gguf(tmp_path / "other.gguf", seed=1)
    with pytest.raises(ModelExists):
        store.add(other, "A")
    assert store.find("a") == row


def test_a_file_that_is_no_model_leaves_nothing(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(99))
    with pytest.raises(ModelFileError):
        store.add(tmp_path / "bad.gguf")
    assert store.rows() == []


@pytest.mark.parametrize("has_links", [True, False])
def test_a_cancelled_add_leaves_nothing(
    store: ModelStore, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:
        forbid_links(monkeypatch)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ModelCancelled):
        store.add(file, "a", cancel=cancel)
    assert store.rows() == []
    assert names_in(tmp_path / "models") == set()
    assert file.stat().st_size > 0


def test_a_full_disk_is_said_and_leaves_nothing(
    store: ModelStore, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_links(monkeypatch)
    monkeypatch.setattr("shutil.disk_usage", lambda path: _Usage())
    with pytest.raises(ModelStoreError, match="make room"):
        store.add(file, "a")
    assert names_in(tmp_path / "models") == set()


class _Usage:
    free = 1000


def test_what_a_killed_copy_left_is_cleared(store: ModelStore, file: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.part").write_bytes(b"half")
    store.add(file, "a")
    assert names_in(tmp_path / "models") == {REGISTRY_FILE, "a.gguf"}


def test_a_removed_model_is_gone_and_the_original_stays(
    store: ModelStore, file: Path, tmp_path: Path
) -> None:
    store.add(file, "a")
    store.remove("a")
    assert store.rows() == []
    assert names_in(tmp_path / "models") == {REGISTRY_FILE}
    assert file.exists()
    with pytest.raises(ModelNotFound):
        store.remove("a")
    with pytest.raises(ModelNotFound, match="none yet"):
        store.find("a")


def test_a_missing_file_is_said_and_can_be_added_again(store: ModelStore, file: Path) -> None:
    row = store.add(file, "a")
    row.path.unlink()
    (broken,) = store.rows()
    assert broken.problem is not None
    assert "missing" in broken.problem
    with pytest.raises(ModelFileError, match="missing"):
        store.find("a")
    assert store.add(file, "a") == row


def test_a_changed_file_is_said(store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_links(monkeypatch)
    row = store.add(file, "a")
    content = bytearray(row.path.read_bytes())
    content[-1] ^= 1
    row.path.write_bytes(content)
    os.utime(row.path, ns=(0, 0))
    with pytest.raises(ModelFileError, match="was changed"):
        store.find("a")


def test_a_new_time_alone_is_no_change(store: ModelStore, file: Path) -> None:
    row = store.add(file, "a")
    os.utime(row.path, ns=(0, 0))
    assert store.find("a") == row


def test_a_damaged_registry_is_said(store: ModelStore, file: Path, tmp_path: Path) -> None:
    store.add(file, "a")
    (tmp_path / "models" / REGISTRY_FILE).write_text('{"version": 1, "models": {"a": {')
    with pytest.raises(ModelStoreError, match="damaged"):
        store.rows()


def test_two_at_once_wait_for_each_other(
    store: ModelStore, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm.model_store._LOCK_SECONDS", 0)
    (tmp_path / "models").mkdir()
    with FileLock(tmp_path / "models" / f"{REGISTRY_FILE}.lock"), pytest.raises(ModelStoreError):
        store.add(file, "a")


def test_a_folder_that_cannot_be_made_is_said(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ModelStoreError, match="cannot be used"):
        ModelStore(tmp_path / "taken").add(file)


def test_a_file_is_checked_without_being_added(store: ModelStore, file: Path) -> None:
    row = store.check(file)
    assert (row.name, row.path, row.problem) == ("Tiny-Model-v1", file, None)
    assert store.rows() == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a b/c", "a-b-c"),
        ("../../etc", "etc"),
        ("Qwen2.5_1.5B", "Qwen2.5_1.5B"),
        ("x" * 99, "x" * 64),
        ("CON", "model-CON"),
        ("nul.Q4", "model-nul.Q4"),
        ("console", "console"),
    ],
)
def test_names_are_made_safe(text: str, name: str) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize("text", ["", "...", "模型"])
def test_a_name_needs_a_letter(text: str) -> None:
    with pytest.raises(ModelError, match="needs a letter"):
        clean_name(text)


def test_the_files_of_a_folder_are_added(store: ModelStore, file: Path, tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "B.GGUF", seed=1)
    (tmp_path / "a-bad.gguf").write_bytes(b"GGUF")
    fractions: list[float] = []
    *good, bad = store.add_all(tmp_path, on_progress=fractions.append)
    assert [row.name for row in good] == ["B", "Tiny-Model-v1"]
    assert bad.name == "a-bad"
    assert bad.problem is not None
    assert fractions == sorted(fractions)
    assert 0.99 < fractions[-1] <= 1
    assert {row.name for row in store.rows()} == {"B", "Tiny-Model-v1"}


def test_a_folder_without_models_is_said(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no GGUF file"):
        store.add_all(tmp_path)


def test_a_single_file_is_added_or_its_error_raised(store: ModelStore, file: Path, tmp_path: Path) -> None:
    assert store.add_all(file) == store.rows()
    with pytest.raises(ModelFileError):
        store.add_all(tmp_path / "missing.gguf")


def test_an_adopted_file_is_renamed(store: ModelStore, file: Path) -> None:
    inode, sha256 = file.stat().st_ino, hashlib.sha256(file.read_bytes()).hexdigest()
    store.folder.mkdir()
    row = store.adopt(file, "tiny", sha256=sha256)
    assert row.path.stat().st_ino == inode
    assert not file.exists()
    assert store.find("tiny") == row


def test_a_file_that_is_not_the_expected_one_is_not_adopted(store: ModelStore, file: Path) -> None:
    with pytest.raises(ModelFileError, match="not the file that was expected"):
        store.adopt(file, "tiny", sha256="0" * 64)
    assert file.exists()
    assert store.rows() == []
