"""The commands under ``bedside conversations``. Imports nothing heavy, so that ``--help`` is quick."""

from pathlib import Path

from app.cli.options import Commands, add_command, add_group, positive


def add_conversations(commands: Commands) -> None:
    """Add ``conversations`` with its actions."""
    actions = add_group(
        commands, "conversations", "saved conversations: list, show, search, export, rename, delete"
    )
    add_command(actions, "list", "list the conversations, last used first")
    show = add_command(actions, "show", "print the branch of a conversation that is shown")
    show.add_argument("conversation", metavar="ID")
    show.add_argument(
        "--turn", type=positive, metavar="TURN", help="show the branch of this turn, from now on"
    )
    search = add_command(actions, "search", "find words in questions and answers")
    search.add_argument("words", metavar="WORDS")
    search.add_argument("-k", type=positive, default=20, dest="at_most", metavar="N", help="how many hits")
    export = add_command(actions, "export", "write a conversation with its sources to a file")
    export.add_argument("conversation", metavar="ID")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file")
    export.add_argument(
        "--format", choices=("markdown", "pdf", "docx"), help="kind of file (else as its name says)"
    )
    rename = add_command(actions, "rename", "give a conversation another title")
    rename.add_argument("conversation", metavar="ID")
    rename.add_argument("title", metavar="TITLE")
    delete = add_command(actions, "delete", "delete a conversation with all its branches for good")
    delete.add_argument("conversation", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="do not ask, on a terminal")
