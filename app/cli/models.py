"""``bedside models ...``."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli import calibrate, embedding_models, model_options
from app.cli.open import home_of, models_of
from app.cli.output import clear_progress, format_bytes, print_json, print_progress, print_table

if TYPE_CHECKING:
    from llm.catalogue import CatalogueFile, Offer
    from llm.model_hub import DownloadProgress
    from llm.model_store import ModelStore
    from llm.types import ModelRow


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the models folder."""
    from llm.model_store import ModelStore

    if arguments.action == "embedding":
        return embedding_models.run(arguments, cancel)
    if arguments.action == "calibrate":
        return calibrate.run(arguments, cancel)
    if arguments.action == "options":
        return model_options.run(arguments, cancel)
    actions = {
        "list": list_offers if getattr(arguments, "available", False) else list_models,
        "add": add,
        "download": download,
        "remove": remove,
        "check": check,
    }
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
        print("There is no model yet; see what there is with: bedside models list --available")
    return 0


def list_offers(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the models that can be downloaded."""
    import psutil

    from llm.catalogue import offers

    found = offers(store, psutil.virtual_memory().available)
    if arguments.json:
        print_json({"models": [_offer(offer) for offer in found]})
    else:
        header = ("NAME", "MODEL", "QUANTISATION", "SIZE", "MEMORY", "FITS", "LICENCE", "STATE")
        print_table([header, *(_offer_cells(offer) for offer in found)])
    return 0


def add(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Add a GGUF file, or those of a folder."""
    if arguments.file.is_dir() and arguments.name is not None:
        return _fail("The models of a folder are called like their files; please leave --name out.")

    def show(fraction: float) -> None:
        print_progress(f"copying {fraction:.0%}")

    if arguments.file.is_dir():
        rows = store.add_all(arguments.file, on_progress=show, cancel=cancel)
    else:
        rows = [store.add(arguments.file, name=arguments.name, on_progress=show, cancel=cancel)]
    clear_progress()
    for row in rows:
        _print_row(row, arguments)
    return 1 if any(row.problem for row in rows) else 0


def download(store: "ModelStore", arguments: Namespace, cancel: threading.Event) -> int:
    """Fetch a model of the catalogue, go on with it, or give it up."""
    from app.paths import Home
    from app.settings import read_settings
    from llm.catalogue import find_file
    from llm.errors import ModelCancelled
    from llm.model_hub import discard
    from llm.model_hub import download as fetch

    file = find_file(arguments.name)
    if file is None:
        return _fail(
            f"The catalogue has no model {arguments.name!r}; see what there is with: "
            "bedside models list --available"
        )
    if arguments.discard:
        discard(file, store)
        return _print_discarded(file, arguments)
    mirror = arguments.mirror or read_settings(Home(home_of(arguments)).settings).mirror
    try:
        row = fetch(file, store, mirror=mirror, on_progress=_show_download, cancel=cancel)
    except ModelCancelled as e:
        clear_progress()
        raise ModelCancelled(
            f"{e} Go on with: bedside models download {file.name} (or add --discard to give it up)"
        ) from e
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


def _fail(sentence: str) -> int:
    print(f"bedside: {sentence}", file=sys.stderr)
    return 1


def _show_download(progress: "DownloadProgress") -> None:
    print_progress(
        f"downloading {progress.done / progress.total:.0%} "
        f"({format_bytes(progress.done)} of {format_bytes(progress.total)})"
    )


def _print_discarded(file: "CatalogueFile", arguments: Namespace) -> int:
    if arguments.json:
        print_json({"discarded": file.name})
    else:
        print(f"What had come of {file.name} is deleted.")
    return 0


def _print_row(row: "ModelRow", arguments: Namespace) -> int:
    if arguments.json:
        print_json(_row(row))
    elif row.problem is not None:
        print(f"{row.path.name}: {row.problem}")
    else:
        template = "" if row.has_chat_template else "; a base model without chat template"
        print(
            f"{row.name}: {row.architecture} {row.quantisation}, {format_bytes(row.size)}, "
            f"needs {format_bytes(row.memory_needed)} of memory{template}"
        )
    return 0


def _offer_cells(offer: "Offer") -> tuple[str, ...]:
    file, about = offer.file, "" if offer.file.sha256 else "~"
    states = {
        "here": offer.is_installed,
        f"paused at {format_bytes(offer.done)}": offer.is_paused,
        "recommended": offer.is_recommended,
    }
    return (
        file.name,
        offer.model.title,
        file.quantisation,
        about + format_bytes(file.size),
        format_bytes(file.memory_needed),
        "yes" if offer.fits else "no",
        offer.model.licence,
        ", ".join(state for state, holds in states.items() if holds),
    )


def _offer(offer: "Offer") -> dict[str, Any]:
    model, file = offer.model, offer.file
    return {
        "name": file.name,
        "title": model.title,
        "for_whom": model.for_whom,
        "licence": model.licence,
        "languages": list(model.languages),
        "n_params": model.n_params,
        "n_ctx": model.n_ctx,
        "quantisation": file.quantisation,
        "size": file.size,
        "sha256": file.sha256,
        "memory_needed": file.memory_needed,
        "fits": offer.fits,
        "is_installed": offer.is_installed,
        "is_recommended": offer.is_recommended,
        "is_paused": offer.is_paused,
        "done": offer.done,
    }


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
