"""Case prompting as a user runs it: a table, a kill in the middle of its bank, one patient by hand."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end2end.conftest import PROJECT, Bedside
from tests.support.patients import make_patients

pytestmark = [pytest.mark.default_model, pytest.mark.timeout(600)]


def write_table(file: Path) -> Path:
    lines = ["id,sex,age,died,hr,map,gcs,creatinine,lactate"]
    for patient in make_patients(16):
        known = [patient.id, patient.sex, patient.age, int(bool(patient.died))]
        values = {str(name): value for name, value in patient.values.items()}
        names = ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate")
        lines.append(",".join(map(str, [*known, *(values[name] for name in names)])))
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_bank_survives_a_kill_and_serves_one_patient(tmp_path: Path, bedside: Bedside) -> None:
    table, bank = write_table(tmp_path / "ward.csv"), tmp_path / "ward.bank.jsonl"
    command = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "icu", "build", str(table)]
    with subprocess.Popen([*command, "--out", str(bank)], cwd=PROJECT, stderr=subprocess.DEVNULL) as child:
        while child.returncode is None and (not bank.exists() or bank.read_bytes().count(b"\n") < 4):
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.02)
        child.kill()
    asked = bank.read_bytes()[: bank.read_bytes().rfind(b"\n") + 1]
    assert asked.count(b"\n") >= 4

    built = bedside("icu", "build", table, "--out", bank, "--json")
    assert built.status == 0, built.err
    assert built.row["whole"] is True
    assert built.row["patients"] == 11
    assert bank.read_bytes().startswith(asked)

    patient = tmp_path / "patient.json"
    patient.write_text(json.dumps({"hr": 128, "map": 51, "gcs": 6, "lactate": 7.5, "age": 74, "sex": "male"}))
    said = bedside("icu", "predict", patient, "--bank", bank, "--json")
    assert said.status == 0, said.err
    row = said.row
    assert 0 < row["probability"] < 1
    assert {case["error"] for case in row["cases"]} <= {"missed death", "false alarm"}
    assert [line["feature"] for line in row["evidence"]] == ["heart_rate", "mean_pressure", "gcs", "lactate"]
    assert all(line["outside"] for line in row["evidence"])
    assert "no medical device" in row["notice"]
