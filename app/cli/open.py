"""Open what a command works on."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.paths import default_home, models_folder

if TYPE_CHECKING:
    from app.composition import Bedside


def home_of(arguments: Namespace) -> Path:
    """Return the data folder that the command names, else the default."""
    return arguments.home.expanduser().resolve() if arguments.home else default_home()


def models_of(arguments: Namespace) -> Path:
    """Return the models folder that the command names, else the default."""
    return arguments.models.expanduser().resolve() if arguments.models else models_folder()


@contextmanager
def opened(arguments: Namespace) -> "Iterator[Bedside]":
    """Open the data folder for one command, with its log, and close it after."""
    from app.composition import open_bedside
    from app.log_setup import log_to

    bedside = open_bedside(home_of(arguments), models_of(arguments))
    try:
        with log_to(bedside.home.logs):
            yield bedside
    finally:
        bedside.close()
