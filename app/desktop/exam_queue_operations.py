"""What the user does with the queue of exams: put runs into it, order them, make them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.exam_operations import exam_folder, read_all_runs
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.answer import Method
    from agents.exams.estimate import QueueEstimate
    from agents.exams.importing import ImportedExam
    from agents.exams.queue import ExamQueue, QueueEntry
    from agents.exams.records import ExamArm, RunSettings, Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamFile:
    """Items, and where they were read from."""

    exam: "ImportedExam"
    path: Path
    columns: tuple[str, ...] = ()
    """Of a table, where the guess was corrected; ``FIELD=COLUMN``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamPlan:
    """Runs of one exam, every model in every arm."""

    file: ExamFile
    arms: "tuple[ExamArm, ...]"
    models: tuple[str, ...]
    method: "Method | None"
    """Of the arms that it goes with; the model alone is asked without one."""
    cases: Path | None
    scoring: "Scoring"
    orders: int
    seed: int
    limit: int | None
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A run of the queue, and how far it is."""

    entry: "QueueEntry"
    done: int
    """Items that were asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue as it is now."""

    rows: tuple[QueueRow, ...]
    estimate: "QueueEstimate"

    @property
    def waiting(self) -> int:
        """How many runs are still to be made."""
        from agents.exams.queue import QueueState as State

        return sum(row.entry.state is State.WAITING for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far the run that is made now is."""

    number: int
    """Of its entry."""
    name: str
    """Of its folder."""
    done: int
    total: int
    seconds_left: float
    is_training: bool = False
    """Items to train on are asked first, for past cases."""


def read_queue(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Read the queue with an estimate of its time; the result is a :class:`QueueState`."""

    def work(_: Task) -> QueueState:
        from agents.exams.estimate import Pace, estimate_queue
        from agents.run_files import ROWS, read_whole_lines

        entries = _open_queue(desk).entries()
        done = {entry.number: len(read_whole_lines(entry.folder / ROWS)) for entry in entries}
        paces = [
            Pace(
                model=run.model, settings=run.settings, items=run.figures["n"], seconds=run.figures["seconds"]
            )
            for run in read_all_runs(exam_folder(desk))
        ]
        rows = tuple(QueueRow(entry=entry, done=done[entry.number]) for entry in entries)
        model = desk.bedside.settings.model
        return QueueState(rows=rows, estimate=estimate_queue(entries, paces, done=done, model=model))

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def change_queue(
    desk: Desk, owner: QObject, change: "Callable[[ExamQueue], object]", callbacks: Callbacks
) -> Task:
    """Move, remove or try again."""
    return desk.tasks.start(Worker.IO, lambda _: change(_open_queue(desk)), owner=owner, callbacks=callbacks)


def add_runs(desk: Desk, owner: QObject, plan: ExamPlan, callbacks: Callbacks) -> Task:
    """Put the runs of a plan at the end of the queue; one that waits there already is not put there twice.

    A run that was stopped goes on in its folder. The result is how many were put there.
    """

    def work(_: Task) -> int:
        queue, place = _open_queue(desk), exam_folder(desk)
        wanted = [(model, arm) for model in plan.models for arm in plan.arms]
        return sum(_add(queue, place, plan, model, arm) for model, arm in wanted)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def run_queue(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Make all runs that wait, one after the other; events are :class:`RunProgress`.

    The result is a sentence for each run that could not be made.
    """

    def work(task: Task) -> list[str]:
        from agents.exams.queue import QueueState as State
        from agents.exams.queue import run_queue

        queue = _open_queue(desk)
        before = {entry.number for entry in queue.entries() if entry.state is State.WAITING}
        for entry, event in run_queue(queue, desk.bedside.exams, _read_items, cancel=task.cancel):
            progress = _describe_progress(entry, event)
            if progress is not None:
                task.tell(progress)
        failed = [each for each in queue.entries() if each.state is State.FAILED and each.number in before]
        return [f"{each.folder.name}: {each.reason}" for each in failed]

    return desk.tasks.start(Worker.EXAM, work, owner=owner, callbacks=callbacks)


def _open_queue(desk: Desk) -> "ExamQueue":
    from agents.exams.queue import ExamQueue

    return ExamQueue(desk.bedside.home.exam_queue)


def _read_items(file: Path, columns: Sequence[str]) -> "ImportedExam":
    from agents.exams.importing import import_file

    return import_file(file, columns)


def _describe_progress(entry: "QueueEntry", event: object) -> RunProgress | None:
    from agents.exams.runner import ItemDone
    from agents.exams.service import TrainingDone

    if not isinstance(event, ItemDone | TrainingDone):
        return None
    return RunProgress(
        number=entry.number,
        name=entry.folder.name,
        done=event.done,
        total=event.total,
        seconds_left=event.seconds_left,
        is_training=isinstance(event, TrainingDone),
    )


def _add(queue: "ExamQueue", place: Path, plan: ExamPlan, model: str, arm: "ExamArm") -> bool:
    from agents.answer import Method
    from agents.exams.queue import QueueEntry
    from agents.exams.queue import QueueState as State
    from agents.exams.records import ExamArm, RunSettings
    from agents.exams.service import choose_items

    takes_method = plan.method is not None and (plan.method is Method.BASE) == (arm is ExamArm.CLOSED)
    settings = RunSettings(
        arm=arm,
        method=plan.method if takes_method else None,
        scoring=plan.scoring,
        orders=plan.orders,
        seed=plan.seed,
        limit=plan.limit,
        passages=plan.passages,
    )
    entry = QueueEntry(
        number=0,
        items=plan.file.path,
        columns=plan.file.columns,
        settings=settings,
        folder=place,
        model=model,
        cases=plan.cases,
        total=len(choose_items(plan.file.exam, settings)[0]),
    )
    same = [each for each in queue.entries() if _is_same(each, entry)]
    for each in same:
        if each.state is State.WAITING:
            return False
        if each.state is State.FAILED:
            queue.retry(each.number)
            return True
    taken = {each.folder for each in queue.entries()}
    queue.add(entry.model_copy(update={"folder": _choose_folder(plan, settings, model, place, taken)}))
    return True


def _is_same(one: "QueueEntry", other: "QueueEntry") -> bool:
    fields = ("items", "columns", "settings", "model", "cases")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _choose_folder(
    plan: ExamPlan, settings: "RunSettings", model: str, place: Path, taken: set[Path]
) -> Path:
    """Return the folder of a run that was stopped and can go on, else of a new one."""
    from agents.exams.runs import RunFolder
    from llm.model_store import clean_name

    name = clean_name("_".join(_name_parts(plan, settings, model)))
    number = 1
    while True:
        folder = place / (name if number == 1 else f"{name}_{number}")
        run = RunFolder(folder)
        if folder not in taken:
            if not run.exists:
                return folder
            manifest = run.manifest()
            is_same = manifest.settings == settings and manifest.exam_sha256 == plan.file.exam.sha256
            is_same = is_same and plan.cases is None and manifest.cases_sha256 is None
            if is_same and len(run.rows()) < len(manifest.items):
                return folder
        number += 1


def _name_parts(plan: ExamPlan, settings: "RunSettings", model: str) -> list[str]:
    """Name what is asked how, in as few words as tell it from other runs."""
    parts = [plan.file.exam.name, model, settings.arm, settings.method or ""]
    parts.append("" if settings.scoring == "likelihood" else settings.scoring)
    parts.append(f"{settings.orders}-orders" if settings.orders > 1 else "")
    parts.append("cases" if plan.cases else "")
    parts.append(f"first-{settings.limit}" if settings.limit else "")
    return [str(part) for part in parts if part]
