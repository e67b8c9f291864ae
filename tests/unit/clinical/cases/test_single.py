"""One patient by hand."""

import json
from pathlib import Path

import pytest

from rag.clinical.cases.single import read_given
from rag.clinical.ecg.types import Sex
from rag.errors import BrokenTable, ColumnsNeeded


def test_pairs_with_and_without_units() -> None:
    given = read_given(
        ["lactate=4.2", "creatinine=180 umol/L", "sex=female", "age=71", "temp=98.6 °F", "K=5.1"]
    )
    patient = given.patient
    assert dict(patient.values) == pytest.approx(
        {"lactate": 4.2, "creatinine": 2.036, "temperature": 37.0, "potassium": 5.1}, abs=0.001
    )
    assert (patient.sex, patient.age, patient.died) == (Sex.FEMALE, 71.0, None)
    assert given.notes == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["K=5.1", "Ca=8.8"], {"potassium": 5.1, "calcium": 8.8}),
        (["hr=90", "ca=2.2 mmol/L"], {"heart_rate": 90.0, "calcium": 8.817}),
        (["hr=90", "ca=metastatic"], {"heart_rate": 90.0, "cancer": 2.0}),
    ],
)
def test_ca_is_calcium_beside_potassium_or_with_a_unit(words: list[str], expected: dict[str, float]) -> None:
    assert dict(read_given(words).patient.values) == pytest.approx(expected, abs=0.001)


def test_what_is_not_plausible_or_tells_the_outcome_is_left_out_and_said() -> None:
    given = read_given(["lactate=420", "hr=90", "discharge_location=home"])
    assert set(given.patient.values) == {"heart_rate"}
    assert given.notes == (
        "lactate: the value is not plausible (0.1-40 mmol/L) and was left out.",
        "discharge_location tells the outcome and was left out.",
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["shoe_size=44"], "'shoe_size' is no feature"),
        (["creatinine=3 stones"], "unit stones"),
        (["lactate=high"], "cells are not understood"),
        (["lactate=420"], "not plausible"),
        (["age=70"], "No value"),
        (["hr=80", "lactate"], "KEY=VALUE"),
    ],
)
def test_what_cannot_be_used_is_said(words: list[str], says: str) -> None:
    with pytest.raises(ColumnsNeeded, match=says):
        read_given(words)


def test_a_row_of_a_file(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("id,hr,lac\n1,80,2\n2,90,3\n")
    assert read_given([str(table)], columns=["lactate=lac"], row="2").patient.values == {
        "heart_rate": 90.0,
        "lactate": 3.0,
    }
    with pytest.raises(ColumnsNeeded, match="--row"):
        read_given([str(table)])
    with pytest.raises(ColumnsNeeded, match="no patient"):
        read_given([str(table)], row="9")


def test_a_json_object(tmp_path: Path) -> None:
    file = tmp_path / "patient.json"
    file.write_text(json.dumps({"id": "x", "hr": 80, "lactate": None, "sex": "M"}))
    patient = read_given([str(file)]).patient
    assert (patient.id, dict(patient.values), patient.sex) == ("x", {"heart_rate": 80.0}, Sex.MALE)
    lines = tmp_path / "patient.jsonl"
    lines.write_text(json.dumps({"id": "a\u2028b", "hr": 80}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_given([str(lines)]).patient.id == "a\u2028b"
    file.write_text("[1]")
    with pytest.raises(BrokenTable, match="no object"):
        read_given([str(file)])
    file.write_text("{")
    with pytest.raises(BrokenTable, match="JSON"):
        read_given([str(file)])
