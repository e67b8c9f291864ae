"""``bedside icu evaluate`` and ``bedside icu report``: for research; no medical device."""

import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.exam_run import format_duration
from app.cli.icu import read_table
from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress

if TYPE_CHECKING:
    from agents.icu.building import BuildProgress
    from agents.icu.runner import EvaluationEvent


def evaluate(arguments: Namespace, cancel: threading.Event) -> int:
    """Ask about all patients in all arms; Ctrl-C pauses, ``--resume`` goes on."""
    from agents.icu.evaluating import EvaluationRequest
    from agents.icu.records import EvaluationSettings, IcuArm

    table = read_table(arguments)
    for warning in table.warnings:
        print(f"bedside: {warning}", file=sys.stderr)
    settings = EvaluationSettings(
        arms=tuple(arm for arm in IcuArm if arm in arguments.arms),
        patients=arguments.patients,
        training=arguments.training,
        seed=arguments.seed,
        swaps=tuple(arguments.swaps),
    )
    with opened(arguments) as bedside:
        folder, resume = arguments.out, arguments.resume
        if folder is None:
            folder, is_begun = bedside.evaluations.choose_folder(table, settings, arguments.model)
            resume = resume or is_begun
        request = EvaluationRequest(
            table=table,
            settings=settings,
            folder=folder,
            model=arguments.model,
            bank=arguments.bank,
            resume=resume,
        )
        for event in bedside.evaluations.run(request, cancel=cancel):
            _show(event)
    clear_progress()
    if cancel.is_set():
        print(f"bedside: paused; go on with --resume --out {folder}", file=sys.stderr)
        return 0
    return _report(folder, arguments)


def report(arguments: Namespace, cancel: threading.Event) -> int:
    """Write reports of an evaluation in the formats that are named; without any, print the tables."""
    return _report(arguments.run, arguments)


def _report(folder: Path, arguments: Namespace) -> int:
    from agents.icu.folder import EvaluationFolder
    from agents.icu.json_form import to_json
    from agents.icu.report import to_csv, to_html, to_markdown
    from agents.icu.summary import summarise
    from agents.text_files import write_report

    run = EvaluationFolder(folder)
    evaluation = summarise(run.manifest(), run.rows())
    written = []
    for file, write in (
        (arguments.html, to_html),
        (arguments.markdown, to_markdown),
        (arguments.csv, to_csv),
    ):
        if file is not None:
            write_report(file, write(evaluation))
            written.append(str(file))
    if arguments.json:
        print_json(to_json(evaluation) | {"out": str(folder), "written": written})
    elif written:
        print("\n".join(written))
    else:
        print(to_markdown(evaluation), end="")
    return 0


def _show(event: "EvaluationEvent | BuildProgress") -> None:
    from agents.icu.building import BuildProgress
    from agents.icu.runner import PatientAsked

    if isinstance(event, BuildProgress | PatientAsked):
        what = "predictions" if isinstance(event, PatientAsked) else "training patients"
        left = format_duration(event.seconds_left)
        print_progress(f"{event.done}/{event.total} {what}, about {left} left")
