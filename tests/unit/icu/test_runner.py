"""An evaluation row by row: order, pausing, going on, patients that cannot be asked, a model that dies."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.errors import RunDiffers, RunError
from agents.icu.folder import EvaluationFolder
from agents.icu.runner import EvaluationRunner, PatientAsked, Prediction, SampledPatient
from agents.run_files import ROWS
from agents.run_records import ModelRecord
from llm.errors import ContextLengthError, ModelCancelled, ModelProcessDied
from tests.support.icu_rows import make_manifest

NAMES = ("p0", "p1", "p2")
PATIENTS = [SampledPatient(id=name, died=name == "p1", groups={"sex": "female"}) for name in NAMES]


class Known:
    """Predicts by the patient's number; ``fail`` may raise before."""

    def __init__(self, fail: Callable[[str], None] = lambda _: None) -> None:
        self.fail = fail
        self.asked: list[str] = []

    def predict(self, patient: str, *, cancel: threading.Event) -> Prediction:
        self.asked.append(patient)
        self.fail(patient)
        return Prediction(probability=int(patient[1:]) / 10, swapped={"sex": 0.5})


def make_runner(folder: Path, **predictors: Known) -> EvaluationRunner:
    return EvaluationRunner(
        folder=EvaluationFolder(folder),
        manifest=make_manifest(NAMES),
        patients=PATIENTS,
        predictors=predictors,
    )


def run(runner: EvaluationRunner, *, resume: bool = False) -> list[PatientAsked]:
    events = runner.run(resume=resume, cancel=threading.Event())
    return [event for event in events if isinstance(event, PatientAsked)]


def test_each_patient_is_asked_in_every_arm_before_the_next(tmp_path: Path) -> None:
    events = run(make_runner(tmp_path, plain=Known(), cap=Known()))
    rows = EvaluationFolder(tmp_path).rows()
    assert [(row.patient, row.arm) for row in rows] == [
        (name, arm) for name in NAMES for arm in ("plain", "cap")
    ]
    assert [event.row for event in events] == rows
    assert [(event.done, event.total) for event in events] == [(number, 6) for number in range(1, 7)]
    assert events[-1].seconds_left == 0
    assert (rows[2].died, rows[2].probability, rows[2].swapped) == (True, 0.1, {"sex": 0.5})
    assert EvaluationFolder(tmp_path).manifest() == make_manifest(NAMES)


def test_a_pause_keeps_what_is_done_and_a_torn_line_is_asked_again(tmp_path: Path) -> None:
    cancel = threading.Event()
    for event in make_runner(tmp_path, plain=Known(), cap=Known()).run(resume=False, cancel=cancel):
        if isinstance(event, PatientAsked) and event.done == 3:
            cancel.set()
    rows = tmp_path / ROWS
    rows.write_bytes(rows.read_bytes()[:-5])
    known = Known()
    again = run(make_runner(tmp_path, plain=Known(), cap=known), resume=True)
    assert [event.done for event in again] == [3, 4, 5, 6]
    assert known.asked == ["p1", "p2"]
    found = EvaluationFolder(tmp_path).rows()
    assert len({(row.arm, row.patient) for row in found}) == len(found) == 6


def test_what_is_there_is_neither_begun_again_nor_mixed_with_something_else(tmp_path: Path) -> None:
    run(make_runner(tmp_path, plain=Known()))
    with pytest.raises(RunError, match="--resume"):
        run(make_runner(tmp_path, plain=Known()))
    for field, value, word in (
        ("model", ModelRecord(name="m", sha256="1"), "another model"),
        ("sample", NAMES[:2], "other patients"),
        ("bank_sha256", "b", "other past cases"),
    ):
        other = EvaluationRunner(
            folder=EvaluationFolder(tmp_path),
            manifest=make_manifest(NAMES).model_copy(update={field: value}),
            patients=PATIENTS,
            predictors={"plain": Known()},
        )
        with pytest.raises(RunDiffers, match=word):
            run(other, resume=True)
    with pytest.raises(RunError, match="was not found"):
        EvaluationFolder(tmp_path / "nowhere").manifest()


def test_a_prompt_that_does_not_fit_is_a_row_with_the_reason(tmp_path: Path) -> None:
    def fail(patient: str) -> None:
        if patient == "p1":
            raise ContextLengthError(5000, 4096)

    run(make_runner(tmp_path, plain=Known(fail)))
    rows = EvaluationFolder(tmp_path).rows()
    assert [row.probability for row in rows] == [0.0, None, 0.2]
    assert "4096" in str(rows[1].error).replace(",", "").replace(" ", "")


def test_a_model_that_dies_is_asked_again_and_a_cancelled_one_is_not(tmp_path: Path) -> None:
    deaths = ["p0"]

    def die(patient: str) -> None:
        if patient in deaths:
            deaths.remove(patient)
            raise ModelProcessDied("It ended.")

    known = Known(die)
    run(make_runner(tmp_path / "died", plain=known))
    assert known.asked == ["p0", *NAMES]

    def cancel(patient: str) -> None:
        if patient == "p1":
            raise ModelCancelled("Stopped.")

    assert len(run(make_runner(tmp_path / "cancelled", plain=Known(cancel)))) == 1

    def always(patient: str) -> None:
        raise ModelProcessDied("It ended.")

    with pytest.raises(ModelProcessDied):
        run(make_runner(tmp_path / "dead", plain=Known(always)))
