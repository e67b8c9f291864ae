"""``bedside calc``: what it prints, and with which status it ends."""

import json
from pathlib import Path

import pytest

from app.cli.parser import build_parser
from app.cli.run import run_command


def calc(home: Path, *words: str) -> int:
    return run_command(build_parser().parse_args(["calc", *words, "--home", str(home)]))


def test_a_result_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calc(tmp_path, "ckd-epi-2021", "creatinine=160 umol/L", "age=65", "sex=f", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == pytest.approx(30.68, abs=0.01)
    assert found["unit"] == "mL/min/1.73 m2"
    assert found["interpretation"] == {"text": "G3b", "source": "KDIGO 2024"}
    assert found["evidence"] == "eGFR (CKD-EPI 2021) 31 mL/min/1.73 m2: G3b [Inker 2021, KDIGO 2024]"
    assert found["source"].startswith("Inker LA")
    assert "no medical device" in found["notice"]


def test_a_result_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calc(tmp_path, "map", "systolic=120mmHg", "diastolic=60") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Mean arterial pressure (MAP) 80.0 mmHg [Gauer 1960]\n")
    assert "(120 + 2 × 60) / 3 = 80" in printed
    assert "no medical device" in printed


def test_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calc(tmp_path, "list", "--json") == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)["calculators"]}
    assert found["ckd-epi-2021"]["inputs"][0]["units"] == ["mg/dL", "umol/L", "mmol/L"]
    assert calc(tmp_path, "list", "kidney", "failure") == 0
    printed = capsys.readouterr().out
    assert "kfre-4" in printed
    assert "bazett" not in printed
    assert calc(tmp_path, "list", "astrology") == 0
    assert "No calculator" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "calc list"),
        (("egfrx",), 2, "no calculator 'egfrx'"),
        (("map", "systolic=120", "pulse=60"), 2, "it takes systolic, diastolic"),
        (("map", "systolic=120"), 2, "needs also diastolic"),
        (("map", "systolic"), 2, "KEY=VALUE"),
        (("map", "systolic=120", "systolic=130", "diastolic=60"), 2, "twice"),
        (("map", "systolic=1200", "diastolic=60"), 1, "cannot be"),
        (("map", "systolic=120kg", "diastolic=60"), 1, "mmHg or kPa"),
        (("map", "systolic=high", "diastolic=60"), 1, "number with its unit"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_status(
    words: tuple[str, ...], status: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calc(tmp_path, *words) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("bedside: ")
    assert err.count("\n") == 1
    assert said in err
