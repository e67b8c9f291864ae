"""``bedside library edit``."""

import sys
import threading
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.library_list import document_row
from app.cli.output import print_json

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.organisation import Organisation
    from rag.types import Document, DocumentId


def edit(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Change documents and print them as they are then."""
    if arguments.title is not None and len(arguments.documents) > 1:
        print("bedside: only one document can be given a title; please name one id.", file=sys.stderr)
        return 2
    library = bedside.library
    documents = [library.find_document(prefix) for prefix in arguments.documents]
    for document in documents:
        _describe(library.organisation, document, arguments)
    ids = [document.id for document in documents]
    _group(library.organisation, ids, arguments)
    if arguments.is_enabled is not None:
        library.organisation.enable(ids, is_enabled=arguments.is_enabled)
    for changed in map(library.document, ids):
        if arguments.json:
            print_json(document_row(changed))
        else:
            print(f"{changed.id}  {changed.title}")
    return 0


def _describe(organisation: "Organisation", document: "Document", arguments: Namespace) -> None:
    from rag.types import Metadata

    metadata = Metadata(title=document.title, authors=document.authors, year=document.year)
    found = organisation.found(document.id)
    changes = {name: getattr(found, name) for name in arguments.reset}
    for name in ("title", "authors", "year"):
        if (written := getattr(arguments, name)) is not None:
            changes[name] = tuple(written) if name == "authors" else written
    if changes:
        organisation.edit(document.id, replace(metadata, **changes))


def _group(organisation: "Organisation", documents: "list[DocumentId]", arguments: Namespace) -> None:
    for tag in arguments.tags:
        organisation.add_tag(tag, documents)
    for tag in arguments.untag:
        organisation.remove_tag(tag, documents)
    for name in arguments.collections:
        organisation.put_in(name, documents)
    for name in arguments.no_collection:
        organisation.take_out(name, documents)
