"""The case bank on disk, and what follows from its lines."""

from pathlib import Path

import pytest

from rag.clinical.cases.bank import (
    ErrorKind,
    alert_cut,
    append_case,
    begin_bank,
    read_patient_bank,
)
from rag.errors import BrokenTable, CaseBankDiffers
from tests.support.patients import make_bank, make_head, make_patients


def test_a_bank_is_read_as_it_was_written(tmp_path: Path) -> None:
    bank = make_bank(make_patients(12))
    file = tmp_path / "folder" / "bank.jsonl"
    begin_bank(file, bank.head)
    for case in bank.cases:
        append_case(file, case)
    assert read_patient_bank(file) == bank
    assert read_patient_bank(file).is_whole


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_a_torn_line_is_passed_over_and_written_anew(tmp_path: Path, cut: int) -> None:
    bank = make_bank(make_patients(4))
    file = tmp_path / "bank.jsonl"
    begin_bank(file, bank.head)
    for case in bank.cases:
        append_case(file, case)
    file.write_bytes(file.read_bytes()[:-cut])
    assert len(read_patient_bank(file).cases) == 3
    assert begin_bank(file, bank.head).cases == bank.cases[:3]
    append_case(file, bank.cases[3])
    assert read_patient_bank(file) == bank


def test_a_bank_of_something_else_is_not_mixed(tmp_path: Path) -> None:
    file = tmp_path / "bank.jsonl"
    begin_bank(file, make_head(4))
    with pytest.raises(CaseBankDiffers, match="another model"):
        begin_bank(file, make_head(4, model_sha256="other"))


@pytest.mark.parametrize("content", ["", "{}\n", "text\n", '{"format": "bedside-cases"}\n'])
def test_what_is_no_bank_is_said(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bank.jsonl"
    file.write_text(content)
    with pytest.raises(BrokenTable, match="icu build"):
        read_patient_bank(file)


def test_there_are_as_many_alerts_as_deaths() -> None:
    bank = make_bank(make_patients(60))
    deaths = sum(bool(case.patient.died) for case in bank.cases)
    assert sum(case.probability >= bank.cut for case in bank.cases) == deaths
    kinds = [bank.error(case) for case in bank.errors]
    # As many alerts as deaths: each missed death has its false alarm.
    assert kinds.count(ErrorKind.MISSED_DEATH) == kinds.count(ErrorKind.FALSE_ALARM) > 0


def test_no_alert_without_a_death() -> None:
    assert alert_cut([0.2, 0.9], 0.0) == float("inf")
