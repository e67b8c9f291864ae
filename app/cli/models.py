"""``bedside models ...``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli import embedding_models
from app.cli.open import models_of
from app.cli.output import clear_progress, format_bytes, print_json, print_progress, print_table

if TYPE_CHECKING:
    from llm.model_store import ModelStore
    from llm.types import ModelRow


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the models folder."""
    from llm.model_store import ModelStore

    if arguments.action == "embedding":
        return embedding_models.run(arguments, cancel)
    actions = {"list": list_models, "add": add, "remove": remove, "check": check}
    return actions[arguments.action](ModelStore(models_of(arguments)), arguments, cancel)


def list_models(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the models."""
    rows = store.rows()
    if arguments.json:
        print_json({"models": [_row(row) for row in rows]})
    elif rows:
        print_table(
            [
                ("NAME", "SIZE", "QUANTISATION", "CONTEXT", "MEMORY", "FITS"),
                *(
                    (
                        row.name,
                        format_bytes(row.size),
                        row.quantisation,
                        str(row.n_ctx),
                        format_bytes(row.memory_needed),
                        row.problem or ("yes" if row.fits else "no"),
                    )
                    for row in rows
                ),
            ]
        )
    else:
        print("There is no model yet; add one with: bedside models add FILE --name NAME")
    return 0


def add(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Add a GGUF file."""
    row = store.add(
        arguments.file,
        name=arguments.name,
        on_progress=lambda fraction: print_progress(f"copying {fraction:.0%}"),
        cancel=cancel,
    )
    clear_progress()
    return _print_row(row, arguments)


def remove(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Remove a model."""
    store.remove(arguments.name)
    if arguments.json:
        print_json({"removed": arguments.name})
    else:
        print(f"Removed {arguments.name}.")
    return 0


def check(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Check a GGUF file without loading it."""
    return _print_row(store.check(arguments.file), arguments)


def _print_row(row: "ModelRow", arguments: Namespace) -> int:
    if arguments.json:
        print_json(_row(row))
    else:
        template = "" if row.has_chat_template else "; a base model without chat template"
        print(
            f"{row.name}: {row.architecture} {row.quantisation}, {format_bytes(row.size)}, "
            f"needs {format_bytes(row.memory_needed)} of memory{template}"
        )
    return 0


def _row(row: "ModelRow") -> dict[str, Any]:
    return {
        "name": row.name,
        "file": row.path.name,
        "sha256": row.sha256,
        "size": row.size,
        "architecture": row.architecture,
        "n_params": row.n_params,
        "n_ctx": row.n_ctx,
        "quantisation": row.quantisation,
        "has_chat_template": row.has_chat_template,
        "memory_needed": row.memory_needed,
        "fits": row.fits,
        "problem": row.problem,
    }
