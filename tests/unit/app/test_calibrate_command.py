"""What ``models calibrate --show`` says of a model that has a calibration, and of one that has none."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from agents.calibration import Calibration, RelevanceCurve, SufficiencyCurve, write_calibration
from app.cli import calibrate
from app.cli.parser import build_parser
from llm.model_store import ModelStore
from tests.support.tiny_gguf import write_tiny_gguf


@pytest.fixture
def models(tmp_path: Path) -> Path:
    ModelStore(tmp_path / "models").add(write_tiny_gguf(tmp_path / "tiny.gguf"), "tiny")
    return tmp_path / "models"


def show(models: Path, *arguments: str) -> int:
    folders = ["--home", str(models.parent / "home"), "--models", str(models)]
    command = [*folders, "models", "calibrate", "tiny", "--show", *arguments]
    return calibrate.run(build_parser().parse_args(command), threading.Event())


def test_without_a_calibration_the_defaults_are_named(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(models) == 0
    assert "Not calibrated" in capsys.readouterr().out
    assert show(models, "--json") == 0
    row: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (row["model"], row["is_calibrated"], row["relevance"]) == ("tiny", False, None)
    sufficiency = SufficiencyCurve.model_validate(row["sufficiency"])
    assert sufficiency.probability(0.5, 0.4, 0.0) == pytest.approx(sufficiency.threshold)
    assert sufficiency.similarity > 0


def test_a_calibration_is_shown_as_it_was_measured(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = ModelStore(models).find("tiny")
    calibration = Calibration(
        sha256=row.sha256,
        embedding_model="all-MiniLM-L6-v2",
        relevance=RelevanceCurve(intercept=-1.0, score=2.0, grade=0.5),
        sufficiency=SufficiencyCurve(intercept=-9.0, similarity=12.0),
        questions=20,
    )
    write_calibration(calibration, row.path)
    assert show(models, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"model": "tiny", "is_calibrated": True, **calibration.model_dump(mode="json")}
