"""Chooses a document's title among what its metadata, its first page and its file name say."""

import re
from collections.abc import Iterable

_MAX_CHARACTERS = 300
_NO_TITLE = re.compile(
    r"https?:|www\.|untitled|microsoft |document\d*$|slide \d|\W*$"
    r"|.*\.(?:pdf|docx?|indd|qxd|tex|dvi|ps|rtf|pptx?)$",
    re.IGNORECASE,
)


def choose_title(*, metadata: str, headings: Iterable[str], stem: str) -> str:
    """Return the metadata's title if it reads like one, else the first heading, else the file's stem.

    One word alone in the metadata is mostly the name of a file or a template.
    """
    candidates = [metadata] if " " in metadata.strip() else []
    for candidate in (*candidates, *headings):
        title = " ".join(candidate.split())
        if 0 < len(title) <= _MAX_CHARACTERS and not _NO_TITLE.match(title):
            return title
    return " ".join(stem.split()) or "Untitled"
