"""The options of ``bedside library``. Imports nothing heavy, so that ``--help`` is quick."""

from pathlib import Path

from app.cli.library_list import SORT_KEYS
from app.cli.options import Commands, add_command, add_group, add_scope, positive


def add_library(commands: Commands) -> None:
    """Add all actions on the library."""
    actions = add_group(commands, "library", "documents: add, list, organise, search, remove, check, rebuild")
    add = add_command(actions, "add", "index files and folders (pdf, docx, epub, html, md, txt, pictures)")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add.add_argument("--password", metavar="PW", help="opens encrypted files; kept to show their pages")
    add.add_argument(
        "--replaces", metavar="ID", help="the document of which this one file is a newer version"
    )
    add.add_argument(
        "--ask-model", action="store_true", help="ask the chat model where the filtering rules are in doubt"
    )
    _add_listing(actions)
    _add_edit(actions)
    _add_collections(actions)
    remove = add_command(actions, "remove", "remove documents for good")
    remove.add_argument(
        "documents", nargs="+", metavar="ID", help="id of a document, or its first characters"
    )
    remove.add_argument("--yes", action="store_true", help="do not ask, on a terminal either")
    _add_search(actions)
    _add_watching(actions)
    _add_reindexing(actions)
    add_command(actions, "check", "look for inconsistencies")
    add_command(actions, "rebuild", "finish what was interrupted and make the search indexes anew")


def _add_listing(actions: Commands) -> None:
    listing = add_command(actions, "list", "list the documents")
    add_scope(listing, "list only")
    listing.add_argument("--sort", choices=tuple(SORT_KEYS), default="added", help="order (added)")
    listing.add_argument("--reverse", action="store_true", dest="is_reversed", help="the last first")
    show = add_command(actions, "show", "show a document, with its chunks or what was filtered")
    show.add_argument("document", metavar="ID", help="id of the document, or its first characters")
    show.add_argument("--chunks", action="store_true", help="with all chunks")
    show.add_argument("--filtered", action="store_true", help="with the chunks that were filtered, and why")


def _add_edit(actions: Commands) -> None:
    edit = add_command(actions, "edit", "change title, authors, year, tags, collections; enable or disable")
    edit.add_argument("documents", nargs="+", metavar="ID", help="id of a document, or its first characters")
    edit.add_argument("--title", metavar="TEXT")
    edit.add_argument(
        "--author",
        action="append",
        dest="authors",
        metavar="NAME",
        help="in place of all authors (repeatable)",
    )
    edit.add_argument("--year", type=int, metavar="YEAR", help="of publication")
    edit.add_argument(
        "--reset",
        action="append",
        default=[],
        choices=("title", "authors", "year"),
        help="to what was found in the file (repeatable)",
    )
    for option, dest, what in (
        ("--tag", "tags", "add a tag"),
        ("--untag", "untag", "take a tag away"),
        ("--collection", "collections", "put into a collection"),
        ("--no-collection", "no_collection", "take out of a collection"),
    ):
        edit.add_argument(
            option, action="append", default=[], dest=dest, metavar="NAME", help=f"{what} (repeatable)"
        )
    state = edit.add_mutually_exclusive_group()
    state.add_argument(
        "--enable",
        action="store_const",
        const=True,
        dest="is_enabled",
        help="let searches and answers find it",
    )
    state.add_argument(
        "--disable",
        action="store_const",
        const=False,
        dest="is_enabled",
        help="keep it, but let nothing find it",
    )


def _add_collections(actions: Commands) -> None:
    add_command(actions, "collections", "list the collections")
    changes = add_group(actions, "collection", "make, rename or remove a collection", dest="change")
    add = add_command(changes, "add", "make an empty collection")
    rename = add_command(changes, "rename", "give a collection another name")
    remove = add_command(changes, "remove", "remove a collection; its documents stay")
    for parser in (add, rename, remove):
        parser.add_argument("name", metavar="NAME")
    rename.add_argument("new", metavar="NEW")
    add_command(actions, "tags", "list the tags")


def _add_search(actions: Commands) -> None:
    search = add_command(actions, "search", "find passages")
    asked = search.add_mutually_exclusive_group(required=True)
    asked.add_argument("query", nargs="?", metavar="QUERY")
    asked.add_argument("--queries", type=Path, metavar="FILE", help='lines of {"id": ..., "query": ...}')
    search.add_argument("-k", dest="top_k", type=positive, default=10, metavar="N", help="hits (10)")
    add_scope(search, "search only")


def _add_watching(actions: Commands) -> None:
    watch = add_command(actions, "watch", "follow a folder: sync adds what is new in it")
    watch.add_argument("folder", type=Path, metavar="FOLDER")
    watch.add_argument("--collection", metavar="NAME", help="which new documents from it join")
    unwatch = add_command(actions, "unwatch", "follow a folder no more; its documents stay")
    unwatch.add_argument("folder", type=Path, metavar="FOLDER")
    add_command(actions, "folders", "list the watched folders")
    sync = add_command(actions, "sync", "add what is new or changed in watched folders")
    sync.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="only this one")
    missing = sync.add_mutually_exclusive_group()
    for how, what in (("remove", "remove for good"), ("disable", "keep, but let nothing find")):
        missing.add_argument(
            f"--{how}-missing",
            action="store_const",
            const=how,
            dest="when_missing",
            help=f"{what} documents whose files are no longer there",
        )


def _add_reindexing(actions: Commands) -> None:
    reindex = add_command(actions, "reindex", "read documents again as they are read now")
    which = reindex.add_mutually_exclusive_group()
    which.add_argument("documents", nargs="*", default=[], metavar="ID", help="only these (else all)")
    which.add_argument(
        "--stale", action="store_true", dest="is_stale", help="those that were read by an older version"
    )
    for name, what in (
        ("restore", "let filtered chunks be found"),
        ("filter", "leave restored chunks out again"),
    ):
        parser = add_command(actions, name, what)
        parser.add_argument("document", metavar="ID", help="id of the document, or its first characters")
        parser.add_argument("chunks", nargs="*", metavar="CHUNK", help="number in the document, or id")
        parser.add_argument("--all", action="store_true", dest="is_all", help="all of the document's")
        if name == "restore":
            parser.add_argument("--reason", metavar="REASON", help="only those filtered for it")
