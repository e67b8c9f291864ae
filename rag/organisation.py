"""Keeping order in a library: collections, tags, descriptions, and what is searched at all."""

import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, update

from rag.errors import CollectionExists, CollectionNotFound, DocumentNotFound, InvalidEntry, TagNotFound
from rag.search_indexes import SearchIndexes
from rag.storage import groups
from rag.storage.engine import read_only, storage_errors
from rag.storage.metadata import read_metadata, write_metadata
from rag.storage.tables import DocumentRow
from rag.storage.values import is_any_of
from rag.types import DocumentId, Group, Metadata

NAME_LENGTH = 100
"""Characters of a collection's name or a tag at most."""
TITLE_LENGTH = 500
"""Characters of a title or an author's name at most."""
YEARS = range(1000, 10_000)
"""Years of publication that are believed."""


class Organisation:
    """Every method is one transaction and may be called from any thread.

    What changes returns what it takes to undo it: the documents that were not so before, or the description
    that was there before. Names of collections and tags compare without regard to case (ASCII); they and all
    that the user writes are kept without surrounding and repeated spaces. All methods raise
    :class:`~rag.errors.StorageError` when the database is damaged or the disk refuses; nothing has changed
    then.
    """

    def __init__(self, *, engine: Engine, indexes: SearchIndexes, writing: threading.Lock) -> None:
        """All parts belong to one library; ``writing`` is held while something changes."""
        self._engine = engine
        self._reader = read_only(engine)
        self._indexes = indexes
        self._writing = writing

    def collections(self) -> list[Group]:
        """List all collections by name, empty ones too."""
        with storage_errors(), self._reader.begin() as connection:
            return groups.list_collections(connection)

    def tags(self) -> list[Group]:
        """List all tags by name."""
        with storage_errors(), self._reader.begin() as connection:
            return groups.list_tags(connection)

    def documents_in(
        self, *, collections: Sequence[str] = (), tags: Sequence[str] = ()
    ) -> frozenset[DocumentId] | None:
        """Return the documents that are in any of the collections and carry all of the tags.

        Returns:
            ``None`` where neither is named: then it is every document.

        Raises:
            CollectionNotFound, TagNotFound: there is none with one of the names.
        """
        if not collections and not tags:
            return None
        with storage_errors(), self._reader.begin() as connection:
            chosen = [groups.tagged(connection, _existing_tag(connection, tag)) for tag in tags]
            if collections:
                found = [groups.members(connection, _existing(connection, name)) for name in collections]
                chosen.append(set().union(*found))
        return frozenset(set.intersection(*chosen))

    def create_collection(self, name: str) -> str:
        """Make an empty collection; return its name as it is kept.

        Raises:
            InvalidEntry: the name is empty, too long or holds control characters.
            CollectionExists: the name is taken.
        """
        kept = clean(name, "name of a collection")
        with self._transaction() as connection:
            _refuse_taken(connection, kept)
            groups.create_collection(connection, kept)
        return kept

    def rename_collection(self, name: str, new: str) -> str:
        """Give a collection another name; return it as it is kept.

        Raises:
            CollectionNotFound: there is none with this name.
            InvalidEntry: the new name is empty, too long or holds control characters.
            CollectionExists: the new name is taken by another collection.
        """
        kept = clean(new, "name of a collection")
        with self._transaction() as connection:
            collection = _existing(connection, name)
            if groups.find_collection(connection, kept) != collection:
                _refuse_taken(connection, kept)
            groups.rename_collection(connection, collection, kept)
        return kept

    def delete_collection(self, name: str) -> frozenset[DocumentId]:
        """Delete a collection; its documents stay in the library.

        Returns:
            The documents that were in it.

        Raises:
            CollectionNotFound: there is none with this name.
        """
        with self._transaction() as connection:
            collection = _existing(connection, name)
            documents = groups.members(connection, collection)
            groups.delete_collection(connection, collection)
        return frozenset(documents)

    def put_in(self, collection: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Put documents into a collection.

        Returns:
            Those that were not in it.

        Raises:
            CollectionNotFound, DocumentNotFound: there is none of this name or id.
        """
        with self._transaction() as connection:
            number = _existing(connection, collection)
            changed = _existing_documents(connection, documents) - groups.members(connection, number)
            groups.put_in(connection, number, changed)
        return changed

    def take_out(self, collection: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Take documents out of a collection.

        Returns:
            Those that were in it.

        Raises:
            CollectionNotFound: there is none with this name.
        """
        with self._transaction() as connection:
            number = _existing(connection, collection)
            changed = frozenset(documents) & groups.members(connection, number)
            groups.take_out(connection, number, changed)
        return changed

    def add_tag(self, tag: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Tag documents; a tag that is there already keeps its spelling.

        Returns:
            Those that did not carry it.

        Raises:
            InvalidEntry: the tag is empty, too long or holds control characters.
            DocumentNotFound: there is none with one of the ids.
        """
        kept = clean(tag, "tag")
        with self._transaction() as connection:
            changed = _existing_documents(connection, documents) - groups.tagged(connection, kept)
            groups.add_tag(connection, groups.find_tag(connection, kept) or kept, changed)
        return changed

    def remove_tag(self, tag: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Take a tag from documents; one that no document carries is gone.

        Returns:
            Those that carried it.

        Raises:
            TagNotFound: no document carries it.
        """
        with self._transaction() as connection:
            kept = _existing_tag(connection, tag)
            changed = frozenset(documents) & groups.tagged(connection, kept)
            groups.remove_tag(connection, kept, changed)
        return changed

    def edit(self, document: DocumentId, metadata: Metadata) -> Metadata:
        """Write title, authors and year in place of what was found in the file.

        Indexing again leaves what the user wrote; a field that is set to what was found counts as found again
        (:meth:`found` tells). The full-text index is given the new title. Vectors stay as they are: the
        embedded text carries the title found in the file, so nothing has to be embedded again.

        Returns:
            What was there before.

        Raises:
            DocumentNotFound: there is none with this id.
            InvalidEntry: a text is empty, too long or holds control characters, or the year is none.
        """
        wanted = _clean_metadata(metadata)

        def write(connection: Connection) -> Metadata:
            before, found = _existing_metadata(connection, document)
            write_metadata(connection, document, wanted, found)
            return before

        return self._indexes.change([document], write)

    def found(self, document: DocumentId) -> Metadata:
        """Return what was found in the file.

        Raises:
            DocumentNotFound: there is none with this id.
        """
        with storage_errors(), self._reader.begin() as connection:
            return _existing_metadata(connection, document)[1]

    def enable(self, documents: Collection[DocumentId], *, is_enabled: bool = True) -> frozenset[DocumentId]:
        """Let documents be found by searches and answers, or no longer; they stay in the library.

        Needs no embedding model. Takes about a second for 1,000 chunks.

        Returns:
            Those that were not so before.

        Raises:
            DocumentNotFound: there is none with one of the ids.
        """
        with storage_errors(), self._reader.begin() as connection:
            wanted = _existing_documents(connection, documents)
            are_so = select(DocumentRow.id).where(DocumentRow.is_enabled.is_(is_enabled))
            changed = wanted - {DocumentId(d) for d in connection.scalars(are_so)}

        def write(connection: Connection) -> None:
            statement = update(DocumentRow).where(is_any_of(DocumentRow.id, changed))
            connection.execute(statement.values(is_enabled=is_enabled))

        if changed:
            self._indexes.change(changed, write)
        return changed

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._writing, storage_errors(), self._engine.begin() as connection:
            yield connection


def clean(text: str, what: str, *, longest: int = NAME_LENGTH) -> str:
    """Return what the user wrote as it is kept: composed (NFC), without surrounding and repeated spaces.

    Raises:
        InvalidEntry: it is empty, too long or holds control characters; ``what`` names it in the sentence.
    """
    kept = unicodedata.normalize("NFC", text.strip())
    # Beside controls: lone surrogates, which no file holds, and marks that turn the reading direction round.
    if any(unicodedata.category(c) in {"Cc", "Cs"} or c in _DIRECTIONS for c in kept):
        raise InvalidEntry(f"The {what} holds control characters; please type it by hand.")
    kept = " ".join(kept.split())
    if not kept:
        raise InvalidEntry(f"The {what} is empty; please write something.")
    if len(kept) > longest:
        raise InvalidEntry(f"The {what} has {len(kept)} characters; please use at most {longest}.")
    return kept


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _clean_metadata(metadata: Metadata) -> Metadata:
    if metadata.year is not None and metadata.year not in YEARS:
        raise InvalidEntry(f"{metadata.year} is no year of publication; please write four digits.")
    authors = (clean(author, "name of an author", longest=TITLE_LENGTH) for author in metadata.authors)
    return Metadata(
        title=clean(metadata.title, "title", longest=TITLE_LENGTH),
        authors=tuple(dict.fromkeys(authors)),
        year=metadata.year,
    )


def _existing(connection: Connection, name: str) -> int:
    collection = groups.find_collection(connection, _searched(name))
    if collection is None:
        raise CollectionNotFound(
            f"There is no collection {name!r}; `bedside library collections` shows all of them."
        )
    return collection


def _existing_tag(connection: Connection, tag: str) -> str:
    found = groups.find_tag(connection, _searched(tag))
    if found is None:
        raise TagNotFound(f"No document has the tag {tag!r}; `bedside library tags` shows all of them.")
    return found


def _existing_documents(connection: Connection, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
    wanted = frozenset(documents)
    if wanted - set(connection.scalars(select(DocumentRow.id))):
        raise DocumentNotFound("A document is no longer in the library; please look at the list again.")
    return wanted


def _existing_metadata(connection: Connection, document: DocumentId) -> tuple[Metadata, Metadata]:
    metadata = read_metadata(connection, document)
    if metadata is None:
        raise DocumentNotFound("This document is no longer in the library; please look at the list again.")
    return metadata


def _refuse_taken(connection: Connection, name: str) -> None:
    if groups.find_collection(connection, name) is not None:
        raise CollectionExists(f"There is a collection {name!r} already; please choose another name.")


def _searched(name: str) -> str:
    """A name that cannot be kept finds nothing, like any other that is not there."""
    return " ".join(unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).split())
