"""Options that commands share. Imports nothing of ours, so that ``--help`` is quick."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, _SubParsersAction
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"


def add_folders(parser: ArgumentParser) -> None:
    """Add the options that every command takes."""
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


def add_command(commands: Commands, name: str, description: str) -> ArgumentParser:
    """Add a command that can be run."""
    parser = commands.add_parser(name, help=description, description=description)
    add_folders(parser)
    parser.add_argument("--json", action="store_true", default=SUPPRESS, help="print JSON")
    return parser


def add_group(commands: Commands, name: str, description: str, *, dest: str = "action") -> Commands:
    """Add a command that has others under it; the one that is named is written to ``dest``."""
    group = commands.add_parser(name, help=description, description=description)
    add_folders(group)
    return group.add_subparsers(dest=dest, metavar="ACTION", required=True)


def add_scope(parser: ArgumentParser, verb: str) -> None:
    """Add the options that limit a command to some documents."""
    for option, dest, what in (
        ("--collection", "collections", "documents of this collection (several: of any)"),
        ("--tag", "tags", "documents with this tag (several: with all)"),
    ):
        parser.add_argument(
            option, action="append", default=[], dest=dest, metavar="NAME", help=f"{verb} {what}"
        )


def web_address(value: str) -> str:
    """Read the address of a server."""
    if not value.startswith(("http://", "https://")):
        raise ArgumentTypeError(f"{value!r} is not an address that begins with http:// or https://")
    return value


def positive(value: str) -> int:
    """Read a number from 1."""
    if not value.isdecimal() or int(value) < 1:
        raise ArgumentTypeError(f"{value!r} is not a number from 1")
    return int(value)
