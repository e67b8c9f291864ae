"""``bedside prompts ...``."""

import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.open import opened
from app.cli.output import print_json, print_table
from app.errors import AppError

if TYPE_CHECKING:
    from llm.prompt_edits import PromptEdits, PromptRow


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the wordings of prompts."""
    actions = {"list": list_prompts, "show": show, "set": set_wording, "reset": reset}
    with opened(arguments) as bedside:
        return actions[arguments.action](bedside.prompts, arguments)


def list_prompts(edits: "PromptEdits", arguments: Namespace) -> int:
    """Print all prompts."""
    rows = edits.rows()
    if arguments.json:
        print_json({"prompts": [_row(row) for row in rows]})
        return 0
    print_table(
        [
            ("LANGUAGE", "NAME", "VERSION", "FINGERPRINT", "WORDING"),
            *(
                (
                    row.language,
                    row.name,
                    str(row.prompt.version) if row.prompt else "",
                    row.prompt.fingerprint if row.prompt else "",
                    row.problem or ("yours" if row.is_edited else "Bedside's"),
                )
                for row in rows
            ),
        ]
    )
    return 0


def show(edits: "PromptEdits", arguments: Namespace) -> int:
    """Print the text of a prompt's file."""
    text = edits.text(arguments.language, arguments.name)
    if arguments.json:
        print_json({"name": arguments.name, "language": arguments.language, "text": text})
    else:
        sys.stdout.write(text)
    return 0


def set_wording(edits: "PromptEdits", arguments: Namespace) -> int:
    """Check a file and use its text from now on."""
    prompt = edits.save(arguments.language, arguments.name, _read(arguments.file))
    if arguments.json:
        print_json({"name": prompt.name, "language": arguments.language, "fingerprint": prompt.fingerprint})
    else:
        print(
            f"{prompt.name} ({arguments.language}): your wording is used from now on, {prompt.fingerprint}."
        )
    return 0


def reset(edits: "PromptEdits", arguments: Namespace) -> int:
    """Go back to Bedside's own wording."""
    edits.reset(arguments.language, arguments.name)
    if arguments.json:
        print_json({"name": arguments.name, "language": arguments.language})
    else:
        print(f"{arguments.name} ({arguments.language}): Bedside's wording is used again.")
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise AppError(f"{file.name} cannot be read as text; please choose another file.") from e


def _row(row: "PromptRow") -> dict[str, Any]:
    return {
        "name": row.name,
        "language": row.language,
        "version": row.prompt.version if row.prompt else None,
        "fingerprint": row.prompt.fingerprint if row.prompt else None,
        "variables": sorted(row.prompt.variables) if row.prompt else [],
        "is_edited": row.is_edited,
        "problem": row.problem,
    }
