"""What the library can be narrowed to: a collection, a tag, a state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rag.reading import PIPELINE
from rag.types import Document, DocumentStatus, Group


class DocumentState(StrEnum):
    """What can be said of a document; more than one may be true of it, ready is it when no other is."""

    READY = "ready"
    DISABLED = "disabled"
    REPLACED = "replaced"
    UNFINISHED = "unfinished"
    STALE = "stale"
    """Indexed by an older version of extraction or chunking."""


class ScopeKind(StrEnum):
    """By what the library is narrowed."""

    ALL = "all"
    COLLECTION = "collection"
    TAG = "tag"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Scope:
    """Some of the library's documents. ``name`` is that of the collection, the tag or the state."""

    kind: ScopeKind = ScopeKind.ALL
    name: str = ""

    def holds(self, document: Document) -> bool:
        """Tell whether a document is in it."""
        match self.kind:
            case ScopeKind.COLLECTION:
                return self.name in document.collections
            case ScopeKind.TAG:
                return self.name in document.tags
            case ScopeKind.STATE:
                return self.name in states_of(document)
            case _:
                return True

    @property
    def collections(self) -> tuple[str, ...]:
        """The collection, where it is one."""
        return (self.name,) if self.kind is ScopeKind.COLLECTION else ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The tag, where it is one."""
        return (self.name,) if self.kind is ScopeKind.TAG else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What there is to narrow the library to, and how many documents are in it."""

    documents: int = 0
    collections: tuple[Group, ...] = ()
    """By name, empty ones too."""
    tags: tuple[Group, ...] = ()
    states: Mapping[DocumentState, int] = field(default_factory=dict)

    def has(self, scope: Scope) -> bool:
        """Tell whether a scope can still be chosen."""
        groups = {ScopeKind.COLLECTION: self.collections, ScopeKind.TAG: self.tags}
        if scope.kind in groups:
            return any(group.name == scope.name for group in groups[scope.kind])
        return scope.kind is ScopeKind.ALL or scope.name in self.states


def states_of(document: Document) -> tuple[DocumentState, ...]:
    """Return what is true of a document."""
    found = []
    if document.status is not DocumentStatus.READY:
        found.append(DocumentState.UNFINISHED)
    elif document.pipeline < PIPELINE:
        found.append(DocumentState.STALE)
    if document.replaced_by is not None:
        found.append(DocumentState.REPLACED)
    if not document.is_enabled:
        found.append(DocumentState.DISABLED)
    return tuple(found) or (DocumentState.READY,)


def count_states(documents: Iterable[Document]) -> Counter[DocumentState]:
    """Count the documents of each state that there is."""
    return Counter(state for document in documents for state in states_of(document))
