"""The options of ``bedside icu``. Imports nothing heavy, so that ``--help`` is quick."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from app.cli.icu_evaluation_parser import add_evaluation_options, add_report_files
from app.cli.options import Commands, add_command, add_group, positive


def add_icu(commands: Commands) -> None:
    """Add the commands about intensive-care patients."""
    actions = add_group(
        commands, "icu", "intensive-care patients with similar past cases (research; no medical device)"
    )
    preview = add_command(actions, "preview", "say how the columns of a table are understood")
    add_tables(preview)
    build = add_command(actions, "build", "ask a model about the training patients of a table: a case bank")
    add_tables(build)
    build.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")
    build.add_argument("--out", type=Path, metavar="FILE", help="the bank (else in the data folder)")
    build.add_argument("--seed", type=int, default=0, metavar="N", help="of the split")
    build.add_argument(
        "--test-share", type=_share, default=0.3, metavar="SHARE", help="of the persons, who are never asked"
    )
    build.add_argument("--limit", type=positive, metavar="N", help="training patients at most")
    predict = add_command(actions, "predict", "estimate one patient's risk, with similar past cases")
    predict.add_argument(
        "row", nargs="+", metavar="ROW", help="a CSV or JSON file, or KEY=VALUE pairs such as lactate=4.2"
    )
    predict.add_argument("--bank", type=Path, metavar="FILE", help="the case bank (else the last one)")
    predict.add_argument("--row", dest="id", metavar="ID", help="which patient of the file")
    _add_columns(predict)
    predict.add_argument("--model", metavar="NAME", help="name of a model (else the bank's)")
    evaluate = add_command(actions, "evaluate", "compare predictions on the test patients of a table")
    add_tables(evaluate)
    add_evaluation_options(evaluate)
    report = add_command(actions, "report", "write the report of an evaluation")
    report.add_argument("run", type=Path, metavar="RUN", help="its folder")
    add_report_files(report)


def add_tables(parser: ArgumentParser) -> None:
    """Add the options of commands that read tables of patients."""
    parser.add_argument(
        "tables", nargs="+", type=Path, metavar="TABLE", help="CSV, TSV, PSV, XLSX, or an archive or folder"
    )
    _add_columns(parser)
    parser.add_argument(
        "--hours", type=positive, default=48, metavar="N", help="after admission until which values count"
    )


def _add_columns(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        dest="columns",
        metavar="FIELD=COLUMN",
        help="what a column holds, such as died=exitus; may be given again",
    )


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise ArgumentTypeError(f"{value!r} is no share between 0 and 1")
    return share
