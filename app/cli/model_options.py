"""``bedside models options``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.cli.open import opened
from app.cli.output import print_json, print_table
from app.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

OPTIONS = {
    "context": "n_ctx",
    "gpu_layers": "n_gpu_layers",
    "threads": "n_threads",
    "kv_cache": "kv_cache",
    "flash_attention": "flash_attention",
}
"""The setting that each option changes."""
AUTO = "auto"


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Change what is named, then print all options."""
    named = {setting: getattr(arguments, option) for option, setting in OPTIONS.items()}
    changes = {setting: _read(setting, value) for setting, value in named.items() if value is not None}
    with opened(arguments) as bedside:
        try:
            bedside.change_settings(**changes)
        except ValidationError as e:
            reason = "; ".join(_explain(error) for error in e.errors())
            raise SettingsError(f"Nothing was changed ({reason}); please choose another value.") from e
        settings = bedside.settings.model_dump()
    chosen = {setting: settings[setting] for setting in OPTIONS.values()}
    if arguments.json:
        print_json(chosen)
    else:
        print_table(
            [("SETTING", "VALUE"), *((name, AUTO if v is None else str(v)) for name, v in chosen.items())]
        )
    return 0


def _explain(error: "ErrorDetails") -> str:
    """Name the option and what it may be."""
    settings = {setting: option for option, setting in OPTIONS.items()}
    option = f"--{settings[str(error['loc'][0])].replace('_', '-')}"
    bounds = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"{option} is at least {bounds['ge']:,}"
        case "less_than_equal":
            return f"{option} is at most {bounds['le']:,}"
        case "int_parsing":
            return f"{option} is a number or {AUTO}"
        case _:
            return f"{option}: {error['msg']}"


def _read(setting: str, value: object) -> object:
    """``auto`` is the default; only flash attention calls it so in the settings."""
    return None if value == AUTO and setting != "flash_attention" else value
