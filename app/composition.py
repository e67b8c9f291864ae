"""The only place that builds real objects and joins them; both front ends start here."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.model_in_use import ModelInUse
from app.paths import Home
from app.settings import Settings, read_settings, write_settings
from app.single_instance import lock_home

if TYPE_CHECKING:
    from filelock import FileLock

    from agents.answer import Arm, Method
    from agents.context import AddRepSettings, AnswerContext
    from agents.events import AnswerEvent
    from agents.exams.service import ExamService
    from agents.export.formats import ExportFormat
    from agents.history import Conversation, ConversationId, History
    from agents.icu.evaluating import EvaluationService
    from agents.icu.service import IcuService
    from agents.turns import Branch
    from app.calibrations import Calibrations
    from app.embedding_change import EmbeddingChange
    from llm.model_store import ModelStore
    from llm.queue import SharedModel
    from rag.embedding.model_store import EmbeddingModelStore
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
        self._model = ModelInUse(self._make_model)
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
                self._model.drop()
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
            ModelContentJudge(
                make_model=lambda: self._model.take_any(self._settings.model),
                prompts=self.prompts.library("en"),
            )
        )

    def chat_model(self, name: str | None = None) -> "SharedModel":
        """Return the model of this name, by default the one in the settings; only one is kept in memory.

        It asks as a person does; others take theirs from its ``with_priority``.

        Raises:
            ModelNotFound: it is not in the models folder.
        """
        return self._model.take(name or self._settings.model)

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
        addrep: "AddRepSettings | None" = None,
    ) -> "Iterator[AnswerEvent]":
        """Answer a question; see :func:`agents.service.answer_question`.

        Only ``documents`` are searched where they are given (``library.organisation.documents_in``). The
        evidence lines of an ECG ``record`` are read before what is found. It is
        saved in ``conversation``, at ``branch`` of it or else at its end, or in a new one, unless ``save`` is
        false. ``addrep`` says which agents look for evidence, in place of the settings.
        """
        from agents.answer import Arm, Method
        from agents.context import AnswerContext, AnswerSettings
        from agents.language import language_of
        from agents.recordings import attach_recording
        from agents.service import answer_question

        arm = arm or Arm.RAG
        if conversation is not None and branch is None:
            branch = self.history.end(conversation)  # another branch may be shown before the answer is there
        context = AnswerContext(
            arm=arm,
            method=method or (Method.BASE if arm is Arm.CLOSED else Method.CP_ORDER),
            library=self.library if record is None else attach_recording(record, self.library, cancel=cancel),
            model=self.chat_model(model),
            prompts=self.prompts.library(language_of(question)),
            history=self.history,
            conversation=conversation,
            branch=branch,
            documents=documents,
            save=save,
            cancel=cancel,
            settings=AnswerSettings(addrep=addrep or self._settings.addrep_settings()),
            calibration=self.calibrations.of(model),
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
            find_calibration=self.calibrations.of,
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
            make_model=self.chat_model,
            make_background_model=lambda name: self.chat_model(name).with_priority(Priority.EXAM),
            find_model=lambda name: self.models.find(name or self._settings.model),
            prompts=self.prompts.library("en"),
        )

    @property
    def evaluations(self) -> "EvaluationService":
        """Evaluates predictions on tables of intensive-care patients."""
        from agents.icu.evaluating import EvaluationService
        from llm.queue import Priority

        return EvaluationService(
            folder=self.home.icu / "evaluations",
            icu=self.icu,
            make_model=lambda name: self.chat_model(name).with_priority(Priority.EXAM),
            find_model=lambda name: self.models.find(name or self._settings.model),
            prompts=self.prompts.library("en"),
        )

    def export_conversation(self, conversation: "Conversation", path: Path, kind: "ExportFormat") -> int:
        """Write a conversation to a file; see :func:`agents.export.service.export_conversation`."""
        from agents.export.service import export_conversation

        return export_conversation(conversation, path, kind, history=self.history, library=self.library)

    @property
    def calibrations(self) -> "Calibrations":
        """How far each chat model's judgement is to be trusted."""
        from app.calibrations import Calibrations

        return Calibrations(
            models=self.models,
            library=self.library,
            settings=lambda: self._settings,
            make_context=self._measuring_context,
            open_samples=self._sample_library,
        )

    @property
    def embedding_change(self) -> "EmbeddingChange":
        """Goes from one embedding model to another."""
        from app.embedding_change import EmbeddingChange
        from rag.embedding.embedding_process import ProcessEmbeddingModel

        return EmbeddingChange(
            library=self.library,
            models=self.embedding_models,
            settings=lambda: self._settings,
            change_settings=self.change_settings,
            open_model=ProcessEmbeddingModel,
        )

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

    def close(self) -> None:
        """Close everything and let go of the data folder."""
        self._model.drop()
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
    lock = lock_home(layout)
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
