"""The library: the facade over storage, indexing and retrieval."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from rag.chunking.filtering import ContentJudge
from rag.documents.loading import ExtractionLimits
from rag.embedding.embedding_model import EmbeddingModel, Vectors
from rag.embedding.serving_model import ServingModel
from rag.filtered_chunks import FilteredChunks
from rag.indexing import Indexer, find_files
from rag.intake import Intake, Wish
from rag.model_change import ModelChange
from rag.organisation import Organisation
from rag.reading import DocumentReader, OnProgress, file_reports
from rag.reindexing import Reindexing
from rag.retrieval.dense import DenseRetriever
from rag.retrieval.hybrid import HybridRetriever
from rag.retrieval.lexical import LexicalRetriever
from rag.retrieval.reranking import Reranker
from rag.search_indexes import SearchIndexes
from rag.storage import full_text
from rag.storage.catalogue import Catalogue
from rag.storage.engine import open_database
from rag.storage.migrations import migrate
from rag.storage.originals import Originals
from rag.storage.sources import Sources
from rag.storage.vector_archive import VectorArchive
from rag.synchronisation import Synchronisation
from rag.types import (
    AddResult,
    CheckReport,
    Chunk,
    ChunkId,
    Document,
    DocumentId,
    Page,
    SearchResult,
)
from rag.upkeep import Upkeep
from rag.vector_store.vector_index import EXACT_UP_TO, VectorIndex
from rag.vector_store.vector_store import VectorStore
from rag.versions import Versions

_DATABASE = "library.sqlite3"
_ORIGINALS = "originals"
_VECTORS = "vectors"

logger = logging.getLogger(__name__)


class Library:
    """All documents of one folder.

    One thread at a time may add, resume, synchronise, index again, restore or rebuild; everything else may be
    called from any thread meanwhile. Neither the embedding model nor the vector index is loaded before it is
    needed.
    """

    def __init__(
        self,
        *,
        folder: Path,
        embedding: EmbeddingModel,
        open_vector_store: Callable[[Path], VectorStore],
        limits: ExtractionLimits | None = None,
        exact_up_to: int = EXACT_UP_TO,
        reranker: Reranker | None = None,
    ) -> None:
        """Open or make a library, and finish a removal that was interrupted.

        Args:
            folder: of the library; no other program may use it.
            embedding: closed with the library.
            open_vector_store: opens or makes a store in a folder of its own.
            limits: what one file may cost.
            exact_up_to: how many chunks are compared one by one, before some go into a vector store.
            reranker: orders the best chunks of a search anew; closed with the library.

        Raises:
            StorageError: the database is damaged or of a newer version, or the disk refuses.
        """
        self._embedding = serving = ServingModel(embedding)
        self._engine = open_database(folder / _DATABASE)
        self._originals = Originals(folder / _ORIGINALS)
        self._catalogue = Catalogue(self._engine, self._originals)
        self._archive = VectorArchive(self._engine)
        self._index = VectorIndex(
            folder / _VECTORS,
            archive=self._archive,
            open_store=open_vector_store,
            fingerprint=lambda: serving.fingerprint,
            exact_up_to=exact_up_to,
        )
        self._writing = threading.Lock()
        self._indexes = SearchIndexes(engine=self._engine, index=self._index, writing=self._writing)
        self.organisation = Organisation(engine=self._engine, indexes=self._indexes, writing=self._writing)
        """Collections, tags, titles, and which documents are searched."""
        self._versions = Versions(engine=self._engine, indexes=self._indexes)
        self._reader = DocumentReader(limits=limits or ExtractionLimits())
        self._indexer = Indexer(
            catalogue=self._catalogue,
            intake=Intake(
                catalogue=self._catalogue,
                originals=self._originals,
                versions=self._versions,
                limits=self._reader.limits,
                writing=self._writing,
            ),
            indexes=self._indexes,
            versions=self._versions,
            embedding=serving,
            reader=self._reader,
        )
        self.synchronisation = Synchronisation(sources=Sources(self._engine), add=self._add)
        """Folders that the library follows."""
        self.reindexing = Reindexing(
            catalogue=self._catalogue,
            archive=self._archive,
            indexes=self._indexes,
            embedding=serving,
            reader=self._reader,
        )
        """Extraction and chunking once more."""
        self.filtered_chunks = FilteredChunks(
            catalogue=self._catalogue, archive=self._archive, indexes=self._indexes, embedding=serving
        )
        """Taking back what was filtered."""
        self._upkeep = Upkeep(
            engine=self._engine,
            catalogue=self._catalogue,
            originals=self._originals,
            archive=self._archive,
            index=self._index,
            embedding=serving,
            writing=self._writing,
        )
        self._lexical = LexicalRetriever(self._engine)
        self._retriever = HybridRetriever(
            dense=DenseRetriever(embedding=serving, index=self._index, archive=self._archive),
            lexical=self._lexical,
            catalogue=self._catalogue,
            reranker=reranker,
        )
        self._reranker = reranker
        try:
            migrate(self._engine)
            full_text.refresh(self._engine)
            self._upkeep.clear_away()
        except BaseException:
            self._engine.dispose()
            raise

    def add(
        self,
        paths: Sequence[Path],
        *,
        wish: Wish | None = None,
        cancel: threading.Event,
        on_progress: OnProgress,
    ) -> Iterator[AddResult]:
        """Add files and all files in folders; yield a result for each as soon as it is done.

        A file that has other bytes than when it was added before is a new version: searches no longer find
        the older one, but it stays open to old answers. After ``cancel`` the results end; nothing of the
        files in work stays.

        Raises:
            EmbeddingError: the embedding model is missing, so that nothing can be added.
        """
        wishes = [(file, wish or Wish()) for file in find_files(paths)]
        return self._add(wishes, cancel=cancel, on_progress=on_progress)

    def judge_with(self, judge: ContentJudge | None) -> None:
        """Let ``judge`` decide from now on what of a document is content, where the rules are in doubt."""
        self._reader.judge = judge

    def unfinished(self) -> int:
        """Count the documents whose indexing was interrupted by the end of the program."""
        return len(self._catalogue.pending())

    def resume(self, *, cancel: threading.Event, on_progress: OnProgress) -> Iterator[AddResult]:
        """Go on with them; yield a result for each. After ``cancel`` the rest stays unfinished.

        Raises:
            EmbeddingError: the embedding model is missing.
        """
        pending = self._catalogue.pending()
        _ = self._embedding.fingerprint
        reports = file_reports([Path(document.file) for document in pending], on_progress)
        return _logged(self._indexer.resume(pending, cancel=cancel, reports=reports))

    def documents(self) -> list[Document]:
        """List all documents, unfinished ones too, in the order in which they were added."""
        return self._catalogue.documents()

    def has_documents(self, documents: Collection[DocumentId] | None = None) -> bool:
        """Tell whether there is any document; of ``documents``, whether one is searched."""
        if documents is None:
            return not self._catalogue.is_empty()
        return any(each.is_searchable for each in self.documents() if each.id in documents)

    def document(self, document: DocumentId) -> Document:
        """Return a document.

        Raises:
            DocumentNotFound: there is none with this id.
        """
        return self._catalogue.document(document)

    def find_document(self, prefix: str) -> Document:
        """Return the one document whose id begins so; at least four characters.

        Raises:
            DocumentNotFound: there is none, or more than one, or the prefix is too short.
        """
        return self._catalogue.find(prefix)

    def page(self, document: DocumentId, page_index: int) -> Page:
        """Return a page with its boxes.

        Raises:
            DocumentNotFound: there is no such document or page.
        """
        return self._catalogue.page(document, page_index)

    def page_texts(self, document: DocumentId) -> dict[int, str]:
        """Return the texts of all pages by page index, without the boxes of their words."""
        return self._catalogue.page_texts(document)

    def chunks(self, document: DocumentId) -> list[Chunk]:
        """Return a document's chunks in their order, filtered ones too."""
        return self._catalogue.chunks(document)

    def first_pages(self, chunks: Collection[Chunk]) -> dict[ChunkId, int | None]:
        """Return the physical page on which each chunk begins, as far as it is there."""
        return self._catalogue.first_pages(chunks)

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        documents: Collection[DocumentId] | None = None,
        cancel: threading.Event | None = None,
    ) -> SearchResult:
        """Find the chunks that fit a question best, by meaning and by words.

        Args:
            query: a question or words.
            top_k: chunks at most.
            documents: only in these, as :meth:`Organisation.documents_in` gives them; ``None`` is everywhere.
            cancel: ends it.

        Raises:
            Cancelled: ``cancel`` was set, also while the model is loaded for a first question.
            EmbeddingError: the embedding model is missing or its process died.
            VectorStoreError: the vectors are of another model; the sentence says to rebuild.
        """
        with self._embedding.searching.passed():
            return self._retriever.search(
                query, top_k=top_k, documents=documents, cancel=cancel or threading.Event()
            )

    def find_matches(self, query: str, texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
        """Return where in each text words of a query stand, or other names of what it names.

        Offsets are of the text, ascending and without overlap. Spelling and endings count as in a search.
        """
        return self._lexical.matches(query, texts)

    def score_words(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the BM25 (0 or more) of a question and each of some texts; texts of one call compare.

        Other names of what the question names count less; how rare a word is this library's chunks say.
        """
        return self._lexical.score_texts(query, texts)

    def warm_up(self) -> None:
        """Begin to load the embedding model, so that the first search need not; returns at once."""
        self._embedding.warm_up()

    def similarities(
        self, query: str, texts: Sequence[str], *, cancel: threading.Event | None = None
    ) -> list[float]:
        """Return the cosine (-1 to 1) of a question and each of some texts.

        Raises:
            Cancelled: ``cancel`` was set.
            EmbeddingError: the embedding model is missing or its process died.
        """
        with self._embedding.searching.passed():
            question, *others = self._embedding.embed(
                [query, *texts], cancel=cancel or threading.Event(), on_progress=lambda _: None
            )
        return [float(np.clip(other @ question, -1, 1)) for other in others]

    def embed(self, texts: Sequence[str], *, cancel: threading.Event | None = None) -> Vectors:
        """Return a vector of length 1 for each text, a row each, as a question would get it.

        Raises:
            Cancelled: ``cancel`` was set.
            EmbeddingError: the embedding model is missing or its process died.
        """
        with self._embedding.searching.passed():
            return self._embedding.embed(
                texts, cancel=cancel or threading.Event(), on_progress=lambda _: None
            )

    def remove(self, *documents: DocumentId) -> None:
        """Remove documents for good: afterwards no file holds any of their text or vectors.

        The indexes are written anew, which takes as long for many as for one. Killed or refused in between,
        the next start finishes it.

        Raises:
            DocumentNotFound: there is none with one of the ids; nothing is removed then.
            StorageError: the disk refuses; the documents are gone, their traces may not be.
        """
        self._upkeep.remove(documents)

    def check(self) -> CheckReport:
        """Compare database, indexes and folder; reads everything, changes nothing.

        Raises:
            EmbeddingError: the embedding model is missing.
        """
        return self._upkeep.check()

    def rebuild(self, *, cancel: threading.Event, on_progress: OnProgress) -> CheckReport:
        """Make full text and vector index again from the database, embed what has no vector, and check.

        No document is parsed again. Stopped in between, the next rebuild goes on. What a change of the
        embedding model has done so far is done again.

        Raises:
            EmbeddingError: the embedding model is missing or its process died.
            Cancelled: ``cancel`` was set.
        """
        return self._upkeep.rebuild(cancel=cancel, on_progress=on_progress)

    def change_model(
        self, new: EmbeddingModel, *, cancel: threading.Event, on_progress: Callable[[float], None]
    ) -> None:
        """Embed everything with another model while the old one serves, then let the new one serve.

        It may run beside anything else but itself and :meth:`close`. Stopped or killed anywhere, what was
        embedded stays, and the next call goes on. The old model's vectors stay too, until
        :meth:`drop_other_vectors`: the caller first writes down which model serves.

        Args:
            new: closed with the library once it serves, and the old one then; else it stays the caller's.
            cancel: looked at several times a second.
            on_progress: called with the share of all chunks that have a vector of ``new``.

        Raises:
            Cancelled: ``cancel`` was set; the old model serves.
            EmbeddingError: the new model is missing or its process died; the old model serves.
        """
        self._archive.remove_foreign(self._embedding.fingerprint, new.fingerprint)
        change = ModelChange(
            catalogue=self._catalogue,
            archive=self._archive,
            index=self._index,
            serving=self._embedding,
            writing=self._writing,
        )
        change.run(new, cancel=cancel, on_progress=on_progress).close()

    def drop_other_vectors(self) -> None:
        """Delete the vectors of all models but the one that serves."""
        self._archive.remove_foreign(self._embedding.fingerprint)

    def close(self) -> None:
        """Let go of all files and processes; nobody may be using the library."""
        self._reader.close()
        self._embedding.close()
        if self._reranker is not None:
            self._reranker.close()
        self._index.close()
        self._engine.dispose()

    def _add(
        self, files: Sequence[tuple[Path, Wish]], *, cancel: threading.Event, on_progress: OnProgress
    ) -> Iterator[AddResult]:
        if files:
            _ = self._embedding.fingerprint  # a missing model is said once, not for every file
        reports = file_reports([file for file, _ in files], on_progress)
        return _logged(self._indexer.add(files, cancel=cancel, reports=reports))


def _logged(results: Iterator[AddResult]) -> Iterator[AddResult]:
    for result in results:
        logger.info("%s after %.1f s: %d chunks", result.status, result.seconds, result.chunks)
        yield result
