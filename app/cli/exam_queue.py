"""``bedside exam queue``: runs that are made one after the other, as over night."""

import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.exam_import import read_exam
from app.cli.exam_run import figures_of, format_duration, read_request, refuse_method, show_event
from app.cli.open import home_of, opened
from app.cli.output import clear_progress, print_json, print_table
from app.paths import Home
from app.settings import read_settings

if TYPE_CHECKING:
    from agents.exams.estimate import QueueEstimate
    from agents.exams.queue import ExamQueue, QueueEntry


def change_queue(arguments: Namespace, cancel: threading.Event) -> int:
    """Add, list, move, remove, let wait again, or run what waits."""
    verbs = {"add": _add, "list": _list, "move": _move, "remove": _remove, "retry": _retry, "run": _run}
    return verbs[arguments.verb](arguments, cancel)


def _open(arguments: Namespace) -> "ExamQueue":
    from agents.exams.queue import ExamQueue

    return ExamQueue(Home(home_of(arguments)).exam_queue)


def _add(arguments: Namespace, cancel: threading.Event) -> int:
    from agents.exams.queue import QueueEntry
    from agents.exams.service import choose_items

    if (problem := refuse_method(arguments.arm, arguments.method)) is not None:
        print(f"bedside: {problem}", file=sys.stderr)
        return 2
    arguments.resume = False
    request = read_request(arguments)  # what cannot be read is said now, not at night
    entry = QueueEntry(
        number=0,
        items=arguments.items.resolve(),
        columns=tuple(arguments.columns),
        settings=request.settings,
        folder=arguments.out.resolve(),
        model=arguments.model,
        cases=arguments.cases.resolve() if arguments.cases else None,
        evidence=tuple(folder.resolve() for folder in arguments.evidence),
        total=len(choose_items(request.exam, request.settings)[0]),
    )
    _print([_open(arguments).add(entry)], arguments)
    return 0


def _list(arguments: Namespace, cancel: threading.Event) -> int:
    entries = _open(arguments).entries()
    rows = [_describe(entry) for entry in entries]
    estimate = _estimate(entries, arguments)
    if arguments.json:
        print_json({"queue": rows, "seconds_left": estimate.seconds, "not_estimated": estimate.unknown})
    elif entries:
        names = ("number", "state", "items", "arm", "model", "done", "out", "reason")
        print_table(
            [
                tuple(name.upper() for name in names),
                *(tuple("" if row[n] is None else str(row[n]) for n in names) for row in rows),
            ]
        )
        if estimate.waiting:
            print(_describe_time(estimate))
    else:
        print("The queue is empty; add a run with: bedside exam queue add ITEMS --arm ARM --out RUN")
    return 0


def _estimate(entries: "list[QueueEntry]", arguments: Namespace) -> "QueueEstimate":
    """Estimate from what the runs of the queue took themselves."""
    from agents.exams.estimate import Pace, estimate_queue
    from agents.exams.runs import RunFolder

    paces, done = [], {}
    for entry in entries:
        run = RunFolder(entry.folder)
        if run.exists:
            rows, manifest = run.rows(), run.manifest()
            done[entry.number] = len(rows)
            seconds = sum(row.seconds.total for row in rows)
            paces.append(
                Pace(model=manifest.model.name, settings=manifest.settings, items=len(rows), seconds=seconds)
            )
    model = read_settings(Home(home_of(arguments)).settings).model
    return estimate_queue(entries, paces, done=done, model=model)


def _describe_time(estimate: "QueueEstimate") -> str:
    if not estimate.by_run:
        return "how long it takes is known when some items are done"
    left = f"about {format_duration(estimate.seconds)} left"
    return left + (f"; of {estimate.unknown} runs it is not known yet" if estimate.unknown else "")


def _remove(arguments: Namespace, cancel: threading.Event) -> int:
    _print([_open(arguments).remove(arguments.number)], arguments)
    return 0


def _move(arguments: Namespace, cancel: threading.Event) -> int:
    _print([_open(arguments).move(arguments.number, arguments.place)], arguments)
    return 0


def _retry(arguments: Namespace, cancel: threading.Event) -> int:
    _print([_open(arguments).retry(arguments.number)], arguments)
    return 0


def _run(arguments: Namespace, cancel: threading.Event) -> int:
    from agents.exams.queue import QueueState, run_queue

    queue = _open(arguments)
    before = {entry.number for entry in queue.entries() if entry.state is QueueState.WAITING}
    with opened(arguments) as bedside:
        for _, event in run_queue(queue, bedside.exams, read_exam, cancel=cancel):
            show_event(event)
    clear_progress()
    made = [entry for entry in queue.entries() if entry.number in before]
    _print(made, arguments)
    return int(any(entry.state is QueueState.FAILED for entry in made))


def _print(entries: "list[QueueEntry]", arguments: Namespace) -> None:
    for entry in entries:
        row = _describe(entry)
        if arguments.json:
            print_json(row)
        else:
            print(f"{row['number']}: {row['state']}, {row['arm']}, {row['out']}" + _tail(row))


def _tail(row: dict[str, Any]) -> str:
    if row["reason"]:
        return f": {row['reason']}"
    return "" if row["accuracy"] is None else f", accuracy {row['accuracy']:.1%}"


def _describe(entry: "QueueEntry") -> dict[str, Any]:
    figures = figures_of(entry.folder) if (Path(entry.folder) / "rows.jsonl").exists() else None
    return {
        "number": entry.number,
        "state": str(entry.state),
        "items": str(entry.items),
        "arm": str(entry.settings.arm),
        "method": entry.settings.method,
        "model": entry.model,
        "done": figures["n"] if figures else 0,
        "accuracy": figures["accuracy"] if figures else None,
        "out": str(entry.folder),
        "reason": entry.reason,
    }
