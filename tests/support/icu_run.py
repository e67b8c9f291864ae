"""Building a bank with a tiny model, in this process or as a program of its own that a test can kill."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from agents.icu.building import BuildProgress
from agents.icu.service import BuildRequest, IcuService
from llm.model_store import ModelStore
from llm.prompts import PromptLibrary
from rag.clinical.cases.types import Patient, PatientTable, TableShape
from tests.support.exam_run import open_tiny
from tests.support.patients import features, make_patients


def make_table(count: int, patients: tuple[Patient, ...] = ()) -> PatientTable:
    return PatientTable(
        name="made.csv",
        sha256=f"made-{count}",
        shape=TableShape.WIDE,
        features=features(),
        patients=patients or make_patients(count),
    )


def make_service(folder: Path, models: Path) -> IcuService:
    """The service with the models of a folder, each opened in this process."""
    store = ModelStore(models)
    opened = {row.name: open_tiny(row.path) for row in store.rows()}
    return IcuService(
        folder=folder,
        make_model=lambda name: opened[name or "tiny"],
        make_background_model=lambda name: opened[name or "tiny"],
        find_model=lambda name: store.find(name or "tiny"),
        prompts=PromptLibrary(),
    )


def build(folder: Path, models: Path, count: int) -> Iterator[BuildProgress]:
    """Build ``folder/made-tiny.bank.jsonl``."""
    service = make_service(folder, models)
    yield from service.build(BuildRequest(table=make_table(count)), cancel=threading.Event())


if __name__ == "__main__":
    for event in build(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])):
        sys.stdout.write(f"{event.done}\n")
        sys.stdout.flush()
