"""What the user does with exams: read items, run them, look at what came of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam
    from agents.exams.records import ExamArm, ExamRow, RunSettings, Scoring

SAMPLE = "samples/exam/sample-exam.jsonl"
REPORT = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamRun:
    """A run's folder, as the list shows it."""

    folder: Path
    exam: str
    model: str
    settings: "RunSettings"
    total: int
    figures: dict[str, Any]
    """Of the rows that are there; see docs/exams.md."""

    @property
    def is_whole(self) -> bool:
        """Whether every item was asked."""
        return bool(self.figures["n"] == self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far the runs that were started are."""

    run: int
    """From 1."""
    runs: int
    name: str
    done: int
    total: int
    seconds_left: float
    """Of this run."""


def read_exam(desk: Desk, owner: QObject, file: Path | None, callbacks: Callbacks) -> Task:
    """Read a file of items, or the sample exam; the result is an ``ImportedExam``."""

    def work(_: Task) -> "ImportedExam":
        from agents.exams.importing import import_exam
        from resources import reader

        if file is not None:
            return import_exam(file)
        with reader.open_path(SAMPLE) as sample:
            return import_exam(sample)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def start_runs(
    desk: Desk,
    owner: QObject,
    exam: "ImportedExam",
    *,
    arms: "Sequence[ExamArm]",
    models: Sequence[str],
    scoring: "Scoring",
    orders: int,
    callbacks: Callbacks,
) -> Task:
    """Run the exam with every model in every arm, one run after the other; events are :class:`RunProgress`.

    A run that was stopped goes on where it was. One that cannot be made is told at the end; the others are.
    """
    place = exam_folder(desk)

    def work(task: Task) -> list[str]:
        from agents.errors import AnswerError
        from agents.exams.records import RunSettings
        from llm.errors import ModelError
        from rag.errors import LibraryError

        wanted = [(model, arm) for model in models for arm in arms]
        problems: list[str] = []
        for number, (model, arm) in enumerate(wanted, 1):
            if task.cancel.is_set():
                break
            settings = RunSettings(arm=arm, scoring=scoring, orders=orders)
            try:
                _run_one(desk, task, exam, settings, model, place, (number, len(wanted)))
            except (AnswerError, ModelError, LibraryError) as error:
                if not task.cancel.is_set():
                    problems.append(f"{model}, {arm}: {error}")
        return problems

    return desk.tasks.start(Worker.EXAM, work, owner=owner, callbacks=callbacks)


def read_runs(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Read what runs there are; the result is a list of :class:`ExamRun`, the last begun first."""
    place = exam_folder(desk)

    def work(_: Task) -> list[ExamRun]:
        from agents.errors import AnswerError
        from agents.run_files import MANIFEST

        found: list[tuple[str, ExamRun]] = []
        for manifest in place.glob(f"*/{MANIFEST}"):
            with suppress(AnswerError):  # a folder that is none, or of another version, is passed over
                found.append(_read_run(manifest.parent))
        return [run for _, run in sorted(found, key=lambda pair: pair[0], reverse=True)]

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def read_rows(desk: Desk, owner: QObject, run: Path, callbacks: Callbacks) -> Task:
    """Read the rows of a run."""

    def work(_: Task) -> "list[ExamRow]":
        from agents.exams.runs import RunFolder

        return RunFolder(run).rows()

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def compare_runs(desk: Desk, owner: QObject, first: Path, second: Path, callbacks: Callbacks) -> Task:
    """Compare two runs; the result is what ``exam compare --json`` prints."""

    def work(_: Task) -> dict[str, Any]:
        from agents.exams.runs import RunFolder
        from agents.exams.summary import compare_rows

        return compare_rows(RunFolder(first).rows(), RunFolder(second).rows())

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def write_report(desk: Desk, owner: QObject, runs: Sequence[Path], callbacks: Callbacks) -> Task:
    """Write the report of some runs into the folder of the first; the result is the file."""

    def work(_: Task) -> Path:
        from agents.exams.errors import ExamFileError
        from agents.exams.report import gather, to_html

        file = runs[0] / REPORT
        try:
            file.write_text(to_html(gather(runs)), encoding="utf-8")
        except OSError as error:
            raise ExamFileError(f"{file} cannot be written; please check the folder of exams.") from error
        return file

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def exam_folder(desk: Desk) -> Path:
    """Return where runs are kept: outside the data folder, since they hold passages that were found."""
    chosen = desk.bedside.settings.exam_folder
    if chosen:
        return Path(chosen)
    from platformdirs import user_documents_path

    return user_documents_path() / "Bedside exams"


def _run_one(
    desk: Desk,
    task: Task,
    exam: "ImportedExam",
    settings: "RunSettings",
    model: str,
    place: Path,
    position: tuple[int, int],
) -> None:
    from agents.exams.runner import ItemDone
    from agents.exams.runs import EVIDENCE
    from agents.exams.service import RunRequest

    folder, is_begun = _choose_folder(place, exam, settings, model)
    request = RunRequest(
        exam=exam,
        settings=settings,
        folder=folder,
        model=model,
        evidence=tuple(file.parent for file in sorted(place.glob(f"*/{EVIDENCE}")) if file.parent != folder),
        resume=is_begun,
    )
    for event in desk.bedside.exams.run(request, cancel=task.cancel):
        if isinstance(event, ItemDone):
            task.tell(
                RunProgress(
                    run=position[0],
                    runs=position[1],
                    name=folder.name,
                    done=event.done,
                    total=event.total,
                    seconds_left=event.seconds_left,
                )
            )


def _choose_folder(
    place: Path, exam: "ImportedExam", settings: "RunSettings", model: str
) -> tuple[Path, bool]:
    """Return the folder of a run that was stopped and can go on, else of a new one; and which it is."""
    from agents.exams.runs import RunFolder
    from llm.model_store import clean_name

    parts = [exam.name, model, settings.arm, "" if settings.scoring == "likelihood" else settings.scoring]
    if settings.orders > 1:
        parts.append(f"{settings.orders}-orders")
    name = clean_name("_".join(part for part in parts if part))
    number = 1
    while True:
        folder = place / (name if number == 1 else f"{name}_{number}")
        run = RunFolder(folder)
        if not run.exists:
            return folder, False
        manifest = run.manifest()
        is_same = manifest.settings == settings and manifest.exam_sha256 == exam.sha256
        if is_same and len(run.rows()) < len(manifest.items):
            return folder, True
        number += 1


def _read_run(folder: Path) -> tuple[str, ExamRun]:
    from agents.exams.runs import RunFolder
    from agents.exams.summary import summarise

    run = RunFolder(folder)
    manifest = run.manifest()
    read = ExamRun(
        folder=folder,
        exam=manifest.exam,
        model=manifest.model.name,
        settings=manifest.settings,
        total=len(manifest.items),
        figures=summarise(run.rows()),
    )
    return manifest.started, read
