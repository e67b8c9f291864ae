"""The command line as a user runs it: a process of its own, with the default models."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "resources" / "samples"


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output, one a line, and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        (row,) = self.rows
        return row


Bedside = Callable[..., Finished]


def run_bedside(home: Path, *arguments: str | Path) -> Finished:
    """Run one command to its end."""
    command = [sys.executable, "-m", "app", "--home", str(home), *map(str, arguments)]
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return Finished(finished.returncode, finished.stdout, finished.stderr)


@pytest.fixture
def bedside(tmp_path: Path, models_folder: Path) -> Bedside:
    """Run commands on a data folder of the test's own."""
    return lambda *arguments: run_bedside(tmp_path / "home", *arguments)


@pytest.fixture(scope="module")
def sample_home(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Path:
    """A data folder with the sample library; tests that use it leave it as it is."""
    home = tmp_path_factory.mktemp("sample") / "home"
    finished = run_bedside(home, "library", "add", SAMPLES / "library", "--json")
    assert finished.status == 0, finished.err
    assert [row["status"] for row in finished.rows] == ["indexed"] * 3
    return home
