"""What the user does with evaluations of predictions on patients: start, pause, look at what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.icu.building import BuildProgress
    from agents.icu.runner import EvaluationEvent
    from rag.clinical.cases.types import PatientTable

REPORT = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationProgress:
    """How far an evaluation is."""

    done: int
    total: int
    seconds_left: float
    is_training: bool
    """Whether these are training patients, who are asked first; else predictions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationResult:
    """What an evaluation shows, at its end or where it was paused."""

    folder: Path
    figures: Mapping[str, Any]
    """What ``icu evaluate --json`` prints."""


def start_evaluation(
    desk: Desk,
    owner: QObject,
    table: "PatientTable",
    *,
    model: str,
    arms: Sequence[str],
    patients: int,
    callbacks: Callbacks,
) -> Task:
    """Evaluate on a table; events are :class:`EvaluationProgress`, the result an :class:`EvaluationResult`.

    One of the same that was stopped goes on. ``None`` where it was stopped before its first patient.
    """

    def work(task: Task) -> EvaluationResult | None:
        from agents.icu.evaluating import EvaluationRequest
        from agents.icu.folder import EvaluationFolder
        from agents.icu.records import EvaluationSettings, IcuArm

        settings = EvaluationSettings(arms=tuple(IcuArm(arm) for arm in arms), patients=patients)
        service = desk.bedside.evaluations
        folder, is_begun = service.choose_folder(table, settings, model)
        request = EvaluationRequest(
            table=table, settings=settings, folder=folder, model=model, resume=is_begun
        )
        for event in service.run(request, cancel=task.cancel):
            progress = _describe(event)
            if progress is not None:
                task.tell(progress)
        return _read(folder) if EvaluationFolder(folder).exists else None

    return desk.tasks.start(Worker.EXAM, work, owner=owner, callbacks=callbacks)


def write_report(desk: Desk, owner: QObject, folder: Path, callbacks: Callbacks) -> Task:
    """Write the report of an evaluation into its folder; the result is the file."""

    def work(_: Task) -> Path:
        from agents.icu.folder import EvaluationFolder
        from agents.icu.report import to_html
        from agents.icu.summary import summarise
        from agents.text_files import write_report

        run, file = EvaluationFolder(folder), folder / REPORT
        write_report(file, to_html(summarise(run.manifest(), run.rows())))
        return file

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def _read(folder: Path) -> EvaluationResult:
    from agents.icu.folder import EvaluationFolder
    from agents.icu.json_form import to_json
    from agents.icu.summary import summarise

    run = EvaluationFolder(folder)
    return EvaluationResult(folder=folder, figures=to_json(summarise(run.manifest(), run.rows())))


def _describe(event: "EvaluationEvent | BuildProgress") -> EvaluationProgress | None:
    from agents.icu.runner import EvaluationBegun, PatientAsked

    if isinstance(event, EvaluationBegun):
        return None
    return EvaluationProgress(
        done=event.done,
        total=event.total,
        seconds_left=event.seconds_left,
        is_training=not isinstance(event, PatientAsked),
    )
