"""``bedside icu evaluate`` and ``report`` in this process, with a tiny model on a table written here."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.icu.folder import EvaluationFolder
from agents.run_files import ROWS
from app.cli.parser import build_parser
from app.cli.run import run_command
from llm.model_store import ModelStore
from rag.clinical.cases.types import NOTICE
from tests.support.patients import make_patients
from tests.support.tiny_gguf import write_tiny_gguf

ARMS = ("plain", "debias", "random", "cap", "knn", "logistic")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model, and a table of 60 patients with a severity score."""
    folder = tmp_path_factory.mktemp("icu")
    ModelStore(folder / "models").add(write_tiny_gguf(folder / "tiny.gguf"), "tiny")
    lines = ["id,sex,age,race,died,hr,map,gcs,crea,lactate,SOFA"]
    for patient in make_patients(60):
        values = {str(name): value for name, value in patient.values.items()}
        shown = [values[name] for name in ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate")]
        died, sofa = int(bool(patient.died)), round(values["lactate"])
        lines.append(
            ",".join(map(str, (patient.id, patient.sex, patient.age, patient.race, died, *shown, sofa)))
        )
    (folder / "ward.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def icu(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run ``bedside icu`` and return its status, what it printed, and its errors."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        where = ["--home", str(folder / "home"), "--models", str(folder / "models")]
        status = run_command(build_parser().parse_args(["icu", *map(str, words), *where]))
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_an_evaluation_from_table_to_report(icu: Any, folder: Path, tmp_path: Path) -> None:
    run, page = tmp_path / "run", tmp_path / "report.html"
    evaluate = ("evaluate", folder / "ward.csv", "--model", "tiny", "--patients", "10", "--out", run)
    status, out, err = icu(*evaluate, "--html", page, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert set(found["arms"]) == {*ARMS, "SOFA"}
    assert found["arm"] == "cap"
    for name in ("auroc", "auprc", "brier"):
        low, high = found["intervals"][name]
        assert low <= found[name] <= high
        assert found[name] == found["arms"]["cap"][name]
    assert set(found["gaps"]) == {"sex", "age", "race"}
    assert found["gaps"]["sex"]["left_out"]  # 10 patients are too few for any gap
    assert set(found["arms"]["cap"]["flips"]) == {"sex", "race"}
    assert found["arms"]["SOFA"]["auroc"] > 0.5
    assert (found["n"], found["sample"], found["notice"]) == (10, 10, NOTICE)
    assert NOTICE in page.read_text(encoding="utf-8")

    status, _, err = icu(*evaluate, "--json")
    assert status == 1
    assert "--resume" in err
    rows = run / ROWS
    rows.write_bytes(rows.read_bytes()[:-40])
    status, out, err = icu(*evaluate, "--resume", "--html", page, "--json")  # the row's time is another one
    assert status == 0, err
    assert json.loads(out)["auroc"] == found["auroc"]
    assert len(EvaluationFolder(run).rows()) == 70

    files = [tmp_path / name for name in ("again.html", "tables.md", "rows.csv")]
    status, out, _ = icu(
        "report", run, "--html", files[0], "--markdown", files[1], "--csv", files[2], "--json"
    )
    assert status == 0
    assert json.loads(out)["written"] == [str(file) for file in files]
    assert files[0].read_bytes() == page.read_bytes()
    assert len(files[2].read_text(encoding="utf-8").splitlines()) == 71
    status, out, _ = icu("report", run)
    assert out == files[1].read_text(encoding="utf-8")


def test_without_a_place_it_lies_in_the_data_folder(icu: Any, folder: Path) -> None:
    words = (
        "evaluate",
        folder / "ward.csv",
        "--patients",
        "6",
        "--arms",
        "logistic",
        "--model",
        "tiny",
        "--json",
    )
    first, second = (json.loads(icu(*words)[1]) for _ in range(2))
    assert Path(first["out"]) == folder / "home" / "icu" / "evaluations" / "ward-tiny"
    assert Path(second["out"]).name == "ward-tiny-2"
    assert first["auroc"] == second["auroc"]
    assert first["arm"] == "logistic"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "nowhere"), "was not found"),
        (("evaluate", "nothing.csv"), "cannot be read"),
        (("evaluate", "TABLE", "--bank", "TABLE", "--model", "tiny"), "no bank of patients"),
    ],
)
def test_what_is_wrong_is_one_line(icu: Any, folder: Path, words: tuple[str, ...], says: str) -> None:
    status, out, err = icu(*(str(folder / "ward.csv") if word == "TABLE" else word for word in words))
    assert (status, out) == (1, "")
    assert says in err
    assert err.count("\n") == 1
