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
    from agents.exams.records import ExamRow, RunSettings
    from agents.exams.tables import Mapping
    from app.desktop.exam_queue_operations import ExamFile

SAMPLE = "samples/exam/sample-exam.jsonl"
REPORT = "report.html"
CASES = "cases"
"""Folder of past cases, in the folder of exams."""


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
class TablePreview:
    """A table of items: its columns, what each is taken for, and what comes of it."""

    path: Path
    cells: "dict[str, tuple[str, ...]]"
    """The first cells of each column, by its name."""
    mapping: "Mapping"
    exam: "ImportedExam | None"
    """The items; ``None`` where they cannot be read in this way."""
    problem: str = ""
    """Then why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChoice:
    """Past cases that can be shown."""

    file: Path
    model: str
    """Whose wrong answers they are."""
    count: int


def read_exam(
    desk: Desk, owner: QObject, file: Path | None, callbacks: Callbacks, columns: Sequence[str] = ()
) -> Task:
    """Read a file of items, or the sample exam; the result is an ``ExamFile``.

    A table whose columns cannot be guessed and are not named gives a :class:`TablePreview` in its place.
    """

    def work(_: Task) -> "ExamFile | TablePreview":
        from agents.exams.errors import MappingNeeded
        from agents.exams.importing import import_file
        from app.desktop.exam_queue_operations import ExamFile

        path = file or _keep_sample(exam_folder(desk))
        try:
            return ExamFile(exam=import_file(path, columns), path=path, columns=tuple(columns))
        except MappingNeeded:
            return _preview(path, columns)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def preview_columns(
    desk: Desk, owner: QObject, file: Path, columns: Sequence[str], callbacks: Callbacks
) -> Task:
    """Read how a table would be read; the result is a :class:`TablePreview`."""
    return desk.tasks.start(Worker.IO, lambda _: _preview(file, columns), owner=owner, callbacks=callbacks)


def read_runs(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Read what runs there are; the result is a list of :class:`ExamRun`, the last begun first."""
    place = exam_folder(desk)

    return desk.tasks.start(Worker.IO, lambda _: read_all_runs(place), owner=owner, callbacks=callbacks)


def read_all_runs(place: Path) -> list[ExamRun]:
    """Read what runs there are in a folder, the last begun first; for a worker's thread."""
    from agents.errors import AnswerError
    from agents.run_files import MANIFEST

    found: list[tuple[str, ExamRun]] = []
    for manifest in place.glob(f"*/{MANIFEST}"):
        with suppress(AnswerError):  # a folder that is none, or of another version, is passed over
            found.append(_read_run(manifest.parent))
    return [run for _, run in sorted(found, key=lambda pair: pair[0], reverse=True)]


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
        from agents.exams.report import gather, to_html
        from agents.text_files import write_report

        file = runs[0] / REPORT
        write_report(file, to_html(gather(runs)))
        return file

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def keep_cases(desk: Desk, owner: QObject, run: Path, callbacks: Callbacks) -> Task:
    """Keep what a run got wrong as past cases; the result is a :class:`CaseChoice`."""
    folder = exam_folder(desk) / CASES

    def work(_: Task) -> CaseChoice:
        from agents.exams.cases import bank_of_run
        from agents.exams.errors import ExamFileError
        from llm.case_prompt import write_bank

        bank, file = bank_of_run(run), folder / f"{run.name}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExamFileError(f"{folder} cannot be made; please check the folder of exams.") from error
        write_bank(bank, file)
        return CaseChoice(file=file, model=bank.model, count=len(bank.cases))

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def read_case_choices(desk: Desk, owner: QObject, callbacks: Callbacks) -> Task:
    """Read which past cases are kept; the result is a list of :class:`CaseChoice`, by name."""
    folder = exam_folder(desk) / CASES

    def work(_: Task) -> list[CaseChoice]:
        from llm.case_prompt import read_bank
        from llm.errors import ModelError

        found = []
        for file in sorted(folder.glob("*.jsonl")):
            with suppress(ModelError):  # a damaged one is told when it is chosen, not here
                bank = read_bank(file)
                if bank is not None:
                    found.append(CaseChoice(file=file, model=bank.model, count=len(bank.cases)))
        return found

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def exam_folder(desk: Desk) -> Path:
    """Return where runs are kept: outside the data folder, since they hold passages that were found."""
    chosen = desk.bedside.settings.exam_folder
    if chosen:
        return Path(chosen)
    from platformdirs import user_documents_path

    return user_documents_path() / "Bedside exams"


def _keep_sample(place: Path) -> Path:
    """Copy the sample exam to where runs are kept, so that the queue finds it at night."""
    from agents.exams.errors import ExamFileError
    from resources import reader

    file = place / Path(SAMPLE).name
    try:
        place.mkdir(parents=True, exist_ok=True)
        file.write_text(reader.read_text(SAMPLE), encoding="utf-8")
    except OSError as error:
        raise ExamFileError(f"{file} cannot be written; please check the folder of exams.") from error
    return file


def _preview(file: Path, columns: Sequence[str]) -> TablePreview:
    """Show a table's columns, and what comes of them where that is known."""
    from agents.exams.errors import ExamError
    from agents.exams.importing import import_file
    from agents.exams.tables import preview_table, show_cells

    mapping = preview_table(file, pairs=columns, rows=0).mapping
    exam, problem = None, ""
    try:
        exam = import_file(file, columns)
    except ExamError as error:
        problem = str(error)
    return TablePreview(path=file, cells=show_cells(file), mapping=mapping, exam=exam, problem=problem)


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
