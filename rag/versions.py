"""New versions of documents: which one a file belongs to when its bytes are known already."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, select, update

from rag.search_indexes import SearchIndexes
from rag.storage.engine import read_only, storage_errors
from rag.storage.sources import Origin
from rag.storage.tables import DocumentRow
from rag.storage.versions import arrive, find_older, is_back, take_over
from rag.types import Document, DocumentId, DocumentStatus


class Versions:
    """Every method is one transaction and may be called from any thread.

    Raises :class:`~rag.errors.StorageError` when the database is damaged or the disk refuses.
    """

    def __init__(self, *, engine: Engine, indexes: SearchIndexes) -> None:
        """Both belong to one library."""
        self._reader = read_only(engine)
        self._indexes = indexes

    def awaited(self, document: DocumentId) -> DocumentId | None:
        """Return the document whose place a pending one will take."""
        with storage_errors(), self._reader.begin() as connection:
            found = connection.scalar(select(DocumentRow.replaces).where(DocumentRow.id == document))
            return None if found is None else DocumentId(found)

    def recognise(self, known: Document, origin: Origin, *, password: str | None) -> DocumentId | None:
        """Write down that bytes of the library lie at a path, or do so again.

        Where the path held other bytes before, the document becomes current: the file went back to it.

        Returns:
            The document in whose place it is found from now on.
        """
        with storage_errors(), self._reader.begin() as connection:
            older = find_older(connection, known.id, origin)
            is_current = older is not None or is_back(connection, known.id, origin)
        if known.status is DocumentStatus.PENDING:
            self._indexes.change([], _awaiting(known.id, older, origin, password))
            return None

        def write(connection: Connection) -> None:
            if older is not None:
                take_over(connection, older, known.id)
            elif is_current:
                _write(connection, known.id, replaced_by=None)
            arrive(connection, known.id, origin)

        self._indexes.change([each for each in (known.id, older) if each and is_current], write)
        return older


def _awaiting(
    document: DocumentId, older: DocumentId | None, origin: Origin, password: str | None
) -> Callable[[Connection], None]:
    def write(connection: Connection) -> None:
        if older is not None:
            _write(connection, document, replaces=older)
        if password is not None:
            _write(connection, document, password=password)
        arrive(connection, document, origin)

    return write


def _write(connection: Connection, document: DocumentId, **values: str | None) -> None:
    connection.execute(update(DocumentRow).where(DocumentRow.id == document).values(**values))
