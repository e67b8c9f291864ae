"""Compares what a library has in its database, in its indexes and in its folder."""

from collections.abc import Iterator

from sqlalchemy import Engine

from rag.errors import StorageError, VectorStoreError
from rag.storage import full_text
from rag.storage.catalogue import Catalogue
from rag.storage.engine import is_sound, storage_errors
from rag.storage.originals import Originals, hash_file
from rag.storage.vector_archive import VectorArchive
from rag.types import CheckReport, Document, Finding, Inconsistency
from rag.vector_store.vector_index import VectorIndex

_DAMAGED = Inconsistency(
    finding=Finding.DATABASE,
    detail="The database is damaged; please restore the data folder from a copy, or move it away and add the "
    "documents again.",
)


class ConsistencyCheck:
    """Finds what is not as it should be and changes nothing. The library may not be changed meanwhile."""

    def __init__(
        self,
        *,
        engine: Engine,
        catalogue: Catalogue,
        originals: Originals,
        archive: VectorArchive,
        index: VectorIndex,
        fingerprint: str,
    ) -> None:
        """All parts belong to one library; ``fingerprint`` is the embedding model's in use."""
        self._engine = engine
        self._catalogue = catalogue
        self._originals = originals
        self._archive = archive
        self._index = index
        self._fingerprint = fingerprint

    def run(self) -> CheckReport:
        """Return what is found; with a damaged database only that."""
        try:
            is_database_sound = is_sound(self._engine)
        except StorageError:
            is_database_sound = False
        if not is_database_sound:
            return CheckReport(documents=0, chunks=0, vectors=0, inconsistencies=(_DAMAGED,))
        documents = self._catalogue.documents()
        return CheckReport(
            documents=len(documents),
            chunks=sum(document.chunks for document in documents),
            vectors=self._archive.count(fingerprint=self._fingerprint),
            inconsistencies=(
                *self._unfinished(),
                *self._originals_on_disk(documents),
                *self._full_text(),
                *self._vectors(),
            ),
        )

    def _unfinished(self) -> Iterator[Inconsistency]:
        for document in self._catalogue.pending():
            detail = (
                "Adding this document was interrupted; open the window, add the file again or rebuild the "
                "library to go on with it."
            )
            yield Inconsistency(finding=Finding.UNFINISHED, detail=detail, document=document.id)
        for removed in self._catalogue.removals():
            detail = "Removing this document was interrupted; please start Bedside again to finish it."
            yield Inconsistency(finding=Finding.UNFINISHED, detail=detail, document=removed)

    def _originals_on_disk(self, documents: list[Document]) -> Iterator[Inconsistency]:
        for document in documents:
            if not document.original.is_file():
                detail = "The library's copy of this document is missing; please remove it and add it again."
                yield Inconsistency(finding=Finding.MISSING_ORIGINAL, detail=detail, document=document.id)
            elif _has_changed(document):
                detail = "The library's copy of this document was changed; please remove it and add it again."
                yield Inconsistency(finding=Finding.CHANGED_ORIGINAL, detail=detail, document=document.id)
        for file in sorted(set(self._originals.files()) - {document.original for document in documents}):
            detail = (
                f"The file {file.name} in the folder of originals belongs to no document; please delete it."
            )
            yield Inconsistency(finding=Finding.STRAY_FILE, detail=detail)

    def _full_text(self) -> Iterator[Inconsistency]:
        with storage_errors(), self._engine.begin() as connection:
            is_intact = full_text.is_intact(connection)
        if not is_intact:
            yield Inconsistency(
                finding=Finding.FULL_TEXT_INDEX,
                detail="The full-text index does not fit the documents; please rebuild the library.",
            )

    def _vectors(self) -> Iterator[Inconsistency]:
        foreign = self._archive.count_foreign(fingerprint=self._fingerprint)
        if foreign:
            detail = f"{foreign} vectors are of another embedding model; please rebuild the library."
            yield Inconsistency(finding=Finding.FOREIGN_VECTORS, detail=detail)
        missing = len(self._archive.without_vector(fingerprint=self._fingerprint)) - foreign
        if missing > 0:
            detail = f"{missing} chunks have no vector; please rebuild the library."
            yield Inconsistency(finding=Finding.MISSING_VECTORS, detail=detail)
        try:
            is_complete = self._index.is_complete()
        except VectorStoreError:
            is_complete = False
        if not is_complete:
            yield Inconsistency(
                finding=Finding.VECTOR_INDEX,
                detail="The vector index does not fit the documents; please rebuild the library.",
            )


def _has_changed(document: Document) -> bool:
    return hash_file(document.original) != document.sha256
