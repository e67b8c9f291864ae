"""Export as a service: one function for every front end."""

from pathlib import Path

from agents.export.content import gather
from agents.export.files import write_whole
from agents.export.formats import ExportFormat
from agents.export.rendering import render
from agents.history import History
from agents.turns import Conversation
from rag.errors import DocumentNotFound
from rag.library import Library
from rag.types import DocumentId


def export_conversation(
    conversation: Conversation, path: Path, kind: ExportFormat, *, history: History, library: Library
) -> int:
    """Write the branch of a conversation that is shown to a file, in place of what was there.

    Returns:
        How many questions it holds.

    Raises:
        ConversationNotFound: it was deleted.
        ExportError: the file cannot be made or written.
    """

    def year_of(document: DocumentId) -> int | None:
        try:
            return library.document(document).year
        except DocumentNotFound:
            return None

    turns = history.turns(conversation.id)
    write_whole(path, render(gather(conversation, turns, year_of=year_of), kind))
    return len(turns)
