"""The conditions of all tests: no network for them and their children, an own home, no quiet warnings."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from app.paths import default_home
from tests.support.network_block import ATTEMPTS_FILE, NetworkBlocked

UNREACHABLE = "192.0.2.1"
"""TEST-NET-1: nobody's."""


@pytest.fixture
def attempts() -> Iterator[Path]:
    """The record of attempts; emptied afterwards, since here they are wanted."""
    path = Path(os.environ[ATTEMPTS_FILE])
    yield path
    path.unlink()


def test_connections_are_refused_and_recorded(attempts: Path) -> None:
    with socket.socket() as stream, pytest.raises(NetworkBlocked, match=UNREACHABLE):
        stream.connect((UNREACHABLE, 443))
    with socket.socket(type=socket.SOCK_DGRAM) as datagram, pytest.raises(NetworkBlocked):
        datagram.sendto(b"text", (UNREACHABLE, 53))
    with pytest.raises(NetworkBlocked):
        socket.getaddrinfo("example.org", 443)
    events = [line.split()[0] for line in attempts.read_text(encoding="utf-8").splitlines()]
    assert events == ["socket.connect", "socket.sendto", "socket.getaddrinfo"]


def test_children_inherit_the_watch(attempts: Path) -> None:
    script = "import socket; socket.getaddrinfo('example.org', 443)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "NetworkBlocked" in done.stderr
    assert attempts.read_text(encoding="utf-8") == "socket.getaddrinfo example.org\n"


def test_in_an_own_namespace_no_process_finds_a_way_out(has_own_network_namespace: bool) -> None:
    if not has_own_network_namespace:
        pytest.skip("this system does not let the tests have a network namespace of their own")
    script = f"import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('{UNREACHABLE}', 53))"
    # -I leaves the watch out: what refuses here is the kernel.
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr


def test_loopback_works() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
        client.sendall(b"x")
        assert accepted.recv(1) == b"x"


def test_the_folders_of_the_user_are_temporary() -> None:
    session_home = Path(os.environ["HOME"])
    assert session_home.is_relative_to(tempfile.gettempdir())
    cache, config = platformdirs.user_cache_path(), platformdirs.user_config_path()
    for folder in (Path.home(), cache, config, default_home()):
        assert folder.is_relative_to(session_home)


@pytest.mark.allow_logs  # The inner session shares this one's root logger.
@pytest.mark.parametrize(("marker", "failed"), [("", 1), ("@pytest.mark.allow_logs", 0)])
def test_a_warning_in_the_log_fails_unless_it_is_allowed(
    pytester: pytest.Pytester, marker: str, failed: int
) -> None:
    pytester.makeini("[pytest]\nmarkers = allow_logs")
    pytester.makepyfile(f"""
        import logging, pytest, threading

        {marker}
        def test_logs():
            thread = threading.Thread(target=logging.getLogger("far.away").warning, args=("careful",))
            thread.start()
            thread.join()

        def test_is_quiet():
            logging.getLogger("far.away").info("all is well")
    """)
    result = pytester.runpytest_inprocess("-p", "tests.support.log_fail")
    result.assert_outcomes(passed=2, errors=failed)
    assert ("WARNING far.away: careful" in result.stdout.str()) == bool(failed)
