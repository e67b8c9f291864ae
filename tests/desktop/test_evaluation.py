"""Evaluations in the window: a table, arms, figures with their intervals, a pause, the report."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QScrollArea

from agents.icu.folder import EvaluationFolder
from app.desktop.evaluation_operations import REPORT
from app.desktop.views.check_box import CheckBox
from app.desktop.views.evaluation_view import EvaluationView
from rag.clinical.cases.types import NOTICE
from tests.desktop.conftest import OpenWindow, ScriptedBedside, Window
from tests.support.patients import make_patients
from tests.support.tiny_gguf import write_tiny_gguf

NAMES = ("heart_rate", "mean_pressure", "gcs", "creatinine", "lactate")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A ward of forty patients."""
    lines = ["id,sex,age,race,died,hr,map,gcs,creatinine,lactate"]
    for patient in make_patients(40):
        value = {str(name): each for name, each in patient.values.items()}
        known = (patient.id, patient.sex, patient.age, patient.race, int(bool(patient.died)))
        lines.append(",".join(map(str, (*known, *(value[name] for name in NAMES)))))
    file = tmp_path / "ward.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def window(open_window: OpenWindow, tmp_path: Path) -> Window:
    """The desktop with one model, which gives each patient another probability."""
    write_tiny_gguf(tmp_path / "tiny.gguf")
    window = open_window(lambda: ScriptedBedside(tmp_path / "home", tmp_path / "models"))
    window.wait_for_desk()
    window.view.add_files([tmp_path / "tiny.gguf"])
    window.settle()
    window.bedside.script.scores = [[(-1.0 - 0.03 * number, -1.0)] * 3 for number in range(400)]
    window.view.show_page("icu")
    window.settle()
    return window


def read(window: Window, table: Path) -> EvaluationView:
    page = window.view.patients
    view = page.evaluation
    page.show_tab(view)
    view.read([table])
    window.settle()
    return view


def start(window: Window, view: EvaluationView, *arms: str, patients: int = 6) -> None:
    for arm, box in view.arms.items():
        box.setChecked(arm in arms)
    view.patients.setValue(patients)
    window.qtbot.mouseClick(view.start, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: not view.is_running, timeout=90_000)
    window.settle()


def cells(view: EvaluationView) -> list[list[str]]:
    model = view.results.figures
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_view_says_what_to_do_first_and_takes_the_table_of_its_neighbour(
    window: Window, table: Path
) -> None:
    page = window.view.patients
    window.qtbot.waitUntil(lambda: "evaluation" in vars(page), timeout=30_000)  # built unasked
    page.show_tab(page.evaluation)
    assert page.evaluation.choose.isVisible()
    assert not page.evaluation.start.isVisible()
    page.read([table])
    window.settle()
    page.show_tab(page.evaluation)
    assert "40 patients with a known outcome" in page.evaluation._about.text()
    assert page.evaluation.start.isEnabled()
    for box in page.evaluation.arms.values():
        box.setChecked(False)
    assert not page.evaluation.start.isEnabled()


def test_a_narrow_window_cuts_nothing(window: Window, table: Path) -> None:
    view = read(window, table)
    (area,) = view.findChildren(QScrollArea)
    for width in (1240, 1000):
        window.desktop.window.resize(width, 700)
        window.qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() == 0)
    assert {type(box) for box in view.arms.values()} == {CheckBox}


def test_arms_are_compared_and_reported(window: Window, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = read(window, table)
    start(window, view, "plain", "cap", "logistic")
    assert not view.is_running
    rows = cells(view)
    assert [row[0] for row in rows] == ["Plain prompt", "Similar past errors (CAP)", "Logistic regression"]
    assert all("(" in row[1] and "–" in row[1] for row in rows)
    assert rows[2][6] == "—"
    assert rows[0][6].endswith("%")
    assert "6 test patients" in view.results.review.text()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.qtbot.mouseClick(view.results.report, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: bool(opened), timeout=90_000)
    (file,) = opened
    assert Path(file).name == REPORT
    assert NOTICE in Path(file).read_text(encoding="utf-8")


def test_a_paused_evaluation_goes_on(window: Window, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = read(window, table)
    score, asked = window.bedside.script.score, count(1)

    def hang_at_the_fourth(*prompts: Any, cancel: threading.Event, **options: Any) -> Iterator[Any]:
        if next(asked) == 4:
            assert cancel.wait(30)
        return score(*prompts, cancel=cancel, **options)

    monkeypatch.setattr(window.bedside.script, "score", hang_at_the_fourth)
    for arm, box in view.arms.items():
        box.setChecked(arm == "plain")
    view.patients.setValue(6)
    window.qtbot.mouseClick(view.start, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: "3 of 6 predictions" in view.progress.sentence.text(), timeout=30_000)
    window.qtbot.mouseClick(view.progress.cancel, Qt.MouseButton.LeftButton)
    window.settle()
    assert not view.is_running
    assert "not at its end" in view.results.review.text()
    monkeypatch.undo()
    window.qtbot.mouseClick(view.start, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: not view.is_running, timeout=90_000)
    assert "not at its end" not in view.results.review.text()
    (folder,) = (window.bedside.home.icu / "evaluations").iterdir()
    assert len(EvaluationFolder(folder).rows()) == 6
