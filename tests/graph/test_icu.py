"""Case prompting on a tiny model: banks that survive kills, predictions, refusals."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agents.errors import RunDiffers
from agents.icu.prediction import to_json
from agents.icu.service import BuildRequest, IcuService
from llm.errors import ModelError
from llm.model_store import ModelStore
from rag.clinical.cases.bank import read_patient_bank
from rag.clinical.cases.single import GivenPatient, read_given
from rag.clinical.cases.splitting import split_patients
from rag.clinical.cases.types import NOTICE, FeatureName, PatientId, PersonId
from rag.errors import CaseBankDiffers, PatientTableError
from tests.support.icu_run import build, make_service, make_table
from tests.support.patients import make_patient, make_patients
from tests.support.scripted_model import ScriptedModel
from tests.support.tiny_gguf import write_tiny_gguf

COUNT, KILLS = 60, 2
BANK = "made-tiny.bank.jsonl"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, seed in (("tiny", 0), ("other", 7)):
        ModelStore(folder).add(write_tiny_gguf(folder / f"{name}-file.gguf", seed=seed), name)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    folder = tmp_path_factory.mktemp("built")
    list(build(folder, models, COUNT))
    return folder / BANK


@pytest.fixture
def service(built: Path, models: Path) -> IcuService:
    return make_service(built.parent, models)


def test_the_training_side_is_asked_once_each_and_nobody_else(built: Path) -> None:
    bank = read_patient_bank(built)
    split = split_patients(make_patients(COUNT))
    assert [case.patient.id for case in bank.cases] == [patient.id for patient in split.train]
    assert bank.is_whole
    assert all(0 < case.probability < 1 for case in bank.cases)
    assert len({case.probability for case in bank.cases}) > len(bank.cases) / 2


def test_kills_leave_the_bank_of_an_undisturbed_build(tmp_path: Path, models: Path, built: Path) -> None:
    random = Random(5)
    command = [sys.executable, "-m", "tests.support.icu_run", str(tmp_path), str(models), str(COUNT)]
    for place in [*sorted(random.sample(range(3, 38), KILLS)), COUNT]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) >= place:
                    for _ in range(random.randrange(100_000)):
                        pass
                    child.kill()
                    break
    assert (tmp_path / BANK).read_bytes() == built.read_bytes()


def test_a_build_that_is_stopped_goes_on(tmp_path: Path, models: Path, built: Path) -> None:
    service, cancel = make_service(tmp_path, models), threading.Event()
    for event in service.build(BuildRequest(table=make_table(COUNT)), cancel=cancel):
        if event.done == 5:
            cancel.set()
    assert len(read_patient_bank(tmp_path / BANK).cases) == 5
    events = list(build(tmp_path, models, COUNT))
    assert (events[0].done, events[-1].done) == (5, events[-1].total)
    assert (tmp_path / BANK).read_bytes() == built.read_bytes()


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"model": "other"}, "another model"), ({"seed": 4}, "another seed"), ({"limit": 20}, "other patients")],
)
def test_a_bank_of_something_else_is_not_gone_on_with(
    built: Path, service: IcuService, changes: dict[str, Any], says: str
) -> None:
    request = replace(BuildRequest(table=make_table(COUNT), file=built), **changes)
    with pytest.raises(CaseBankDiffers, match=says):
        list(service.build(request, cancel=threading.Event()))


def test_a_prediction_stands_on_similar_errors_and_on_the_given_values(service: IcuService) -> None:
    given = GivenPatient(patient=make_patient(999, severity=0.5), notes=())
    bank = service.open_bank(None)
    prediction = service.predict(given, bank, cancel=threading.Event())
    shown = to_json(prediction)
    assert shown.keys() >= {"probability", "cases", "evidence", "notice"}
    assert 0 < shown["probability"] < 1
    assert shown["notice"] == NOTICE
    assert 1 <= len(shown["cases"]) <= 4
    for case in shown["cases"]:
        assert case["error"] == ("missed death" if case["died"] else "false alarm")
    assert {line["feature"] for line in shown["evidence"]} == set(given.patient.values)
    texts = " ".join(line["text"] for line in shown["evidence"])
    assert "lactate 5 mmol/L (reference up to 2): above" in texts
    assert prediction == service.predict(given, bank, cancel=threading.Event())


def test_a_patient_of_the_bank_is_never_its_own_case(service: IcuService) -> None:
    bank = service.open_bank(None)
    for case in bank.errors[:6]:
        stay = replace(case.patient, id=PatientId("another stay"), died=None)
        prediction = service.predict(GivenPatient(patient=stay, notes=()), bank, cancel=threading.Event())
        assert all(similar.case.patient.person != stay.person for similar in prediction.cases)


def test_nobody_comparable_is_said(service: IcuService) -> None:
    far = make_patient(999, severity=0.0)
    far = replace(far, person=PersonId("far"), values=dict.fromkeys(far.values, 39.0))
    prediction = service.predict(
        GivenPatient(patient=far, notes=()), service.open_bank(None), cancel=threading.Event()
    )
    assert to_json(prediction)["comparable"] is False
    assert "No comparable case in the bank." in to_json(prediction)["notes"]


def test_what_the_bank_does_not_know_is_said(service: IcuService) -> None:
    bank = service.open_bank(None)
    prediction = service.predict(read_given(["hr=100", "sodium=120"]), bank, cancel=threading.Event())
    assert "The bank does not know sodium; not used." in prediction.notes
    with pytest.raises(PatientTableError, match="none of these values"):
        service.predict(read_given(["sodium=120"]), bank, cancel=threading.Event())


def test_errors_of_another_model_are_refused(service: IcuService) -> None:
    with pytest.raises(RunDiffers, match="build a bank with it"):
        service.predict(
            GivenPatient(patient=make_patient(999, severity=0.5), notes=()),
            service.open_bank(None),
            model="other",
            cancel=threading.Event(),
        )


def test_no_bank_is_said(tmp_path: Path, models: Path) -> None:
    with pytest.raises(PatientTableError, match="icu build"):
        make_service(tmp_path, models).open_bank(None)


def test_who_somebody_is_reaches_the_model_but_not_the_choice_of_cases(service: IcuService) -> None:
    bank = service.open_bank(None)
    one = make_patient(999, severity=0.5, sex=None, race=None)
    shown = [
        service.predict(
            GivenPatient(patient=replace(one, race=race), notes=()), bank, cancel=threading.Event()
        )
        for race in ("white", "black")
    ]
    assert shown[0].cases == shown[1].cases
    assert shown[0].plain != shown[1].plain


def test_an_unfinished_bank_says_so(service: IcuService, built: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.jsonl"
    part.write_text("".join(built.read_text().splitlines(keepends=True)[:30]))
    bank = service.open_bank(part)
    prediction = service.predict(
        GivenPatient(patient=make_patient(999, severity=0.5), notes=()), bank, cancel=threading.Event()
    )
    assert any("not finished: 29 of" in note for note in prediction.notes)


def test_a_failing_model_ends_the_build_and_keeps_what_is_done(
    tmp_path: Path, models: Path, built: Path
) -> None:
    service = make_service(tmp_path, models)
    script = ScriptedModel(scores=[[(-1.0, -2.0)]])
    service._make_background_model = lambda _: script
    events = service.build(BuildRequest(table=make_table(COUNT)), cancel=threading.Event())
    assert [next(events).done for _ in range(4)] == [0, 1, 2, 3]
    script.error = ModelError("It failed.")
    with pytest.raises(ModelError, match="It failed"):
        next(events)
    assert len(read_patient_bank(tmp_path / BANK).cases) == 3


def test_values_are_kept_exactly(built: Path) -> None:
    for case in read_patient_bank(built).cases:
        original = next(p for p in make_patients(COUNT) if p.id == case.patient.id)
        assert case.patient == original
        assert case.patient.value(FeatureName("lactate")) == original.value(FeatureName("lactate"))
