"""Watched folders: what changed is found without reading what did not, and nothing is removed."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import parcels
from rag.errors import FolderNotFound
from rag.library import Library
from rag.types import AddStatus, FolderChanges, IngestProgress
from tests.support.library import add, add_one, open_library, write_document, write_documents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three documents."""
    write_documents(tmp_path / "watched")
    return tmp_path / "watched"


def synchronise(
    library: Library,
    folder: Path | None = None,
    *,
    cancel: threading.Event | None = None,
    on_progress: Callable[[IngestProgress], None] = lambda _: None,
) -> list[FolderChanges]:
    return library.synchronisation.synchronise(
        folder, cancel=cancel or threading.Event(), on_progress=on_progress
    )


def watched(library: Library, folder: Path, *, collection: str | None = None) -> FolderChanges:
    """Watch a folder and synchronise it for the first time."""
    library.synchronisation.watch(folder, collection=collection)
    (changes,) = synchronise(library, folder)
    return changes


def test_the_first_time_everything_is_new_then_nothing(library: Library, folder: Path) -> None:
    first = watched(library, folder, collection=" Ward ")
    assert [result.file.name for result in first.added] == ["heart.md", "intensive.md", "kidney.md"]
    assert {document.collections for document in library.documents()} == {("Ward",)}
    told: list[IngestProgress] = []
    (again,) = synchronise(library, on_progress=told.append)
    assert told == []
    assert again == FolderChanges(folder=folder, unchanged=3)
    (known,) = library.synchronisation.folders()
    assert (known.path, known.collection) == (folder, "Ward")
    assert known.synchronised is not None


def test_each_kind_of_change_is_told_apart(library: Library, folder: Path) -> None:
    watched(library, folder)
    before = {document.file: document.id for document in library.documents()}
    write_document(folder, "kidney", topics=["another topic"])
    write_document(folder / "deeper", "new", topics=["newness"])
    (folder / "heart.md").rename(folder / "deeper" / "rhythm.md")
    (folder / "intensive.md").unlink()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that could be read")
    (changes,) = synchronise(library)
    assert [result.file.name for result in changes.added] == ["new.md"]
    assert [(r.file.name, r.replaces) for r in changes.replaced] == [("kidney.md", before["kidney.md"])]
    assert [(m.old.name, m.new.name, m.document) for m in changes.moved] == [
        ("heart.md", "rhythm.md", before["heart.md"])
    ]
    assert [(m.path.name, m.document) for m in changes.missing] == [("intensive.md", before["intensive.md"])]
    assert [(r.file.name, bool(r.reason)) for r in changes.failed] == [("broken.pdf", True)]
    assert changes.unchanged == 0
    assert library.document(before["intensive.md"]).is_searchable
    (again,) = synchronise(library)
    assert (again.unchanged, len(again.missing), len(again.failed)) == (3, 1, 1)
    assert (again.added, again.replaced, again.moved) == ((), (), ())
    assert library.check().inconsistencies == ()


def test_a_copy_that_went_is_not_missing(library: Library, folder: Path) -> None:
    copy = folder / "second kidney.md"
    copy.write_bytes((folder / "kidney.md").read_bytes())
    assert watched(library, folder).unchanged == 1
    (folder / "kidney.md").unlink()
    (changes,) = synchronise(library)
    assert (changes.missing, changes.moved, changes.unchanged) == ((), (), 3)


def test_a_file_that_moved_between_folders_is_found_again(library: Library, folder: Path) -> None:
    other = folder.parent / "another"
    other.mkdir()
    library.synchronisation.watch(other)
    watched(library, folder)
    (folder / "kidney.md").rename(other / "kidney.md")
    changes = {each.folder: each for each in synchronise(library)}
    assert [moved.old for moved in changes[other].moved] == [folder / "kidney.md"]
    assert changes[folder].missing == ()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_whose_drive_is_gone_changes_nothing(library: Library, folder: Path, is_there: bool) -> None:
    watched(library, folder)
    folder.rename(folder.with_name("elsewhere"))
    if is_there:
        folder.mkdir()  # as an empty mount point
    (changes,) = synchronise(library)
    assert changes.reason is not None
    assert changes.reason.endswith(".")
    assert (changes.missing, changes.unchanged) == ((), 0)
    folder.with_name("elsewhere").rename(folder)
    (changes,) = synchronise(library)
    assert (changes.reason, changes.unchanged) == (None, 3)


def test_links_are_not_followed_and_a_loop_ends(library: Library, folder: Path) -> None:
    (folder / "deeper").mkdir()
    (folder / "deeper" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "itself").symlink_to(folder / "itself")
    changes = watched(library, folder)
    assert len(changes.added) == 3
    assert [result.file.name for result in changes.failed] == ["itself"]


def test_what_cannot_be_looked_into_is_said_and_not_missing(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_document(folder / "closed", "inside", topics=["secrets"])
    assert len(watched(library, folder).added) == 4
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):  # root may look into everything, so rights would not do it
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    (changes,) = synchronise(library)
    assert [result.file.name for result in changes.failed] == ["closed"]
    assert "rights" in str(changes.failed[0].reason)
    assert (changes.missing, changes.unchanged) == ((), 3)


@pytest.mark.skipif(os.name == "nt", reason="has no named pipes in folders")
def test_a_pipe_does_not_hold_it_up(library: Library, folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    changes = watched(library, folder)
    assert [result.file.name for result in changes.failed] == ["pipe.md"]
    assert len(changes.added) == 3


def test_stopped_in_between_it_goes_on_the_next_time(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MOST_FILES", 1)
    cancel = threading.Event()

    def stop(progress: IngestProgress) -> None:
        if progress.file_number == 2:
            cancel.set()

    library.synchronisation.watch(folder)
    (changes,) = synchronise(library, cancel=cancel, on_progress=stop)
    assert (len(changes.added), changes.is_whole) == (1, False)
    assert library.unfinished() == 0
    (changes,) = synchronise(library)
    assert (len(changes.added), changes.unchanged, changes.is_whole) == (2, 1, True)


def test_files_that_were_added_before_are_known(library: Library, folder: Path) -> None:
    add(library, folder)
    assert watched(library, folder).unchanged == 3
    library.synchronisation.unwatch(folder)
    assert library.synchronisation.folders() == []
    write_document(folder, "kidney", topics=["later"])
    result = add_one(library, folder / "kidney.md")
    assert (result.status, result.replaces is None) == (AddStatus.INDEXED, False)


def test_a_removed_new_version_is_looked_at_again(library: Library, folder: Path) -> None:
    watched(library, folder)
    write_document(folder, "kidney", topics=["later"])
    (changes,) = synchronise(library)
    (result,) = changes.replaced
    library.remove(library.document(result.document).id)
    (changes,) = synchronise(library)
    assert [(r.document, r.replaces) for r in changes.replaced] == [(result.document, result.replaces)]


def test_what_was_left_unfinished_is_not_taken_for_done(home: Path, folder: Path) -> None:
    from tests.unit.library.test_killed import die_while_adding

    files = sorted(folder.iterdir())
    die_while_adding(home, "embedding:1", files)
    library = open_library(home)
    assert library.unfinished()
    changes = watched(library, folder)
    assert len(changes.added) == 3
    assert library.check().inconsistencies == ()
    library.close()


def test_only_folders_can_be_watched(library: Library, folder: Path) -> None:
    with pytest.raises(FolderNotFound, match="no such folder"):
        library.synchronisation.watch(folder / "kidney.md")
    with pytest.raises(FolderNotFound, match="not watched"):
        library.synchronisation.unwatch(folder)
    with pytest.raises(FolderNotFound, match="not watched"):
        synchronise(library, folder)


def test_watching_again_gives_another_collection(library: Library, folder: Path) -> None:
    library.synchronisation.watch(folder, collection="One")
    library.synchronisation.watch(folder / ".." / folder.name, collection="Two")
    assert [each.collection for each in library.synchronisation.folders()] == ["Two"]
