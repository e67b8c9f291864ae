"""The options of ``bedside icu evaluate`` and ``icu report``; nothing heavy, so that ``--help`` is quick."""

from argparse import ArgumentParser
from pathlib import Path

from app.cli.options import positive

ARMS = ("plain", "debias", "random", "cap", "knn", "logistic", "scores")
SWAPS = ("sex", "race")


def add_evaluation_options(parser: ArgumentParser) -> None:
    """Add what an evaluation can be told, beside its tables."""
    parser.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")
    parser.add_argument(
        "--patients", type=positive, default=300, metavar="N", help="test patients at most (300)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of split, sample and random cases")
    parser.add_argument(
        "--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="ARM", help=", ".join(ARMS)
    )
    parser.add_argument(
        "--swaps",
        nargs="*",
        choices=SWAPS,
        default=list(SWAPS),
        metavar="ATTRIBUTE",
        help="exchanged in the prompts of plain and cap: sex, race (both), or nothing",
    )
    parser.add_argument(
        "--training", type=positive, metavar="N", help="training patients at most, for the case bank"
    )
    parser.add_argument("--bank", type=Path, metavar="FILE", help="a case bank (else it is built first)")
    parser.add_argument("--out", type=Path, metavar="RUN", help="folder of the run (else in the data folder)")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    add_report_files(parser)


def add_report_files(parser: ArgumentParser) -> None:
    """Add the files that a report can be written to."""
    parser.add_argument("--html", type=Path, metavar="FILE", help="one page with charts and all patients")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the tables")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="a row for each patient in each arm")
