"""The commands with their options. Imports nothing of ours, so that ``--help`` is quick."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, _SubParsersAction
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"


def build_parser() -> ArgumentParser:
    """Build the parser; the parsed arguments name their command in ``command`` and ``action``."""
    parser = ArgumentParser(
        prog="bedside",
        description="Answers clinical questions from your own library, in the library's own words. "
        "Without a command the desktop opens.",
    )
    parser.set_defaults(command=None, action=None, json=False, home=None, models=None)
    _add_folders(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_library(commands)
    _add_models(commands)
    _add_ask(commands)
    _add_bench(commands)
    return parser


def _add_folders(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--home", type=Path, metavar="DIR", default=SUPPRESS, help="data folder (else BEDSIDE_HOME)"
    )
    parser.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        default=SUPPRESS,
        dest="models",
        help="folder of models (else BEDSIDE_MODELS)",
    )


def _add_command(commands: Commands, name: str, description: str) -> ArgumentParser:
    parser = commands.add_parser(name, help=description, description=description)
    _add_folders(parser)
    parser.add_argument("--json", action="store_true", default=SUPPRESS, help="print JSON")
    return parser


def _add_group(commands: Commands, name: str, description: str) -> Commands:
    group = commands.add_parser(name, help=description, description=description)
    _add_folders(group)
    return group.add_subparsers(dest="action", metavar="ACTION", required=True)


def _add_library(commands: Commands) -> None:
    actions = _add_group(commands, "library", "documents: add, list, search, remove, check, rebuild")
    add = _add_command(actions, "add", "index files and folders (pdf, docx, md, txt)")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    _add_command(actions, "list", "list the documents")
    remove = _add_command(actions, "remove", "remove a document for good")
    remove.add_argument("document", metavar="ID", help="id of the document, or its first characters")
    search = _add_command(actions, "search", "find passages")
    asked = search.add_mutually_exclusive_group(required=True)
    asked.add_argument("query", nargs="?", metavar="QUERY")
    asked.add_argument("--queries", type=Path, metavar="FILE", help='lines of {"id": ..., "query": ...}')
    search.add_argument("-k", dest="top_k", type=_positive, default=10, metavar="N", help="hits (10)")
    _add_command(actions, "check", "look for inconsistencies")
    _add_command(actions, "rebuild", "finish what was interrupted and make the search indexes anew")


def _add_models(commands: Commands) -> None:
    actions = _add_group(commands, "models", "local models: list, add, remove, check")
    _add_command(actions, "list", "list the models")
    add = _add_command(actions, "add", "add a GGUF file")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--name", metavar="NAME", help="how it is called (else from its file name)")
    remove = _add_command(actions, "remove", "remove a model and its file from the models folder")
    remove.add_argument("name", metavar="NAME")
    check = _add_command(actions, "check", "check a GGUF file without loading it")
    check.add_argument("file", type=Path, metavar="FILE")


def _add_ask(commands: Commands) -> None:
    ask = _add_command(commands, "ask", "answer a question")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")
    ask.add_argument("--arm", choices=("closed", "rag"), default="rag", help="with the library or without")
    ask.add_argument("--method", choices=("cp-order", "base"), help="cp-order with the library, base without")
    ask.add_argument("--conversation", metavar="ID", help="continue this conversation (else a new one)")
    ask.add_argument("--no-save", dest="save", action="store_false", help="keep it out of the history")


def _add_bench(commands: Commands) -> None:
    bench = _add_command(commands, "bench", "measure this machine")
    bench.add_argument("name", choices=("startup",), metavar="NAME", help="startup")
    bench.add_argument("--data", type=Path, metavar="DIR", help="folder of real data")


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ArgumentTypeError(f"{value!r} is not a number from 1")
    return int(value)
