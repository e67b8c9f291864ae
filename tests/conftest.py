"""What holds for every test: no network, a home of its own, no window on the screen, no unasked-for log."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from app.paths import models_folder as find_models_folder
from installer.models import DEFAULT_MODELS, DefaultModels
from tests.support import network_block

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")  # A machine that is busy with something else fails no test.

pytest_plugins = ["pytester", "tests.support.log_fail"]

_session_home = pytest.StashKey[Path]()
_has_own_namespace = pytest.StashKey[bool]()
_OWN_NAMESPACE = "has_own_namespace"
"""What a session that runs the tests in several processes tells each of them."""


def pytest_configure(config: pytest.Config) -> None:
    """Close the doors before anything of the program is imported or started; in each process of the tests."""
    os.environ["BEDSIDE_MODELS"] = str(
        find_models_folder()
    )  # Before the home moves: the set-up filled this one.
    config.stash[_session_home] = home = Path(tempfile.mkdtemp(prefix="bedside-tests-"))
    _move_home(home)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _block_network(config, home / "network-attempts")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: "WorkerController") -> None:
    """Tell a process that is to run tests what it inherits of the network."""
    node.workerinput[_OWN_NAMESPACE] = node.config.stash[_has_own_namespace]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the session left in its home, and close what a library leaves open."""
    shutil.rmtree(config.stash[_session_home], ignore_errors=True)
    llama = sys.modules.get("llama_cpp._utils")
    for name in ("outnull_file", "errnull_file"):  # opened by its import, and warned of at the process's end
        getattr(llama, name, io.StringIO()).close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say under which conditions the tests run."""
    means = (
        "own namespace, loopback only" if config.stash[_has_own_namespace] else "watch on Python's sockets"
    )
    return [f"network: blocked ({means})", f"models: {os.environ['BEDSIDE_MODELS']}"]


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder with the default chat model and embedder; ask for it with the marker ``default_model``."""
    folder = Path(os.environ["BEDSIDE_MODELS"])
    missing = DefaultModels(folder, DEFAULT_MODELS).missing()
    if missing:
        reason = f"{'; '.join(model.title for model in missing)}: not in {folder}, run `make setup`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def has_own_network_namespace(pytestconfig: pytest.Config) -> bool:
    """Whether the kernel itself keeps this session and its children off the network."""
    return pytestconfig.stash[_has_own_namespace]


@pytest.fixture(autouse=True)
def fail_on_network_attempts() -> Iterator[None]:
    """Fail a test that tried to leave the machine, also where the error was swallowed or a child did it."""
    attempts = Path(os.environ[network_block.ATTEMPTS_FILE])
    yield
    if attempts.exists():
        tried = attempts.read_text(encoding="utf-8")
        attempts.unlink()
        pytest.fail(f"tried to reach the network:\n{tried}", pytrace=False)


def _move_home(home: Path) -> None:
    """Let everything that asks for the user's folders find them below ``home``."""
    folders = {"HOME": ".", "USERPROFILE": ".", "APPDATA": "roaming", "LOCALAPPDATA": "local"}
    folders |= {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    folders |= {"XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "runtime"}
    for variable, name in folders.items():
        folder = home / name
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ[variable] = str(folder)
    os.environ.pop("BEDSIDE_HOME", None)


def _block_network(config: pytest.Config, attempts: Path) -> None:
    os.environ[network_block.ATTEMPTS_FILE] = str(attempts)
    told: dict[str, bool] = getattr(config, "workerinput", {})
    # A process that was started to run tests has threads already, and its parent has left the network for it.
    config.stash[_has_own_namespace] = (
        told[_OWN_NAMESPACE] if _OWN_NAMESPACE in told else network_block.leave_network()
    )
    network_block.watch_sockets()
    if not told and config.getoption("numprocesses", default=None):
        return  # The processes that run the tests begin a watch of their own, and one is enough.
    hook = Path(network_block.__file__).parent / "offline"
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(hook), inherited] if inherited else [str(hook)])
