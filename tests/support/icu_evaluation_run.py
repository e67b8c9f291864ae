"""An evaluation with a tiny model, in this process or as a program of its own that a test can kill."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from agents.icu.building import BuildProgress
from agents.icu.evaluating import EvaluationRequest, EvaluationService
from agents.icu.records import EvaluationSettings, IcuArm
from agents.icu.runner import EvaluationEvent, PatientAsked
from llm.model_store import ModelStore
from llm.prompts import PromptLibrary
from tests.support.exam_run import open_tiny
from tests.support.icu_run import make_service, make_table

PATIENTS, SAMPLE = 60, 8


def make_evaluations(folder: Path, models: Path) -> EvaluationService:
    """The service with the models of a folder, each opened in this process."""
    store = ModelStore(models)
    opened = {row.name: open_tiny(row.path) for row in store.rows()}
    return EvaluationService(
        folder=folder / "evaluations",
        icu=make_service(folder, models),
        make_model=lambda name: opened[name or "tiny"],
        find_model=lambda name: store.find(name or "tiny"),
        prompts=PromptLibrary(),
    )


def make_request(run: Path, *, resume: bool = False, **settings: object) -> EvaluationRequest:
    """Ask for all arms on a few patients."""
    chosen: dict[str, object] = {"arms": tuple(IcuArm), "patients": SAMPLE}
    return EvaluationRequest(
        table=make_table(PATIENTS),
        settings=EvaluationSettings.model_validate(chosen | settings),
        folder=run,
        resume=resume,
    )


def evaluate(folder: Path, models: Path, run: Path) -> Iterator[EvaluationEvent | BuildProgress]:
    """Evaluate into ``run``, or go on there."""
    request = make_request(run, resume=(run / "manifest.json").exists())
    yield from make_evaluations(folder, models).run(request, cancel=threading.Event())


if __name__ == "__main__":
    for event in evaluate(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])):
        if isinstance(event, PatientAsked):
            sys.stdout.write(f"{event.done}\n")
            sys.stdout.flush()
