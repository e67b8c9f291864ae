"""The only place that builds real objects and joins them; both front ends start here."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.errors import HomeInUse, HomeUnusable
from app.paths import Home
from app.settings import Settings, read_settings, write_settings

if TYPE_CHECKING:
    from filelock import FileLock

    from agents.answer import Arm, Method
    from agents.calibration import Calibration
    from agents.context import AnswerContext
    from agents.events import AnswerEvent
    from agents.exams.service import ExamService
    from agents.export.formats import ExportFormat
    from agents.history import Conversation, ConversationId, History
    from agents.icu.service import IcuService
    from agents.sources import PassageSource
    from agents.turns import Branch
    from llm.model_store import ModelStore
    from llm.queue import QueuedModel, SharedModel
    from rag.embedding.model_store import EmbeddingModelRow, EmbeddingModelStore
    from rag.library import Library
    from rag.reading import OnProgress
    from rag.types import DocumentId, ReindexResult

EMBEDDING_MODEL = Settings().embedding_model
"""Folder of the default embedding model inside the models folder."""


class Bedside:
    """One open data folder with everything that works on it.

    All of it may be used from any thread: calls of the chat model wait for their turn.
    """

    def __init__(
        self,
        *,
        home: Home,
        lock: "FileLock",
        library: "Library",
        history: "History",
        models: "ModelStore",
        embedding_models: "EmbeddingModelStore",
    ) -> None:
        """Take over parts that :func:`open_bedside` built."""
        self.home = home
        self.library = library
        self.history = history
        self.models = models
        self.embedding_models = embedding_models
        from llm.prompt_edits import PromptEdits

        self.prompts = PromptEdits(home.prompts)
        """The wordings of prompts, Bedside's and the user's own."""
        self._lock = lock
        self._settings = read_settings(home.settings)
        self._changing_settings = threading.Lock()
        self._model: SharedModel | None = None
        self._choosing_model = threading.Lock()
        self.judge_documents(is_on=self._settings.filter_with_model)

    @property
    def settings(self) -> Settings:
        """The settings as they are saved."""
        return self._settings

    def change_settings(self, **changes: object) -> None:
        """Change settings by name and save them; a model that is to be run otherwise is loaded anew.

        Raises:
            SettingsError: the disk refuses; then nothing is changed.
        """
        with self._changing_settings:
            settings = Settings.model_validate(self._settings.model_dump() | changes)
            write_settings(settings, self.home.settings)
            is_run_otherwise = settings.runtime_options() != self._settings.runtime_options()
            self._settings = settings
            if is_run_otherwise:
                self._drop_model()
            self.judge_documents(is_on=settings.filter_with_model)

    def judge_documents(self, *, is_on: bool) -> None:
        """Let the chat model decide whether the library filters a text, where the rules are in doubt, or not.

        It is the model that questions are asked, and a question that comes meanwhile is answered first.
        """
        if not is_on:
            self.library.judge_with(None)
            return
        from agents.content_judge import ModelContentJudge

        self.library.judge_with(
            ModelContentJudge(make_model=self._model_for_documents, prompts=self.prompts.library("en"))
        )

    def chat_model(self, name: str | None = None) -> "SharedModel":
        """Return the model of this name, by default the one in the settings; only one is kept in memory.

        It asks as a person does; others take theirs from its ``with_priority``.

        Raises:
            ModelNotFound: it is not in the models folder.
        """
        wanted = name or self._settings.model
        with self._choosing_model:
            if self._model is None or self._model.name != wanted:
                model = self._make_model(wanted)
                if self._model is not None:
                    self._model.close()
                self._model = model
            return self._model

    def _drop_model(self) -> None:
        with self._choosing_model:
            model, self._model = self._model, None
        if model is not None:
            model.close()

    def _model_for_documents(self) -> "QueuedModel":
        """Return the model that is in use, whichever it is: adding documents must not change it."""
        from llm.queue import Priority

        with self._choosing_model:
            if self._model is None:
                self._model = self._make_model(self._settings.model)
            return self._model.with_priority(Priority.DOCUMENTS)

    def _make_model(self, name: str) -> "SharedModel":
        from llm.queue import SharedModel
        from llm.worker import ModelProcess

        row = self.models.find(name)
        return SharedModel(ModelProcess(row.path, name=row.name, options=self._settings.runtime_options()))

    def ask(
        self,
        question: str,
        *,
        cancel: threading.Event,
        conversation: "ConversationId | None" = None,
        branch: "Branch | None" = None,
        save: bool = True,
        arm: "Arm | None" = None,
        method: "Method | None" = None,
        model: str | None = None,
        documents: "frozenset[DocumentId] | None" = None,
        record: Path | None = None,
    ) -> "Iterator[AnswerEvent]":
        """Answer a question; see :func:`agents.service.answer_question`.

        Only ``documents`` are searched where they are given (``library.organisation.documents_in``). The
        evidence lines of an ECG ``record`` are read before what is found. It is
        saved in ``conversation``, at ``branch`` of it or else at its end, or in a new one, unless ``save`` is
        false.
        """
        from agents.answer import Arm, Method
        from agents.context import AnswerContext
        from agents.language import language_of
        from agents.service import answer_question

        arm = arm or Arm.RAG
        if conversation is not None and branch is None:
            branch = self.history.end(conversation)  # another branch may be shown before the answer is there
        context = AnswerContext(
            arm=arm,
            method=method or (Method.BASE if arm is Arm.CLOSED else Method.CP_ORDER),
            library=self.library if record is None else self._with_record(record, cancel),
            model=self.chat_model(model),
            prompts=self.prompts.library(language_of(question)),
            history=self.history,
            conversation=conversation,
            branch=branch,
            documents=documents,
            save=save,
            cancel=cancel,
            calibration=self.calibration(model),
        )
        return answer_question(question, context=context)

    @property
    def exams(self) -> "ExamService":
        """Runs exams on this library, with the models of the folder; their calls come after a person's."""
        from agents.exams.service import ExamService
        from llm.queue import Priority

        return ExamService(
            library=self.library,
            history=self.history,
            make_model=lambda name: self.chat_model(name).with_priority(Priority.EXAM),
            find_model=lambda name: self.models.find(name or self._settings.model),
            find_calibration=self.calibration,
            embedding_model=lambda: self._settings.embedding_model,
            prompts=self.prompts.library("en"),
        )

    @property
    def icu(self) -> "IcuService":
        """Builds banks of intensive-care patients and estimates the risk of one."""
        from agents.icu.service import IcuService
        from llm.queue import Priority

        return IcuService(
            folder=self.home.icu,
            make_model=lambda name: self.chat_model(name).with_priority(Priority.EXAM),
            find_model=lambda name: self.models.find(name or self._settings.model),
            prompts=self.prompts.library("en"),
        )

    def _with_record(self, record: Path, cancel: threading.Event) -> "PassageSource":
        """Measure an ECG recording and put its evidence lines before what the library holds.

        Raises:
            EcgError: it cannot be read or measured.
        """
        from agents.sources import AttachedTexts, GivenPassages, GivenText
        from rag.clinical.ecg.measuring import evidence_lines

        lines = "\n".join(line.text for line in evidence_lines(record, cancel=cancel))
        text = GivenText(title=f"ECG recording {record.name}", text=lines)
        return AttachedTexts(GivenPassages([text], library=self.library), self.library)

    def calibration(self, model: str | None = None) -> "Calibration":
        """Return what was found out about a chat model, by default the one in the settings; else defaults."""
        from agents.calibration import DEFAULT, read_calibration
        from llm.errors import ModelFileError, ModelNotFound

        try:
            row = self.models.find(model or self._settings.model)
        except (ModelNotFound, ModelFileError):
            return DEFAULT  # whoever loads it says so
        return read_calibration(row.path, row.sha256, self._settings.embedding_model)

    def export_conversation(self, conversation: "Conversation", path: Path, kind: "ExportFormat") -> int:
        """Write a conversation to a file; see :func:`agents.export.service.export_conversation`."""
        from agents.export.service import export_conversation

        return export_conversation(conversation, path, kind, history=self.history, library=self.library)

    def calibrate_model(
        self,
        name: str | None = None,
        *,
        questions: Path | None = None,
        cancel: threading.Event,
        on_progress: "Callable[[float], None]",
    ) -> "Calibration":
        """Find out how far a chat model's judgement is to be trusted, and keep that beside its file.

        Args:
            name: of the model; ``None`` for the one in the settings.
            questions: a file of questions about the user's own library, as
                :func:`agents.calibrating.read_questions` reads it; ``None`` for the sample questions about
                the sample library, which is indexed for that.
            cancel: looked at between two evaluations.
            on_progress: told the share that is done.

        Raises:
            AnswerError, LibraryError, ModelError: in a sentence for the user; nothing is changed then.
        """
        from agents.calibrating import calibrate, read_questions, read_samples
        from agents.calibration import write_calibration
        from agents.errors import CalibrationError

        row = self.models.find(name or self._settings.model)
        asked = read_questions(questions) if questions is not None else read_samples()
        with nullcontext(self.library) if questions is not None else self._sample_library(cancel) as library:
            calibration = calibrate(
                asked,
                context=self._measuring_context(library, row.name, cancel),
                sha256=row.sha256,
                embedding_model=self._settings.embedding_model,
                on_progress=on_progress,
            )
        try:
            write_calibration(calibration, row.path)
        except OSError as e:
            raise CalibrationError(
                "The calibration cannot be saved; please check the space and rights of the models folder."
            ) from e
        return calibration

    def _measuring_context(self, library: "Library", model: str, cancel: threading.Event) -> "AnswerContext":
        from agents.answer import Arm, Method
        from agents.context import AnswerContext
        from llm.queue import Priority

        return AnswerContext(
            arm=Arm.ADDREP,
            method=Method.CP_ORDER,
            library=library,
            model=self.chat_model(model).with_priority(Priority.EXAM),
            prompts=self.prompts.library("en"),
            history=self.history,
            conversation=None,
            save=False,
            cancel=cancel,
        )

    @contextmanager
    def _sample_library(self, cancel: threading.Event) -> "Iterator[Library]":
        """Index the sample library for as long as the context lasts."""
        from resources import reader

        with TemporaryDirectory(prefix="bedside-samples-") as folder:
            library = open_library(Home(Path(folder)), self.models.folder, self._settings)
            try:
                with reader.open_path("samples/library") as samples:
                    for _ in library.add([samples], cancel=cancel, on_progress=lambda _: None):
                        pass
                yield library
            finally:
                library.close()

    def remove_document(self, document: "DocumentId") -> int:
        """Remove a document for good; its quotes in saved answers become marks.

        Returns:
            How many saved answers changed.
        """
        return self.remove_documents([document])

    def remove_documents(self, documents: "Sequence[DocumentId]") -> int:
        """Remove documents for good; their quotes in saved answers become marks.

        Many take as long as one. ``history.cited_in`` tells before how many answers will change.

        Returns:
            How many saved answers changed.
        """
        changed = self.history.redact(*documents)  # first: killed after this, no quote is left over
        try:
            self.library.remove(*documents)
        finally:
            changed += self.history.redact(*documents)  # of answers that were saved meanwhile
        return changed

    def reindex_documents(
        self,
        documents: "Sequence[DocumentId] | None" = None,
        *,
        cancel: threading.Event,
        on_progress: "OnProgress",
    ) -> "Iterator[ReindexResult]":
        """Index documents again, by default all; their quotes in saved answers are found again.

        See :meth:`rag.reindexing.Reindexing.reindex`. Killed between the two, the next time finds them.
        """
        for result in self.library.reindexing.reindex(documents, cancel=cancel, on_progress=on_progress):
            self.history.relocate(result.document, self.library.page_texts(result.document))
            yield result

    def change_embedding_model(
        self, name: str, *, cancel: threading.Event, on_progress: "Callable[[float], None]"
    ) -> None:
        """Embed the library with another model while the present one serves, then use the other one.

        Stopped or killed, the change stays under way, also after a restart: the next call goes on. One
        thread at a time may change it. See :meth:`rag.library.Library.change_model`.

        Args:
            name: of a model in ``embedding_models``.
            cancel: looked at several times a second.
            on_progress: called with the share of the library that is embedded.

        Raises:
            EmbeddingModelError: there is no such model, or it cannot be used.
            EmbeddingError: its process died.
            Cancelled: ``cancel`` was set.
        """
        from rag.embedding.embedding_process import ProcessEmbeddingModel

        row = self._usable_embedding_model(name)
        if row.name == self._settings.embedding_model:
            self.drop_embedding_change()
            return
        self.change_settings(next_embedding_model=row.name)
        new = ProcessEmbeddingModel(row.folder)
        try:
            self.library.change_model(new, cancel=cancel, on_progress=on_progress)
        except BaseException:
            new.close()
            raise
        # Written before the old vectors go: killed in between, there are vectors of the model that serves.
        self.change_settings(embedding_model=row.name, next_embedding_model=None)
        self.library.drop_other_vectors()

    def drop_embedding_change(self) -> None:
        """Give up a change of the embedding model that is under way and was stopped; its vectors go."""
        self.change_settings(next_embedding_model=None)
        self.library.drop_other_vectors()

    def remove_embedding_model(self, name: str) -> None:
        """Remove an embedding model from the models folder.

        Raises:
            EmbeddingModelError: there is no such model, or it is in use or about to be, or the disk refuses.
        """
        from rag.errors import EmbeddingModelError

        row = self.embedding_models.find(name)
        if row.name in (self._settings.embedding_model, self._settings.next_embedding_model):
            raise EmbeddingModelError(
                f"The embedding model {row.name!r} is in use; please change to another one first."
            )
        self.embedding_models.remove(row.name)

    def _usable_embedding_model(self, name: str) -> "EmbeddingModelRow":
        from rag.errors import EmbeddingModelError

        row = self.embedding_models.find(name)
        if row.problem is not None:
            raise EmbeddingModelError(row.problem)
        return row

    def close(self) -> None:
        """Close everything and let go of the data folder."""
        self._drop_model()
        self.library.close()
        self.history.close()
        self._lock.release()


def open_bedside(home: Path, models: Path) -> Bedside:
    """Open a data folder; it is made when it is not there. Loads neither the chat nor the embedding model.

    Raises:
        HomeInUse: another Bedside uses it.
        HomeUnusable: it cannot be made or written.
        LibraryError: a database in it is damaged.
    """
    from agents.history import History
    from llm.model_store import ModelStore
    from rag.embedding.model_store import EmbeddingModelStore

    layout = Home(home)
    lock = _lock(layout)
    try:
        library = open_library(layout, models, read_settings(layout.settings))
        history = History(layout.history)
        return Bedside(
            home=layout,
            lock=lock,
            library=library,
            history=history,
            models=ModelStore(models),
            embedding_models=EmbeddingModelStore(models),
        )
    except BaseException:
        lock.release()
        raise


def open_library(layout: Home, models: Path, settings: Settings) -> "Library":
    """Build the library of a data folder; the caller holds its lock."""
    from rag.embedding.embedding_process import ProcessEmbeddingModel
    from rag.library import Library
    from rag.retrieval.reranking import CrossEncoderReranker
    from rag.vector_store.chroma import open_chroma

    return Library(
        folder=layout.library,
        embedding=ProcessEmbeddingModel(models / settings.embedding_model),
        open_vector_store=open_chroma,
        reranker=CrossEncoderReranker(models / settings.reranker) if settings.reranker else None,
    )


def _lock(layout: Home) -> "FileLock":
    from filelock import FileLock, Timeout

    try:
        layout.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(layout.lock, thread_local=False)  # the window opens and closes in different threads
        lock.acquire(timeout=0)
    except Timeout as e:
        raise HomeInUse(
            "Another Bedside uses this data folder; please close it or choose another folder with --home."
        ) from e
    except OSError as e:
        raise HomeUnusable(
            f"The data folder {layout.folder} cannot be written; please choose another one with --home."
        ) from e
    return lock
