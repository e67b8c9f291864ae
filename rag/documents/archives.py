"""Looks at ZIP archives before they are unpacked."""

import zipfile
from pathlib import Path

from rag.documents.loading import ExtractionLimits
from rag.errors import BrokenDocument, DocumentTooLarge


def check_unpacked_size(path: Path, limits: ExtractionLimits) -> None:
    """Refuse what would unpack to too much; :mod:`zipfile` never reads more than an entry declares.

    Raises:
        BrokenDocument: it is no ZIP archive.
        DocumentTooLarge: unpacked it is over the limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as e:
        raise BrokenDocument("This document is damaged and cannot be opened; please try another copy.") from e
    if unpacked > limits.max_unpacked_bytes:
        raise DocumentTooLarge(
            f"Unpacked this document has {unpacked / 1e6:,.0f} MB, more than the "
            f"{limits.max_unpacked_bytes / 1e6:,.0f} MB that are read; please split it."
        )
