"""Brings one file over HTTP, and goes on where the last attempt stopped."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from llm.downloads.remote import RemoteFile
from llm.errors import ModelDownloadError

if TYPE_CHECKING:
    import requests

ATTEMPTS = 5
"""So many in a row may bring nothing."""
PAUSE_SECONDS = 1.0
"""Between two attempts, times the number of those that brought nothing."""
CONNECT_SECONDS = 15.0
STALL_SECONDS = 30.0
"""A server that sends nothing for so long is asked anew."""
_BLOCK_BYTES = 2**16
_BUSY = {408, 425, 429, 500, 502, 503, 504}
"""Statuses that may be others a moment later."""
_OUT_OF_RANGE = 416


class _TryAgain(Exception):
    """An attempt ended before the file did."""


def fetch(
    remote: RemoteFile,
    target: Path,
    *,
    on_bytes: Callable[[int, int | None], None],
    need_space: Callable[[int], None],
) -> None:
    """Bring a file, or what is missing of it, to ``target``.

    Args:
        remote: the file on the server; the same as last time, where ``target`` has some of it.
        target: is added to, or begun anew where the server cannot send a part.
        on_bytes: told the bytes that are there and, where it is known, the size.
        need_space: raises where so many more bytes have no room.

    Raises:
        ModelDownloadError: the server refuses, does not answer or sends something else; ``target`` stays.
        OSError: the disk refuses.
    """
    import requests

    failures = 0
    with requests.Session() as session, target.open("ab") as file:
        while remote.size is None or file.tell() != remote.size:
            before = file.tell()
            try:
                _attempt(session, remote, file, on_bytes, need_space)
                break
            except (requests.RequestException, _TryAgain) as e:
                failures = 1 if file.tell() > before else failures + 1
                if failures >= ATTEMPTS:
                    raise ModelDownloadError(
                        "The server stopped sending or cannot be reached; what came is kept, please check "
                        "the connection and go on later."
                    ) from e
                time.sleep(PAUSE_SECONDS * failures)
        os.fsync(file.fileno())


def _attempt(
    session: "requests.Session",
    remote: RemoteFile,
    file: BinaryIO,
    on_bytes: Callable[[int, int | None], None],
    need_space: Callable[[int], None],
) -> None:
    """Ask once for what is missing, and write what comes."""
    start = file.tell()
    # A file that is packed on its way has other offsets.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    timeout = (CONNECT_SECONDS, STALL_SECONDS)
    with session.get(remote.url, headers=headers, stream=True, timeout=timeout) as answer:
        _check_status(answer.status_code)
        begin, size = _read_place(answer)
        if begin != start:
            file.truncate(0)
            file.seek(0)
        if begin not in (0, start):
            raise _TryAgain
        if remote.size is not None and size not in (None, remote.size):
            raise ModelDownloadError(
                "The file on the server was changed during the download; please start the download again."
            )
        size = size if size is not None else remote.size
        need_space(size - file.tell() if size is not None else 0)
        for block in answer.iter_content(_BLOCK_BYTES):
            file.write(block)
            file.flush()  # what came is kept, also when this process is killed
            on_bytes(file.tell(), size)
        if size is not None and file.tell() < size:
            raise _TryAgain


def _check_status(status: int) -> None:
    if status in _BUSY:
        raise _TryAgain
    if status not in (200, 206, _OUT_OF_RANGE):
        raise ModelDownloadError(
            f"The server does not give the file (status {status}); please try another mirror or model."
        )


def _read_place(answer: "requests.Response") -> tuple[int | None, int | None]:
    """Return where in the file an answer begins, and the file's size, as far as they are said."""
    if answer.status_code == _OUT_OF_RANGE:
        return None, None
    if answer.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        return (int(found[1]), int(found[2])) if found else (None, None)
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None
