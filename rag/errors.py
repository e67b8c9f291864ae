"""Everything that can go wrong in the library.

LibraryError                  base: its text is one sentence for the user
├── DocumentError             one file cannot become a document
│   ├── UnsupportedDocument   a type that is not read
│   ├── BrokenDocument        damaged, mislabelled, or the parser died on it
│   ├── EncryptedDocument     is protected by a password
│   │   └── PasswordRequired  and opens with it
│   ├── EmptyDocument         holds no text that could be indexed
│   ├── OcrUnavailable        has pictures of text, and what would read them is not installed
│   └── DocumentTooLarge      over the limits for size, pages, time or memory
├── RecordingError            one ECG file cannot be measured
│   ├── UnsupportedRecording  a type that is not read, or something has to be told first
│   ├── BrokenRecording       damaged, cut short, or the reader died on it
│   └── RecordingTooLarge     over the limits for size, time or memory
├── PatientTableError         a table of patients, or a bank of cases made of one, cannot be used
│   ├── UnsupportedTable      a type or shape that is not read
│   ├── BrokenTable           damaged, or not what its name says
│   ├── EmptyTable            holds no patient
│   ├── TableTooLarge         over the limits for bytes, patients or columns
│   ├── ColumnsNeeded         the user has to say which column holds what
│   └── CaseBankDiffers       a bank was begun with something else; going on would mix two
├── DocumentNotFound          no document with this id
├── FolderNotFound            no such folder, or none that is watched
├── CollectionNotFound        no collection with this name
├── CollectionExists          a name that is taken
├── TagNotFound               no document with this tag
├── InvalidEntry              a name, title, author or year that cannot be kept
├── EmbeddingError            the embedding model is missing or its process died
├── EmbeddingModelError       an embedding model cannot be taken over, or is in use
│   └── EmbeddingModelNotFound  no embedding model with this name
├── VectorStoreError          the vector index is torn or cannot be opened
├── StorageError              the database or the disk refuses (no space, no permission)
└── Cancelled                 the user stopped it; no failure
"""


class LibraryError(Exception):
    """Base of all errors of the library; ``str(error)`` is one sentence that says what to do."""


class DocumentError(LibraryError):
    """One file cannot become a document; the others are not concerned."""


class UnsupportedDocument(DocumentError):
    """The type of the file is not read."""


class BrokenDocument(DocumentError):
    """The file is damaged or is not what its name says."""


class EncryptedDocument(DocumentError):
    """The file is protected by a password."""


class PasswordRequired(EncryptedDocument):
    """The file can be read once its password is given, or the right one."""


class EmptyDocument(DocumentError):
    """The file holds no text that could be indexed."""


class OcrUnavailable(DocumentError):
    """The file has pictures of text, and the language data to read them is not installed."""


class DocumentTooLarge(DocumentError):
    """The file is over a limit: bytes, pages, time or memory."""


class RecordingError(LibraryError):
    """One ECG file cannot be measured."""


class UnsupportedRecording(RecordingError):
    """The type of the file is not read, or the user has to say more about it (sampling rate, unit)."""


class BrokenRecording(RecordingError):
    """The file is damaged, cut short, or is not what its name says."""


class RecordingTooLarge(RecordingError):
    """The file is over a limit: bytes, leads, time or memory."""


class PatientTableError(LibraryError):
    """A table of patients, or a bank of cases made of one, cannot be used."""


class UnsupportedTable(PatientTableError):
    """The type or the shape of the table is not read."""


class BrokenTable(PatientTableError):
    """The table is damaged or is not what its name says."""


class EmptyTable(PatientTableError):
    """The table holds no patient."""


class TableTooLarge(PatientTableError):
    """The table is over a limit: bytes, patients or columns."""


class ColumnsNeeded(PatientTableError):
    """The user has to say which column holds what."""


class CaseBankDiffers(PatientTableError):
    """A bank was begun with something else; going on would mix two."""


class DocumentNotFound(LibraryError):
    """No document of the library has this id."""


class CollectionNotFound(LibraryError):
    """No collection has this name."""


class CollectionExists(LibraryError):
    """Another collection has this name."""


class TagNotFound(LibraryError):
    """No document has this tag."""


class InvalidEntry(LibraryError):
    """What the user wrote cannot be kept: empty, too long, with control characters, or no year."""


class FolderNotFound(LibraryError):
    """There is no such folder, or the library does not watch it."""


class EmbeddingError(LibraryError):
    """The embedding model is missing, foreign, or its process died."""


class EmbeddingModelError(LibraryError):
    """An embedding model cannot be added, fetched, used or removed."""


class EmbeddingModelNotFound(EmbeddingModelError):
    """No embedding model has this name."""


class VectorStoreError(LibraryError):
    """The vector index is torn, locked or from another version."""


class StorageError(LibraryError):
    """The database or the disk refuses: no space, no permission, a damaged file."""


class Cancelled(LibraryError):
    """The user stopped what was going on; nothing half-done is left."""
