"""The virtual environment: made once, with pinned packages, and recognised as current ever after."""

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from installer import native_build
from installer.errors import SetUpError

INSTALLER_VERSION = 3
"""Raised when the steps below change, so that environments made by the older ones are made anew."""
BYTES_NEEDED = 4_000_000_000
LLAMA = "llama-cpp-python"
USED_MODULES = (
    *("chromadb", "docx", "jinja2", "langgraph.graph", "llama_cpp", "lxml.etree", "markdown_it", "pydantic"),
    *("pymupdf", "PySide6.QtPdf", "PySide6.QtSvg", "PySide6.QtWidgets", "sqlalchemy.orm", "tesserocr"),
    *("sentence_transformers", "transformers.models.bert.modeling_bert", "charset_normalizer"),
    *("hypothesis", "pytest"),
)
"""What the program and its tests spend their start on."""
FOREIGN = frozenset({"llm", "openai-agents"})
"""Distributions whose import package has the name of one of ours: they would overwrite it."""


class Environment:
    """The project's own virtual environment."""

    def __init__(self, root: Path, wheels: Path) -> None:
        """``root``: the project's folder. ``wheels``: where compiled wheels are kept between environments."""
        self._root = root
        # A wheel is compiled for one processor: a home that several machines share has one for each.
        self._wheels = wheels / native_build.key()
        self._folder = root / ".venv"
        self._constraints = root / "installer" / "constraints.txt"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self._folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def is_current(self) -> bool:
        """Whether the last set-up came to its end and nothing it depends on has changed since."""
        try:
            return self._stamp.read_text(encoding="utf-8") == self._key() and self.python.exists()
        except OSError:
            return False

    @property
    def compiles(self) -> bool:
        """Whether making it takes a C++ compiler."""
        return self._llama_wheel() is None

    def build(self) -> None:
        """Make the environment or bring it up to date; goes on where an interrupted one stopped.

        Raises:
            SetUpError: with the reason in a sentence.
        """
        if shutil.disk_usage(self._root).free < BYTES_NEEDED:
            raise SetUpError(
                f"Bedside needs {BYTES_NEEDED / 1e9:.0f} GB of free disk space in {self._root} "
                "for its packages; please make room and run the set-up again."
            )
        self._stamp.unlink(missing_ok=True)
        if not self._is_usable():
            print("Making the virtual environment .venv", flush=True)
            _run([sys.executable, "-m", "venv", "--clear", str(self._folder)], "The virtual environment")
        self._pip("install", "pip", what="The package installer")
        self._keep_llama_wheel()
        print("Installing Python packages (on a fresh machine about 600 MB are downloaded)", flush=True)
        self._install_packages()
        foreign = foreign_distributions(self._site_packages)
        if foreign:
            raise SetUpError(
                f"The packages {', '.join(foreign)} would overwrite parts of Bedside; "
                "please remove the folder .venv and run the set-up again."
            )
        self._write_bytecode()
        self.mark_current()

    def mark_current(self) -> None:
        """Note that the set-up came to its end with what the project asks for now."""
        self._stamp.write_text(self._key(), encoding="utf-8")

    def describe(self) -> str:
        """Return a sentence or two on how large it is."""
        text = f"The environment .venv takes {size_of(self._folder) / 1e9:.1f} GB."
        cuda = size_of(self._site_packages / "nvidia")
        if cuda:
            text += (
                f" {cuda / 1e9:.1f} GB of it are CUDA libraries that came with torch; "
                "the README says how to take the CPU build of torch instead."
            )
        return text

    @property
    def _stamp(self) -> Path:
        return self._folder / "bedside-setup"

    @property
    def _site_packages(self) -> Path:
        if os.name == "nt":
            return self._folder / "Lib" / "site-packages"
        return next(self._folder.glob("lib/python3*/site-packages"))

    def _key(self) -> str:
        project = tomllib.loads((self._root / "pyproject.toml").read_text(encoding="utf-8"))
        parts = {
            "installer": INSTALLER_VERSION,
            "root": str(self._root),
            "project": {name: project[name] for name in ("build-system", "project", "dependency-groups")},
            "constraints": self._constraints.read_text(encoding="utf-8"),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _is_usable(self) -> bool:
        """Whether it was made for this place and its pip runs: an interruption or a new Python breaks it."""
        try:
            if str(self._folder) not in (self._folder / "pyvenv.cfg").read_text(encoding="utf-8"):
                return False
            command = [str(self.python), "-m", "pip", "--version"]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def _install_packages(self) -> None:
        # Of the same version pip would leave what is there, also if that was compiled in another way.
        wheel = ("--no-deps", "--no-compile", "--force-reinstall", str(self._llama_wheel()))
        self._pip("install", *wheel, what="The wheel of llama-cpp-python")
        self._pip(
            *("install", "--no-compile", "--find-links", str(self._wheels), "--only-binary", LLAMA),
            *("--build-constraint", str(self._constraints), "--editable", str(self._root), "--group", "dev"),
            what="The Python packages",
        )

    def _write_bytecode(self) -> None:
        """Import once what Bedside imports: bytecode of that and no more, also where Python writes none."""
        print("Preparing the first start", flush=True)
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        command = [str(self.python), "-c", f"import {', '.join(USED_MODULES)}"]
        _run(command, "What the packages need to start", environment | {"HF_HUB_OFFLINE": "1"})

    def _llama_wheel(self) -> Path | None:
        pinned = pinned_version(self._constraints, LLAMA)
        return next(self._wheels.glob(f"{LLAMA.replace('-', '_')}-{pinned}-*.whl"), None)

    def _keep_llama_wheel(self) -> None:
        """Compile llama-cpp-python, which comes as source, unless its wheel was kept by an earlier set-up."""
        if self._llama_wheel() is not None:
            return
        print("Compiling llama-cpp-python once (about six minutes on two cores)", flush=True)
        self._wheels.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._wheels) as scratch:
            options = ("--no-deps", "--no-cache-dir", "--wheel-dir", scratch)
            environment = native_build.environment(os.environ)
            self._pip("wheel", *options, LLAMA, what="The wheel of llama-cpp-python", environment=environment)
            for wheel in Path(scratch).glob("*.whl"):
                wheel.replace(self._wheels / wheel.name)

    def _pip(self, *arguments: str, what: str, environment: Mapping[str, str] | None = None) -> None:
        common = ("--constraint", str(self._constraints), "--progress-bar", "off")
        _run([str(self.python), "-m", "pip", *arguments, *common], what, environment)


def default_wheels() -> Path:
    """Return the folder of compiled wheels in the user's cache, outside the project."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "bedside" / "wheels"


def foreign_distributions(site_packages: Path) -> list[str]:
    """Return the installed distributions that would overwrite our packages."""
    found = importlib.metadata.distributions(path=[str(site_packages)])
    return sorted(FOREIGN.intersection(re.sub(r"[-_.]+", "-", each.name).lower() for each in found))


def pinned_version(constraints: Path, name: str) -> str:
    """Return the version that the constraints give a distribution (``name`` as it is written there)."""
    lines = constraints.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{name}==")).partition("==")[2]


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder; 0 where it is not there."""
    total = 0
    for parent, _, files in os.walk(folder):
        total += sum((Path(parent) / name).lstat().st_size for name in files)
    return total


def _run(command: list[str], what: str, environment: Mapping[str, str] | None = None) -> None:
    try:
        subprocess.run(command, check=True, env=environment)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetUpError(
            f"{what} could not be installed; please see the messages above, check the network and the disk, "
            "and run the set-up again: it goes on where it stopped."
        ) from error
