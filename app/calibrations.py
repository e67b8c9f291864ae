"""What is known of how far each chat model's judgement is to be trusted, and how it is found out."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.calibration import Calibration
    from agents.context import AnswerContext
    from app.settings import Settings
    from llm.model_store import ModelStore
    from rag.library import Library

MakeContext = Callable[["Library", str, threading.Event], "AnswerContext"]
"""How a model of this name is asked about a library."""
OpenSamples = Callable[[threading.Event], AbstractContextManager["Library"]]
"""Indexes the sample library for as long as the context lasts."""


class Calibrations:
    """The calibrations that lie beside the files of the models folder."""

    def __init__(
        self,
        *,
        models: "ModelStore",
        library: "Library",
        settings: "Callable[[], Settings]",
        make_context: MakeContext,
        open_samples: OpenSamples,
    ) -> None:
        """Nothing is read yet. ``library`` is the user's own."""
        self._models = models
        self._library = library
        self._settings = settings
        self._make_context = make_context
        self._open_samples = open_samples

    def of(self, model: str | None = None) -> "Calibration":
        """Return what was found out about a chat model, by default the one in the settings; else defaults."""
        from agents.calibration import DEFAULT, read_calibration
        from llm.errors import ModelFileError, ModelNotFound

        settings = self._settings()
        try:
            row = self._models.find(model or settings.model)
        except (ModelNotFound, ModelFileError):
            return DEFAULT  # whoever loads it says so
        return read_calibration(row.path, row.sha256, settings.embedding_model)

    def measure(
        self,
        name: str | None = None,
        *,
        questions: Path | None = None,
        cancel: threading.Event,
        on_progress: Callable[[float], None],
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

        settings = self._settings()
        row = self._models.find(name or settings.model)
        asked = read_questions(questions) if questions is not None else read_samples()
        with self._open(questions, cancel) as library:
            calibration = calibrate(
                asked,
                context=self._make_context(library, row.name, cancel),
                sha256=row.sha256,
                embedding_model=settings.embedding_model,
                on_progress=on_progress,
            )
        _keep(calibration, row.path)
        return calibration

    def _open(self, questions: Path | None, cancel: threading.Event) -> AbstractContextManager["Library"]:
        return self._open_samples(cancel) if questions is None else nullcontext(self._library)


def _keep(calibration: "Calibration", model_file: Path) -> None:
    from agents.calibration import write_calibration
    from agents.errors import CalibrationError

    try:
        write_calibration(calibration, model_file)
    except OSError as e:
        raise CalibrationError(
            "The calibration cannot be saved; please check the space and rights of the models folder."
        ) from e
