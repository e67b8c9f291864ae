"""What is said of a folder without an exam run."""

import threading
from pathlib import Path

import pytest

from agents.errors import RunError
from agents.exams.runs import RunFolder
from app.cli import exam_compare
from app.cli.parser import build_parser


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for read in (RunFolder.rows, RunFolder.manifest):
        with pytest.raises(RunError, match=f"{gone} was not found"):
            read(RunFolder(gone))
        with pytest.raises(RunError, match=f"{tmp_path} holds no exam run"):
            read(RunFolder(tmp_path))


def test_comparing_with_a_missing_run_says_which(tmp_path: Path) -> None:
    command = build_parser().parse_args(["exam", "compare", str(tmp_path / "a"), str(tmp_path / "b")])
    with pytest.raises(RunError, match="a was not found; please name the folder of a run"):
        exam_compare.compare(command, threading.Event())
