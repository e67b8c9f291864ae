"""Reports of real runs, and the queue."""

import csv
import io
import json
import threading
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agents.errors import RunError
from agents.exams.estimate import Pace, estimate_queue
from agents.exams.importing import ImportedExam
from agents.exams.queue import ExamQueue, QueueEntry, QueueState, run_queue
from agents.exams.records import ExamArm, RunSettings
from agents.exams.report import gather, to_csv, to_html, to_json, to_markdown
from agents.exams.runner import ExamEvent
from agents.exams.runs import RunFolder
from agents.exams.service import RunRequest
from agents.run_files import ROWS
from tests.support.exam_run import make_exam, make_manifest, make_runner, open_tiny, run_exam
from tests.support.tiny_gguf import write_tiny_gguf

HOSTILE = "<script>alert(1)</script>=1+1"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> list[Path]:
    """Two runs on the same items; the second one has more right, and an abstention and hostile words."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("plain", "better"):
        list(run_exam(folder / name, tiny, 21))
    rows = RunFolder(folder / "better").rows()
    changed = [
        row.model_copy(update={"is_right": row.is_right or number % 2 == 0})
        for number, row in enumerate(rows)
    ]
    changed[0] = changed[0].model_copy(
        update={"question": HOSTILE, "method_answer": HOSTILE, "is_abstained": True, "sufficiency": 0.1}
    )
    (folder / "better" / ROWS).write_text(
        "".join(f"{row.model_dump_json()}\n" for row in changed), encoding="utf-8"
    )
    return [folder / "plain", folder / "better"]


class Page(HTMLParser):
    """Collects what a page would load, its scripts, and how deep its charts are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "data")]


def test_the_page_needs_nothing_else_and_runs_no_words_of_an_item(runs: list[Path]) -> None:
    text = to_html(gather(runs))
    page = Page(text)
    assert all(target.startswith("#") for target in page.loads)
    assert page.tags.count("script") == 1
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    assert page.tags.count("svg") >= 6
    assert text == to_html(gather(runs))


def test_every_item_is_on_the_page_with_its_prompt(runs: list[Path]) -> None:
    report = gather(runs)
    text = to_html(report)
    for row in report.runs[0].rows:
        assert row.id in text
    assert text.count("<pre>") == sum(len(run.rows) for run in report.runs)


def test_tables_compare_with_the_first_run(runs: list[Path]) -> None:
    report = gather(runs)
    (found,) = report.comparisons
    assert found["difference"] == pytest.approx(
        report.runs[1].figures["accuracy"] - report.runs[0].figures["accuracy"]
    )
    text = to_markdown(report)
    assert "## Compared with plain" in text
    assert "## By topic" in text
    assert "too few" in text
    assert json.loads(json.dumps(to_json(report)))["comparisons"][0]["second"] == "better"


def test_rows_of_a_table_hold_no_formula(runs: list[Path]) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(gather(runs)))))
    assert len(rows) == 42
    assert {row["run"] for row in rows} == {"plain", "better"}
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_items_with_evidence_are_reported_apart(runs: list[Path]) -> None:
    with_evidence = frozenset({"q1", "q2"})
    groups = gather(runs, with_evidence=with_evidence).runs[0].groups["evidence"]
    assert {name: found["n"] for name, found in groups.items()} == {
        "without evidence": 19,
        "with evidence": 2,
    }


def test_runs_are_compared_on_items_with_and_without_evidence(runs: list[Path]) -> None:
    report = gather(runs, with_evidence=frozenset({"q1", "q2"}))
    found = {each["items"]: each for each in report.comparisons}
    assert {name: each["n"] for name, each in found.items()} == {
        "all": 21,
        "with evidence": 2,
        "without evidence": 19,
    }
    assert {each["unmatched"] for each in found.values()} == {0}
    changed = [each["first_only"] + each["second_only"] for each in found.values()]
    assert changed[0] == changed[1] + changed[2] > 0
    assert "| better | with evidence | 2 |" in to_markdown(report)
    assert "without evidence" in to_html(report)


class TinyExams:
    """Runs on the tiny model, as the service does on a real one."""

    def __init__(self, tiny: Path) -> None:
        self._tiny = tiny
        self.evidence: list[tuple[Path, ...]] = []

    def run(self, request: RunRequest, *, cancel: threading.Event) -> Iterator[ExamEvent]:
        self.evidence.append(request.evidence)
        if request.settings.seed == 13:
            raise RunError("It cannot be run.")
        model = open_tiny(self._tiny)
        manifest = make_manifest(request.exam, request.settings)
        try:
            runner = make_runner(request.folder, request.exam.items, manifest, model)
            yield from runner.run(resume=request.resume, cancel=cancel)
        finally:
            model.close()


def read_made(_: Path, __: Sequence[str]) -> ImportedExam:
    return make_exam(3)


def make_queue(tmp_path: Path, *seeds: int) -> ExamQueue:
    queue = ExamQueue(tmp_path / "queue.json")
    for place, seed in enumerate(seeds):
        settings = RunSettings(arm=ExamArm.CLOSED, seed=seed)
        queue.add(QueueEntry(number=0, items=tmp_path, settings=settings, folder=tmp_path / f"run{place}"))
    return queue


def states(queue: ExamQueue) -> list[Any]:
    return [entry.state for entry in queue.entries()]


def test_a_run_that_fails_does_not_keep_the_others_waiting(tmp_path: Path, tiny: Path) -> None:
    queue, exams = make_queue(tmp_path, 0, 13, 1), TinyExams(tiny)
    list(run_queue(queue, exams, read_made, cancel=threading.Event()))
    assert states(queue) == [QueueState.DONE, QueueState.FAILED, QueueState.DONE]
    assert queue.entries()[1].reason == "It cannot be run."
    assert tmp_path / "run0" in exams.evidence[2]
    assert len(RunFolder(tmp_path / "run2").rows()) == 3


def test_a_paused_queue_goes_on_in_the_middle_of_a_run(tmp_path: Path, tiny: Path) -> None:
    queue, cancel = make_queue(tmp_path, 0, 1), threading.Event()
    for _, event in run_queue(queue, TinyExams(tiny), read_made, cancel=cancel):
        if getattr(event, "done", 0) == 2:
            cancel.set()
    assert states(queue) == [QueueState.WAITING] * 2
    list(run_queue(queue, TinyExams(tiny), read_made, cancel=threading.Event()))
    assert states(queue) == [QueueState.DONE] * 2
    assert len(RunFolder(tmp_path / "run0").rows()) == 3


def test_the_order_can_be_changed_while_the_queue_runs(tmp_path: Path, tiny: Path) -> None:
    queue, made = make_queue(tmp_path, 0, 1, 2), []
    for entry, _ in run_queue(queue, TinyExams(tiny), read_made, cancel=threading.Event()):
        if not made:
            queue.move(3, 2)
        made.append(entry.number)
    assert list(dict.fromkeys(made)) == [1, 3, 2]
    queue.move(2, 99)
    queue.move(3, 1)
    assert [entry.number for entry in queue.entries()] == [3, 1, 2]
    with pytest.raises(RunError, match="no run 9"):
        queue.move(9, 1)


def test_a_run_that_failed_can_wait_again(tmp_path: Path, tiny: Path) -> None:
    queue = make_queue(tmp_path, 13, 1)
    list(run_queue(queue, TinyExams(tiny), read_made, cancel=threading.Event()))
    assert queue.retry(1).state is QueueState.WAITING
    assert queue.retry(2).state is QueueState.DONE
    assert [(entry.state, entry.reason) for entry in queue.entries()] == [
        (QueueState.WAITING, None),
        (QueueState.DONE, None),
    ]


def test_the_time_left_goes_by_runs_of_the_same_kind(tmp_path: Path) -> None:
    closed, rag = (RunSettings(arm=arm) for arm in (ExamArm.CLOSED, ExamArm.RAG))

    def entry(number: int, settings: RunSettings, model: str | None, total: int | None = 10) -> QueueEntry:
        return QueueEntry(
            number=number, items=tmp_path, settings=settings, folder=tmp_path, model=model, total=total
        )

    paces = [
        Pace(model="small", settings=closed, items=4, seconds=8.0),
        Pace(model="small", settings=closed.model_copy(update={"seed": 7}), items=6, seconds=2.0),
        Pace(model="large", settings=closed, items=1, seconds=50.0),
    ]
    entries = [
        entry(1, closed, "small"),
        entry(2, closed, None),
        entry(3, rag, "small"),
        entry(4, closed, "large", total=None),
        entry(5, closed, "large").model_copy(update={"state": QueueState.DONE}),
    ]
    found = estimate_queue(entries, paces, done={1: 7}, model="small")
    assert found.by_run == {1: pytest.approx(3), 2: pytest.approx(10)}
    assert (found.seconds, found.waiting, found.unknown) == (pytest.approx(13), 4, 2)
    present = found.with_present(3, 40.0)
    assert (present.seconds, present.unknown) == (pytest.approx(53), 1)


def test_entries_keep_their_numbers_and_their_folders(tmp_path: Path) -> None:
    queue = make_queue(tmp_path, 0, 1)
    queue.remove(2)
    with pytest.raises(RunError, match="no run 2"):
        queue.remove(2)
    with pytest.raises(RunError, match="writes into"):
        queue.add(queue.entries()[0])
    settings = RunSettings(arm=ExamArm.CLOSED)
    added = queue.add(QueueEntry(number=0, items=tmp_path, settings=settings, folder=tmp_path / "other"))
    assert added.number == 3
