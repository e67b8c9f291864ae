"""The patients' page: a table is read, its bank built and paused, one patient entered and estimated."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.desktop.views.patient_view import PatientView
from app.desktop.views.patients_page import PatientsPage
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.support.patients import make_patients
from tests.support.tiny_gguf import write_tiny_gguf

RISING = [[(-1.0 - 0.05 * number, -1.0)] for number in range(12)]
"""Of the training patients in turn: later ones are given less."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A ward of which some died, with a column that tells it."""
    lines = ["id,sex,age,died,los,hr,map,gcs,creatinine,lactate,diabetes"]
    for patient in make_patients(16):
        value = {str(name): each for name, each in patient.values.items()}
        names = ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate")
        cells = (
            patient.id,
            patient.sex,
            patient.age,
            int(bool(patient.died)),
            9,
            *(value[n] for n in names),
            0,
        )
        lines.append(",".join(map(str, cells)))
    file = tmp_path / "ward.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path) -> Window:
    """The desktop with one model."""
    write_tiny_gguf(tmp_path / "tiny.gguf")
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.wait_for_desk()
    window.view.add_files([tmp_path / "tiny.gguf"])
    window.settle()
    window.bedside.script.scores = list(RISING)
    window.view.show_page("icu")
    window.settle()
    return window


def read(window: Window, table: Path) -> PatientsPage:
    window.view.add_files([table])  # dropped on the page
    window.settle()
    return window.view.patients


def build(window: Window, table: Path) -> PatientView:
    page = read(window, table)
    window.qtbot.mouseClick(page.table.build, Qt.MouseButton.LeftButton)
    window.settle()
    page.show_tab(page.patient)
    window.qtbot.waitUntil(
        lambda: page.patient.form is not None and page.patient.form.is_built, timeout=30_000
    )
    return page.patient


def fill(view: PatientView, **values: str) -> None:
    assert view.form is not None
    for row in view.form.rows:
        if row.edit is not None and row.feature.name in values:
            row.edit.setText(values[row.feature.name])


def estimate(window: Window, view: PatientView) -> None:
    window.qtbot.mouseClick(view.estimate, Qt.MouseButton.LeftButton)
    window.settle()
    window.qtbot.waitUntil(lambda: not view.result.is_building, timeout=30_000)


def test_the_page_says_what_to_do_first(window: Window) -> None:
    page = window.view.patients
    assert page.patient.empty.isVisible()
    assert page.patient.choose_table.isVisible()
    page.show_tab(page.table)
    assert page.table.choose.isVisible()
    assert not page.table.build.isVisible()


def test_a_table_is_shown_as_it_is_understood(window: Window, table: Path) -> None:
    view = read(window, table).table
    assert "16 patients" in view.about.text()
    assert "los" in view.warnings.text()
    model = view.columns
    rows = [[model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())]
    assert rows[0][:2] == ["los", "left out: length of stay"]
    assert ["lactate", "lactate", "mmol/L"] in [row[:3] for row in rows]
    assert view.build.isEnabled()


def test_a_bank_is_built_and_one_patient_estimated(window: Window, table: Path) -> None:
    view = build(window, table)
    assert "11 patients" in view.about.text()
    assert not view.estimate.isEnabled()
    fill(view, heart_rate="128", lactate="700")
    assert not view.estimate.isEnabled()
    assert view.form is not None
    row = next(row for row in view.form.rows if row.feature.name == "lactate")
    assert row.problem.text() == "Plausible is 0.1-40 mmol/L"
    fill(view, lactate="7")
    assert row.problem.isHidden()
    window.bedside.script.scores = [[(-1.0, -1.0)], [(0.0, -40.0)]]
    estimate(window, view)
    result = view.result
    assert "100" in result.probability.text()
    assert "not calibrated" in result.about.text()
    assert result.cases
    sentences = " ".join(card.sentence.text() for card in result.cases)
    assert "a missed death" in sentences or "a false alarm" in sentences
    window.qtbot.mouseClick(result.use, Qt.MouseButton.LeftButton)
    text = window.view.chat.composer.edit.toPlainText()
    assert text.startswith("heart rate 128 /min (reference 51-90): above [")
    assert "lactate 7 mmol/L (reference up to 2): above [" in text


def test_a_paused_bank_goes_on(window: Window, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = read(window, table).table
    score, asked = window.bedside.script.score, count(1)

    def hang_at_the_fourth(*prompts: Any, cancel: threading.Event, **options: Any) -> Iterator[Any]:
        if next(asked) == 4:
            assert cancel.wait(30)
        return score(*prompts, cancel=cancel, **options)

    monkeypatch.setattr(window.bedside.script, "score", hang_at_the_fourth)
    window.qtbot.mouseClick(view.build, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: "3 of 11" in view.progress.sentence.text(), timeout=30_000)
    window.qtbot.mouseClick(view.progress.cancel, Qt.MouseButton.LeftButton)
    window.settle()
    assert "Paused" in view.note.text()
    window.qtbot.mouseClick(view.build, Qt.MouseButton.LeftButton)
    window.settle()
    assert "The bank is built" in view.note.text()
    assert not view.is_building
    assert next(asked) == 3 + 1 + 8 + 1  # the one that was stopped is asked again


def test_the_last_bank_that_can_be_used_is_opened(window: Window, table: Path) -> None:
    build(window, table)
    begun = window.bedside.home.icu / "begun.bank.jsonl"
    (built,) = window.bedside.icu.banks()
    begun.write_text(built.read_text().splitlines()[0] + "\n")
    assert window.bedside.icu.banks()[0] == begun
    page = window.view.patients
    page.patient.opened = None
    page.patient.open()
    window.settle()
    assert page.patient.opened is not None
    assert page.patient.opened.file == built
    assert window.view.notice.isHidden()


def test_what_cannot_be_estimated_is_said(window: Window, table: Path) -> None:
    from llm.errors import ModelError

    view = build(window, table)
    fill(view, heart_rate="128")
    window.bedside.script.error = ModelError("The model is gone.")
    estimate(window, view)
    assert view.result.problem.text() == "The model is gone."
    assert view.estimate.isEnabled()


def test_a_file_that_is_no_table_is_a_notice(window: Window, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague\n")
    window.view.patients.table.read([tmp_path / "letter.txt"])
    window.settle()
    assert "no columns" in window.view.notice.sentence.text()
    assert window.view.patients.table.table is None
