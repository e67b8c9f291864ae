"""``bedside exam run``."""

import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.exam_import import read_exam
from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress

if TYPE_CHECKING:
    from agents.exams.runner import ExamEvent
    from agents.exams.service import RunRequest, TrainingDone


def run_exam(arguments: Namespace, cancel: threading.Event) -> int:
    """Ask all items; Ctrl-C pauses, ``--resume`` goes on."""
    if (problem := refuse_method(arguments.arm, arguments.method)) is not None:
        print(f"bedside: {problem}", file=sys.stderr)
        return 2
    request = read_request(arguments)
    with opened(arguments) as bedside:
        for event in bedside.exams.run(request, cancel=cancel):
            show_event(event)
    clear_progress()
    if cancel.is_set():
        print(f"bedside: paused; go on with --resume --out {arguments.out}", file=sys.stderr)
        return 0
    print_result(arguments.out, as_json=arguments.json)
    return 0


def refuse_method(arm: str, method: str | None) -> str | None:
    """Say why a method does not go with an arm."""
    if method is None or (method == "base") == (arm == "closed"):
        return None
    takes = "base" if arm == "closed" else "any method but base"
    return f"method {method} does not go with arm {arm}; it takes {takes}."


def read_request(arguments: Namespace) -> "RunRequest":
    """Read the items and put the run together.

    Raises:
        ExamError: the items cannot be read.
    """
    from agents.answer import Method
    from agents.exams.records import ExamArm, RunSettings, Scoring
    from agents.exams.service import RunRequest

    return RunRequest(
        exam=read_exam(arguments.items, arguments.columns),
        settings=RunSettings(
            arm=ExamArm(arguments.arm),
            method=Method(arguments.method) if arguments.method else None,
            scoring=Scoring(arguments.scoring),
            orders=arguments.orders,
            seed=arguments.seed,
            limit=arguments.limit,
            passages=arguments.passages,
        ),
        folder=arguments.out,
        model=arguments.model,
        cases=arguments.cases,
        evidence=tuple(arguments.evidence),
        resume=arguments.resume,
    )


def show_event(event: "ExamEvent | TrainingDone") -> None:
    """Show how far a run is, and how long it will still take."""
    from agents.exams.runner import ItemDone
    from agents.exams.service import TrainingDone

    if isinstance(event, ItemDone):
        print_progress(
            f"{event.done}/{event.total} items, {event.correct / event.done:.1%} right, "
            f"about {format_duration(event.seconds_left)} left"
        )
    elif isinstance(event, TrainingDone):
        print_progress(
            f"{event.done}/{event.total} items to train on, about {format_duration(event.seconds_left)} left"
        )


def format_duration(seconds: float) -> str:
    """Write a time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def print_result(run: Path, *, as_json: bool) -> None:
    """Print the figures of a finished run."""
    figures = figures_of(run)
    if as_json:
        print_json(figures)
        return
    low, high = figures["interval"]
    print(f"{figures['n']} items, accuracy {figures['accuracy']:.1%} (95 % interval {low:.1%} to {high:.1%})")
    if figures["rejected"]:
        selective = figures["selective_accuracy"]
        print(
            f"{figures['rejected']} abstained; of the answers "
            + (f"{selective:.1%} are right" if selective is not None else "none was given")
            + f"; with forced answers {figures['forced_accuracy']:.1%}"
        )
    if figures["unparsable"] or figures["failed"]:
        print(f"{figures['unparsable']} unparsable, {figures['failed']} could not be asked")
    if "warning" in figures:
        print(figures["warning"])


def figures_of(run: Path) -> dict[str, Any]:
    """Return the figures of a run, with its folder."""
    from agents.exams.runs import RunFolder
    from agents.exams.summary import summarise

    return summarise(RunFolder(run).rows()) | {"out": str(run)}
