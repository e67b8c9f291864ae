"""Evaluations on a tiny model: every arm, kills, what is refused, and what exchanging an attribute asks."""

import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agents.errors import RunDiffers
from agents.icu.building import BuildProgress
from agents.icu.errors import EvaluationError
from agents.icu.evaluating import draw_sample
from agents.icu.folder import EvaluationFolder
from agents.icu.json_form import to_json
from agents.icu.records import EvaluationSettings, IcuArm, PatientRow
from agents.icu.runner import PatientAsked
from agents.icu.summary import summarise
from llm.model_store import ModelStore
from rag.clinical.cases.splitting import split_patients
from tests.support.icu_evaluation_run import PATIENTS, SAMPLE, evaluate, make_evaluations, make_request
from tests.support.icu_run import make_table
from tests.support.patients import make_patients
from tests.support.tiny_gguf import write_tiny_gguf

KILLS, ARMS = 1, 6
"""The made patients have no severity score."""
MODEL_ARMS = ("plain", "debias", "random", "cap")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    ModelStore(folder).add(write_tiny_gguf(folder / "tiny-file.gguf"), "tiny")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def whole(home: Path, models: Path) -> EvaluationFolder:
    """An evaluation that nothing disturbed; its bank stays for the others."""
    events = list(evaluate(home, models, home / "whole"))
    assert sum(isinstance(event, BuildProgress) for event in events) == 43
    assert sum(isinstance(event, PatientAsked) for event in events) == SAMPLE * ARMS
    return EvaluationFolder(home / "whole")


def without_times(rows: list[PatientRow]) -> list[dict[str, Any]]:
    return [row.model_dump(exclude={"seconds", "tokens"}) for row in rows]


def test_every_arm_has_every_patient_and_none_of_the_training_side(whole: EvaluationFolder) -> None:
    rows, manifest = whole.rows(), whole.manifest()
    arms = list(dict.fromkeys(row.arm for row in rows))
    assert arms == ["plain", "debias", "random", "cap", "knn", "logistic"]
    assert whole.is_whole
    split = split_patients(make_patients(PATIENTS))
    assert set(manifest.sample) <= {patient.id for patient in split.test}
    shown = {case.id for row in rows for case in row.cases}
    assert shown <= {patient.id for patient in split.train}
    for row in rows:
        assert row.probability is not None
        assert bool(row.cases) == (row.arm in ("random", "cap"))
        assert bool(row.prompt) == (row.arm in MODEL_ARMS)
        assert set(row.swapped) <= ({"sex", "race"} if row.arm in ("plain", "cap") else set())
    assert any(row.swapped.get("sex", row.probability) != row.probability for row in rows)
    found = to_json(summarise(manifest, rows, resamples=50))
    assert found["n"] == SAMPLE
    assert found["auroc"] == found["arms"]["cap"]["auroc"]


def test_kills_leave_the_rows_of_an_undisturbed_evaluation(
    tmp_path: Path, home: Path, models: Path, whole: EvaluationFolder
) -> None:
    random = Random(3)
    total = SAMPLE * ARMS
    command = [
        sys.executable,
        "-m",
        "tests.support.icu_evaluation_run",
        str(home),
        str(models),
        str(tmp_path),
    ]
    for place in [*sorted(random.sample(range(3, total - 5), KILLS)), total + 1]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) >= place:
                    # Somewhere in the next prediction: it is asked or written while this spins.
                    for _ in range(random.randrange(100_000)):
                        pass
                    child.kill()
                    break
    assert without_times(EvaluationFolder(tmp_path).rows()) == without_times(whole.rows())


def test_a_swapped_prompt_differs_in_the_attribute_alone(whole: EvaluationFolder) -> None:
    row = next(row for row in whole.rows() if row.arm == "cap" and "sex" in row.swapped)
    patient = next(each for each in make_patients(PATIENTS) if each.id == row.patient)
    assert f", {patient.sex}" in row.prompt
    assert row.groups["sex"] == patient.sex


def test_a_stopped_evaluation_is_found_again_and_a_finished_one_is_not(
    home: Path, models: Path, whole: EvaluationFolder
) -> None:
    service = make_evaluations(home, models)
    request = make_request(Path("unused"), arms=(IcuArm.REGRESSION,), patients=4)
    place = service.choose_folder(request.table, request.settings, None)
    assert place == (home / "evaluations" / "made-tiny", False)
    cancel = threading.Event()
    run = make_request(place[0], arms=(IcuArm.REGRESSION,), patients=4)
    for event in service.run(run, cancel=cancel):
        if isinstance(event, PatientAsked):
            cancel.set()
    assert service.choose_folder(run.table, run.settings, None) == (place[0], True)
    again = make_request(place[0], resume=True, arms=(IcuArm.REGRESSION,), patients=4)
    list(service.run(again, cancel=threading.Event()))
    assert service.choose_folder(run.table, run.settings, None)[0].name == "made-tiny-2"


def test_the_bank_is_kept_apart_when_the_usual_one_is_of_another_split(
    home: Path, models: Path, whole: EvaluationFolder, tmp_path: Path
) -> None:
    service = make_evaluations(home, models)
    request = make_request(tmp_path / "run", arms=(IcuArm.VOTE,), patients=4, seed=1, training=12)
    list(service.run(request, cancel=threading.Event()))
    assert (tmp_path / "run" / "cases.bank.jsonl").exists()
    named = make_request(tmp_path / "named", arms=(IcuArm.VOTE,), patients=4, seed=2)
    object.__setattr__(named, "bank", tmp_path / "run" / "cases.bank.jsonl")
    with pytest.raises(RunDiffers, match="another table, model or split"):
        list(service.run(named, cancel=threading.Event()))


def test_a_bank_that_was_killed_before_its_first_line_is_begun_anew(models: Path, tmp_path: Path) -> None:
    usual = tmp_path / "made-tiny.bank.jsonl"
    usual.write_bytes(b"")
    request = make_request(tmp_path / "run", arms=(IcuArm.VOTE,), patients=4, training=12)
    list(make_evaluations(tmp_path, models).run(request, cancel=threading.Event()))
    assert EvaluationFolder(tmp_path / "run").is_whole
    assert usual.stat().st_size > 0


def test_what_cannot_be_evaluated_is_refused(home: Path, models: Path, tmp_path: Path) -> None:
    service = make_evaluations(home, models)
    with pytest.raises(EvaluationError, match="no arm"):
        list(service.run(make_request(tmp_path, arms=()), cancel=threading.Event()))


def test_a_sample_is_drawn_by_the_seed_alone() -> None:
    split = split_patients(make_table(PATIENTS).patients)
    settings = EvaluationSettings(arms=(), patients=10)
    first, again = (draw_sample(split, settings) for _ in range(2))
    assert first == again
    other = draw_sample(split, settings.model_copy(update={"seed": 1}))
    assert [each.id for each in first] != [each.id for each in other]
    assert len({each.id for each in first}) == 10
