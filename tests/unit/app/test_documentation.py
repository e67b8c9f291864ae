"""The documentation names every command, option and setting there is."""

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.parser import build_parser
from app.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"


def commands(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    """Walk all commands that can be run, with their full names."""
    groups = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not groups:
        yield parser.prog, parser
    for group in groups:
        for child in group.choices.values():
            yield from commands(child)


@pytest.mark.parametrize(("name", "parser"), list(commands(build_parser())))
def test_every_command_and_option_is_documented(name: str, parser: ArgumentParser) -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    sections = [part for part in text.split("\n## ")[1:] if part.startswith((f"`{name} ", f"`{name}`"))]
    assert len(sections) == 1, name
    common = text.split("\n## ")[0]
    for action in parser._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert option in sections[0] or option in common, f"{name} {option}"


@pytest.mark.parametrize("setting", list(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{setting}`" in (DOCS / "settings.md").read_text(encoding="utf-8")
