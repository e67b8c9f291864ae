"""A small hub on loopback, which answers as the Hugging Face hub does where a model is fetched."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "1" * 40


class HubServer(ThreadingHTTPServer):
    """Serves the files of one folder as one model."""

    daemon_threads = True

    def __init__(self, repo: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.repo = repo
        self.folder = folder
        self.cuts = 0
        """How many answers with a file's bytes end in the middle."""
        self.requests: list[tuple[str, str]] = []
        """Method and path."""
        self.on_bytes = threading.Event()
        """Set when bytes of weights are asked for."""
        self.release = threading.Event()
        """Until it is set, the weights do not come."""
        self.release.set()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


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
        base = f"/{self.server.repo}/resolve/{COMMIT}/"
        if path.startswith(f"/api/models/{self.server.repo}"):
            self._send_model()
        elif path.startswith(base) and (self.server.folder / path.removeprefix(base)).is_file():
            self._send_file(self.server.folder / path.removeprefix(base), has_body=has_body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send_model(self) -> None:
        files = sorted(file for file in self.server.folder.rglob("*") if file.is_file())
        siblings = [
            {"rfilename": file.relative_to(self.server.folder).as_posix(), "size": file.stat().st_size}
            for file in files
        ]
        body = json.dumps({"id": self.server.repo, "sha": COMMIT, "siblings": siblings}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, file: Path, *, has_body: bool) -> None:
        content = file.read_bytes()
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if not has_body:
            return
        if file.suffix == ".safetensors":
            self.server.on_bytes.set()
            self.server.release.wait()
            if self.server.cuts > 0:
                self.server.cuts -= 1
                self.wfile.write(content[start : (start + len(content)) // 2])
                self.close_connection = True
                return
        self.wfile.write(content[start:])


@contextmanager
def serve_hub(repo: str, folder: Path) -> Iterator[HubServer]:
    """Serve until the end of the block."""
    server = HubServer(repo, folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
