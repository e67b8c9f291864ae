"""``bedside models embedding ...``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.open import opened
from app.cli.output import clear_progress, format_bytes, print_json, print_progress, print_table

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.embedding.model_store import EmbeddingModelRow


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the embedding models."""
    actions = {
        "list": list_models,
        "add": add,
        "download": download,
        "use": use,
        "drop": drop,
        "remove": remove,
    }
    with opened(arguments) as bedside:
        return actions[arguments.verb](bedside, arguments, cancel)


def list_models(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the models."""
    rows = bedside.embedding_models.rows()
    upcoming = bedside.settings.next_embedding_model
    if arguments.json:
        print_json({"models": [_row(row, bedside) for row in rows], "next": upcoming})
    elif rows:
        header = ("NAME", "SIZE", "DIMENSION", "TOKENS", "STATE")
        print_table([header, *(_cells(row, bedside) for row in rows)])
    else:
        print("There is no embedding model yet; add one with: bedside models embedding add FOLDER")
    return 0


def add(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Add the folder of a model."""
    row = bedside.embedding_models.add(
        arguments.folder,
        name=arguments.name,
        cancel=cancel,
        on_progress=lambda fraction: print_progress(f"copying {fraction:.0%}"),
    )
    return _print_new(row, bedside, arguments)


def download(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Fetch a model from the hub."""
    row = bedside.embedding_models.download(
        arguments.repo,
        name=arguments.name,
        cancel=cancel,
        on_progress=lambda fraction: print_progress(f"downloading {fraction:.0%}"),
    )
    return _print_new(row, bedside, arguments)


def use(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Change to a model."""
    bedside.embedding_change.change(
        arguments.name,
        cancel=cancel,
        on_progress=lambda fraction: print_progress(f"embedding {fraction:.0%}"),
    )
    clear_progress()
    return _print_in_use(bedside, arguments)


def drop(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Give a change up."""
    bedside.embedding_change.drop()
    return _print_in_use(bedside, arguments)


def remove(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Remove a model."""
    bedside.embedding_change.remove(arguments.name)
    if arguments.json:
        print_json({"removed": arguments.name})
    else:
        print(f"Removed {arguments.name}.")
    return 0


def _print_new(row: "EmbeddingModelRow", bedside: "Bedside", arguments: Namespace) -> int:
    clear_progress()
    if arguments.json:
        print_json(_row(row, bedside))
    else:
        print(f"{row.name}: {format_bytes(row.size)}; use it with: bedside models embedding use {row.name}")
        if row.note:
            print(row.note)
    return 0


def _print_in_use(bedside: "Bedside", arguments: Namespace) -> int:
    if arguments.json:
        print_json({"embedding_model": bedside.settings.embedding_model})
    else:
        print(f"The library is searched with {bedside.settings.embedding_model}.")
    return 0


def _cells(row: "EmbeddingModelRow", bedside: "Bedside") -> tuple[str, ...]:
    states = {bedside.settings.embedding_model: "in use", bedside.settings.next_embedding_model: "next"}
    return (
        row.name,
        format_bytes(row.size),
        str(row.dimension or ""),
        str(row.max_length or ""),
        row.problem or states.get(row.name, ""),
    )


def _row(row: "EmbeddingModelRow", bedside: "Bedside") -> dict[str, Any]:
    return {
        "name": row.name,
        "dimension": row.dimension,
        "max_length": row.max_length,
        "size": row.size,
        "in_use": row.name == bedside.settings.embedding_model,
        "problem": row.problem,
        "note": row.note,
    }
