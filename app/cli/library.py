"""``bedside library ACTION``: which module runs which action."""

import threading
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from app.cli.open import opened

if TYPE_CHECKING:
    from app.composition import Bedside

_ACTIONS = {
    "add": ("library_add", "add"),
    "list": ("library_list", "list_documents"),
    "show": ("library_list", "show"),
    "edit": ("library_edit", "edit"),
    "collections": ("library_collections", "list_collections"),
    "collection": ("library_collections", "change_collection"),
    "tags": ("library_collections", "list_tags"),
    "remove": ("library_remove", "remove"),
    "search": ("library_search", "search"),
    "watch": ("library_folders", "watch"),
    "unwatch": ("library_folders", "unwatch"),
    "folders": ("library_folders", "list_folders"),
    "sync": ("library_folders", "synchronise"),
    "reindex": ("library_reindex", "reindex"),
    "restore": ("library_filtered", "restore"),
    "filter": ("library_filtered", "filter_again"),
    "check": ("library_check", "check"),
    "rebuild": ("library_check", "rebuild"),
}
"""Module in this package and its function."""


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the library."""
    module, function = _ACTIONS[arguments.action]
    action: Callable[[Bedside, Namespace, threading.Event], int]
    action = getattr(import_module(f"app.cli.{module}"), function)
    with opened(arguments) as bedside:
        return action(bedside, arguments, cancel)
