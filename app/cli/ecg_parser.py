"""The options of ``bedside ecg``. Imports nothing heavy, so that ``--help`` is quick."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from app.cli.options import Commands, add_command, add_group


def add_ecg(commands: Commands) -> None:
    """Add the commands that measure and draw ECG recordings."""
    actions = add_group(commands, "ecg", "measure and draw ECG recordings (research and teaching)")
    measure = add_command(actions, "measure", "measure a recording and hold it against published limits")
    _add_record(measure)
    draw = add_command(actions, "draw", "draw a recording on ECG paper, with its measured marks")
    _add_record(draw)
    draw.add_argument("--out", type=Path, required=True, metavar="FILE", help="an .svg or .png file")
    add_command(actions, "rules", "list the rule sets with their sources")


def _add_record(parser: ArgumentParser) -> None:
    parser.add_argument("record", type=Path, metavar="RECORD", help="a recording, or a WFDB record's name")
    parser.add_argument(
        "--rules",
        action="append",
        metavar="NAME",
        help="rule set: teaching (the default), aha-acc-hrs or universal-mi; may be given again",
    )
    parser.add_argument("--sex", choices=("female", "male"), help="where the file does not say it")
    parser.add_argument("--age", type=_age, metavar="YEARS", help="where the file does not say it")
    parser.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="measure from here on")
    parser.add_argument("--rate", type=float, metavar="HZ", help="sampling rate of a text file")
    parser.add_argument("--unit", choices=("mV", "uV", "V"), help="unit of a text file")
    parser.add_argument(
        "--column",
        type=_column,
        action="append",
        default=[],
        metavar="LEAD=COLUMN",
        help="column of a text file, by name or number from 1; may be given again",
    )


def _age(value: str) -> int:
    if not value.isdecimal() or int(value) > 129:
        raise ArgumentTypeError(f"{value!r} is no age in years")
    return int(value)


def _column(value: str) -> tuple[str, str]:
    lead, equals, column = value.partition("=")
    if not (lead and equals and column):
        raise ArgumentTypeError(f"{value!r} is not LEAD=COLUMN")
    return lead, column
