"""Which chunks retrieval may find: the one condition that indexes, archive, check and rebuild share.

:class:`rag.search_indexes.SearchIndexes` changes what it depends on together with both indexes.
"""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from rag.storage.tables import ChunkRow, DocumentRow
from rag.types import DocumentStatus

_DOCUMENT = aliased(DocumentRow)
"""A statement may join the document itself."""


def is_searchable() -> ColumnElement[bool]:
    """The condition on a row of ``chunks``; it needs no join with ``documents``."""
    return _IS_SEARCHABLE


def is_retrievable() -> ColumnElement[bool]:
    """What the chunk itself says, as :attr:`rag.types.Chunk.is_retrievable`: these have vectors in SQL."""
    return _IS_RETRIEVABLE


def is_document_searchable(document: type[DocumentRow] = DocumentRow) -> ColumnElement[bool]:
    """What a row of ``documents`` says, as :attr:`rag.types.Document.is_searchable`."""
    return and_(
        document.status == DocumentStatus.READY,
        document.is_enabled.is_(True),
        document.replaced_by.is_(None),
    )


_IS_RETRIEVABLE = or_(ChunkRow.filtered.is_(None), ChunkRow.is_restored.is_(True))
# Built once: it takes longer than many a statement that holds it.
_IS_SEARCHABLE = and_(
    _IS_RETRIEVABLE, exists().where(_DOCUMENT.id == ChunkRow.document, is_document_searchable(_DOCUMENT))
)
