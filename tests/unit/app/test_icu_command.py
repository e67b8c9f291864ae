"""``bedside icu`` in this process, with a tiny model: preview, build, predict."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.parser import build_parser
from app.cli.run import run_command
from llm.model_store import ModelStore
from rag.clinical.cases.features import declared_features
from rag.clinical.cases.types import NOTICE
from tests.support.patients import make_patients
from tests.support.tiny_gguf import write_tiny_gguf

DOCS = Path(__file__).parents[3] / "docs"
Run = Any


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("icu")
    ModelStore(folder / "models").add(write_tiny_gguf(folder / "tiny.gguf"), "tiny")
    lines = ["stay,sex,age,race,died,los,hr,map,gcs,crea,lactate"]
    for patient in make_patients(24):
        value = {str(name): value for name, value in patient.values.items()}
        cells = (
            patient.id,
            patient.sex,
            patient.age,
            patient.race,
            int(bool(patient.died)),
            3,
            *(value[key] for key in ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate")),
        )
        lines.append(",".join(map(str, cells)))
    (folder / "wards.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def icu(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``bedside icu`` and return its status, what it printed, and its errors."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        where = ["--home", str(folder / "home"), "--models", str(folder / "models")]
        status = run_command(build_parser().parse_args(["icu", *map(str, words), *where]))
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_from_a_table_to_one_patient(icu: Run, folder: Path) -> None:
    table = folder / "wards.csv"
    status, out, err = icu("build", table, "--column", "id=stay", "--model", "tiny", "--json")
    assert status == 0, err
    built = json.loads(out)
    assert built.keys() >= {"patients", "deaths", "missed_deaths", "false_alarms", "whole", "notice", "out"}
    assert built["whole"] is True
    assert built["missed_deaths"] == built["false_alarms"] > 0
    assert Path(built["out"]).parent == folder / "home" / "icu"
    assert "los" in err
    status, out, _ = icu("build", table, "--column", "id=stay", "--model", "tiny")
    assert status == 0
    assert NOTICE in out

    status, out, err = icu("predict", "lactate=4", "map=60", "gcs=9", "hr=110", "sex=female", "--json")
    assert status == 0, err
    predicted = json.loads(out)
    assert predicted.keys() >= {"probability", "cases", "evidence", "notice"}
    assert predicted["evidence"][0]["text"].startswith("heart rate 110 /min (reference 51-90)")
    status, out, _ = icu("predict", table, "--column", "id=stay", "--row", "p3")
    assert status == 0
    assert "Evidence from the given values" in out
    assert "p3:" not in out  # never its own case
    assert NOTICE in out


def test_a_preview(icu: Run, folder: Path) -> None:
    status, out, _ = icu("preview", folder / "wards.csv", "--json")
    shown = json.loads(out)
    assert (status, shown["patients"], shown["left_out"]) == (0, 24, ["los"])
    assert {column["column"]: column["role"] for column in shown["columns"]}["crea"] == "feature"
    status, out, _ = icu("preview", folder / "wards.csv")
    assert "length of stay" in out
    assert NOTICE in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("predict", "shoe=44"), "'shoe' is no feature"),
        (("predict", "hr=80", "--bank", "nothing.jsonl"), "icu build"),
        (("preview", "nothing.csv"), "cannot be read"),
        (("build", "nothing.csv"), "cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line(icu: Run, words: tuple[str, ...], says: str) -> None:
    status, out, err = icu(*words)
    assert (status, out) == (1, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("share", ["0", "1", "half"])
def test_a_share_that_is_none_is_wrong_usage(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["icu", "build", "table.csv", "--test-share", share])
    assert caught.value.code == 2
    assert "share between 0 and 1" in capsys.readouterr().err


def test_every_feature_is_documented() -> None:
    text = (DOCS / "icu.md").read_text(encoding="utf-8")
    missing = [feature.name for feature in declared_features() if f"| `{feature.name}` |" not in text]
    assert missing == []
