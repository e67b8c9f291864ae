"""``bedside library collections``, ``collection`` and ``tags``."""

import threading
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import Group


def list_collections(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the collections."""
    collections = bedside.library.organisation.collections()
    if arguments.json:
        rows = [{"collection": group.name, "documents": group.documents} for group in collections]
        print_json({"collections": rows})
    elif collections:
        _print_groups("COLLECTION", collections)
    else:
        print("There is no collection yet; make one with: bedside library collection add NAME")
    return 0


def list_tags(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the tags."""
    tags = bedside.library.organisation.tags()
    if arguments.json:
        print_json({"tags": [{"tag": group.name, "documents": group.documents} for group in tags]})
    elif tags:
        _print_groups("TAG", tags)
    else:
        print("There is no tag yet; add one with: bedside library edit ID --tag TAG")
    return 0


def change_collection(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Make, rename or delete a collection."""
    organisation, name = bedside.library.organisation, arguments.name
    match arguments.change:
        case "add":
            row = {"collection": organisation.create_collection(name)}
            sentence = f"Made the collection {row['collection']}."
        case "rename":
            row = {"collection": organisation.rename_collection(name, arguments.new), "before": name}
            sentence = f"{name} is now called {row['collection']}."
        case _:
            documents = sorted(organisation.delete_collection(name))
            row = {"removed": name, "documents": documents}
            sentence = f"Removed the collection {name}; its {len(documents)} documents stay in the library."
    if arguments.json:
        print_json(row)
    else:
        print(sentence)
    return 0


def _print_groups(header: str, groups: "Sequence[Group]") -> None:
    print_table([(header, "DOCUMENTS"), *((group.name, str(group.documents)) for group in groups)])
