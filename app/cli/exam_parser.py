"""The options of ``bedside exam``. Imports nothing heavy, so that ``--help`` is quick."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from app.cli.options import Commands, add_command, add_group, positive

ARMS = ("closed", "rag", "addrep", "context", "oracle")
METHODS = ("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations", "base")


def add_exam(commands: Commands) -> None:
    """Add all actions on exams."""
    actions = add_group(commands, "exam", "exams: import, run, queue, report, compare, mark, cases")
    reading = add_command(actions, "import", "read a file of items and say what is left out")
    _add_items(reading)
    reading.add_argument("--preview", action="store_true", help="show how the columns of a table are read")
    reading.add_argument("--out", type=Path, metavar="FILE", help="write the items as JSON lines")
    run = add_command(actions, "run", "ask a model all items")
    _add_items(run)
    _add_run(run)
    run.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    _add_queue(actions)
    _add_reports(actions)
    mark = add_command(actions, "mark", "mark a free answer yourself")
    mark.add_argument("run", type=Path, metavar="RUN")
    mark.add_argument("item", metavar="ID")
    mark.add_argument("mark", type=_mark, metavar="MARK", help="right, wrong, or a share from 0 to 1")
    cases = add_command(actions, "cases", "keep what a run got wrong as cases for later prompts")
    cases.add_argument("run", type=Path, metavar="RUN", help="a run on items to train on")
    cases.add_argument("--out", type=Path, metavar="FILE", required=True)


def _add_items(parser: ArgumentParser) -> None:
    parser.add_argument("items", type=Path, metavar="ITEMS", help="file of items: jsonl, json, csv or xlsx")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        dest="columns",
        metavar="FIELD=COLUMN",
        help="column of a table that holds question, options (A|B|C), answer, topic, ... (repeatable)",
    )


def _add_run(run: ArgumentParser) -> None:
    run.add_argument("--arm", choices=ARMS, required=True, help="what items are answered from")
    run.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")
    run.add_argument("--out", type=Path, metavar="RUN", required=True, help="folder of the run")
    run.add_argument("--method", choices=METHODS, help="let the letters see only this method's answer")
    run.add_argument(
        "--cases", type=Path, metavar="FILE", help="past wrong answers: cases, a run, or items to train on"
    )
    run.add_argument(
        "--scoring", choices=("likelihood", "generate"), default="likelihood", help="how choices are read"
    )
    run.add_argument("--orders", type=positive, default=1, metavar="N", help="orders of the options")
    run.add_argument("--seed", type=int, default=0, metavar="S", help="of the orders")
    run.add_argument("--limit", type=positive, metavar="N", help="only the first items")
    run.add_argument("--passages", type=positive, default=5, metavar="N", help="found for an item (arm rag)")
    run.add_argument(
        "--evidence",
        type=Path,
        action="append",
        default=[],
        metavar="RUN",
        help="take over what this run's searches found (repeatable)",
    )


def _add_queue(actions: Commands) -> None:
    verbs = add_group(actions, "queue", "runs that are made one after the other", dest="verb")
    adding = add_command(verbs, "add", "put a run at the end; it takes the options of exam run")
    _add_items(adding)
    _add_run(adding)
    add_command(verbs, "list", "list the runs with their state")
    remove = add_command(verbs, "remove", "take a run out; what it has written stays")
    remove.add_argument("number", type=positive, metavar="NUMBER")
    move = add_command(verbs, "move", "change the order of the runs")
    move.add_argument("number", type=positive, metavar="NUMBER")
    move.add_argument("place", type=positive, metavar="PLACE", help="from 1")
    retry = add_command(verbs, "retry", "let a run that failed wait again")
    retry.add_argument("number", type=positive, metavar="NUMBER")
    add_command(verbs, "run", "make all runs that wait")


def _add_reports(actions: Commands) -> None:
    report = add_command(actions, "report", "write reports of runs")
    report.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    report.add_argument("--html", type=Path, metavar="FILE", help="one file with charts and all items")
    report.add_argument("--csv", type=Path, metavar="FILE", help="a row for each item of each run")
    report.add_argument("--markdown", type=Path, metavar="FILE", help="tables")
    report.add_argument(
        "--with-evidence", type=Path, metavar="FILE", help="ids of items whose evidence is in the library"
    )
    comparison = add_command(actions, "compare", "compare two runs item by item")
    comparison.add_argument("first", type=Path, metavar="RUN")
    comparison.add_argument("second", type=Path, metavar="RUN")
    comparison.add_argument("--forced", action="store_true", help="count what abstentions would have said")


def _mark(value: str) -> float:
    words = {"right": 1.0, "wrong": 0.0}
    try:
        mark = words[value] if value in words else float(value)
    except ValueError:
        mark = -1.0
    if not 0.0 <= mark <= 1.0:
        raise ArgumentTypeError(f"{value!r} is not right, wrong, or a share from 0 to 1")
    return mark
