"""Exams as a service: one object for every front end, which puts a run together and lets it go."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agents.answer import Arm, Method
from agents.calibration import Calibration
from agents.context import AddRepSettings
from agents.errors import RunDiffers
from agents.exams.answering import BedsideAnswerer, ExamTools
from agents.exams.cases import PROMPTS as CASE_PROMPTS
from agents.exams.cases import SimilarCases, bank_of_rows, read_cases
from agents.exams.errors import ArmUnavailable
from agents.exams.evidence import (
    AddRepEvidence,
    EvidenceFinder,
    EvidenceKey,
    KeptEvidence,
    LibraryEvidence,
    OwnEvidence,
    own_texts,
)
from agents.exams.importing import ImportedExam, import_exam
from agents.exams.items import ExamItem
from agents.exams.library_state import describe_library
from agents.exams.prompting import ItemPrompts
from agents.exams.records import ExamArm, LibraryRecord, Manifest, RunSettings
from agents.exams.runner import ExamEvent, ExamRunner, ItemDone
from agents.exams.runs import EVIDENCE, RunFolder
from agents.history import History
from agents.run_records import ModelRecord, describe_model, record_versions
from llm.case_prompt import CaseBank
from llm.chat_model import ChatModel
from llm.prompts import PromptLibrary
from llm.types import ModelRow
from rag.library import Library

SEARCHING = (ExamArm.RAG, ExamArm.ADDREP)
"""Arms that need documents in the library."""
OWN = (ExamArm.CONTEXT, ExamArm.ORACLE)
"""Arms that need texts in the items."""
VERSIONS = ("bedside", "llama-cpp-python", "numpy", "scipy")
CASES_FOLDER = "cases"
"""Inside a run's folder: the run on the training items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDone:
    """An item of the training split was asked, to find out what this model gets wrong."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run, as the user asks for it."""

    exam: ImportedExam
    settings: RunSettings
    folder: Path
    model: str | None = None
    """Name of the model; ``None`` for that of the settings."""
    cases: Path | None = None
    """A bank of past cases, a run's folder, or items to train on."""
    evidence: tuple[Path, ...] = ()
    """Folders of runs whose searches are taken over, where library and settings are the same."""
    resume: bool = False


class ExamService:
    """Runs exams on a library and models. Runs of one service are made one after the other."""

    def __init__(
        self,
        *,
        library: Library,
        history: History,
        make_model: Callable[[str | None], ChatModel],
        find_model: Callable[[str | None], ModelRow],
        find_calibration: Callable[[str | None], Calibration],
        embedding_model: Callable[[], str],
        prompts: PromptLibrary,
    ) -> None:
        """Take what runs work with.

        Args:
            library: searched by ``rag`` and ``addrep``; lends its embedding model to the choice of cases.
            history: never written.
            make_model: gives a model by name, for use with the priority of exams.
            find_model: describes it.
            find_calibration: of a model, for the agents.
            embedding_model: name of the one that serves.
            prompts: the wordings of all languages.
        """
        self._library = library
        self._history = history
        self._make_model = make_model
        self._find_model = find_model
        self._find_calibration = find_calibration
        self._embedding_model = embedding_model
        self._prompts = prompts

    def run(self, request: RunRequest, *, cancel: threading.Event) -> Iterator[ExamEvent | TrainingDone]:
        """Run an exam to its end, or until ``cancel`` is set; what is done stays on the disk.

        Raises:
            AnswerError, ModelError, LibraryError: in a sentence for the user.
        """
        settings = request.settings
        if settings.arm in SEARCHING and not self._library.has_documents():
            raise ArmUnavailable(
                f"The library is empty; please add documents before you run arm {settings.arm}."
            )
        row = self._find_model(request.model)
        loaded = self._make_model(row.name).load(cancel=cancel)
        model = describe_model(row, loaded)
        bank: CaseBank | None = None
        if request.cases is not None:
            bank = yield from self._bank(request, request.cases, model, cancel)
            if cancel.is_set():
                return
        yield from self._runner(request, model, bank).run(resume=request.resume, cancel=cancel)

    def _runner(self, request: RunRequest, model: ModelRecord, bank: CaseBank | None) -> ExamRunner:
        settings = request.settings
        items, without = choose_items(request.exam, settings)
        prompts = ItemPrompts(self._prompts)
        library = (
            describe_library(self._library, self._embedding_model()) if self._searches(settings) else None
        )
        tools = ExamTools(
            library=self._library,
            history=self._history,
            make_model=lambda: self._make_model(model.name),
            prompts=self._prompts,
            calibration=self._find_calibration(model.name),
        )
        return ExamRunner(
            folder=RunFolder(request.folder),
            manifest=self._manifest(request, items, without, model, library, bank),
            items=items,
            make_model=lambda: self._make_model(model.name),
            finder=self._finder(request, model, library, tools),
            prompts=prompts,
            cases=None
            if bank is None
            else SimilarCases(
                bank,
                embed=lambda texts, stop: self._library.embed(texts, cancel=stop),
                prompts=self._prompts,
                exam=items,
                count=settings.shown_cases,
            ),
            answerer=None
            if settings.method is None
            else BedsideAnswerer(tools, settings.arm, settings.method),
        )

    def _searches(self, settings: RunSettings) -> bool:
        return settings.arm in SEARCHING

    def _finder(
        self, request: RunRequest, model: ModelRecord, library: LibraryRecord | None, tools: ExamTools
    ) -> EvidenceFinder:
        settings = request.settings
        if library is None:
            return OwnEvidence(settings.arm)
        is_rag = settings.arm is ExamArm.RAG
        finder: EvidenceFinder = (
            LibraryEvidence(self._library, passages=settings.passages) if is_rag else _addrep_evidence(tools)
        )
        key = EvidenceKey(
            arm=settings.arm,
            library=library.state,
            passages=settings.passages if is_rag else AddRepSettings().passage_tokens,
            model="" if is_rag else model.sha256,
        )
        request.folder.mkdir(parents=True, exist_ok=True)
        others = [folder / EVIDENCE for folder in request.evidence]
        return KeptEvidence(finder, request.folder / EVIDENCE, key, others=others)

    def _manifest(
        self,
        request: RunRequest,
        items: Sequence[ExamItem],
        without: Sequence[str],
        model: ModelRecord,
        library: LibraryRecord | None,
        bank: CaseBank | None,
    ) -> Manifest:
        left_out: dict[str, dict[str, str]] = {}
        for each in request.exam.left_out:
            left_out.setdefault(str(each.reason), {})[each.id] = each.detail
        if without:
            left_out["no_text"] = dict.fromkeys(without, f"it has no text for arm {request.settings.arm}")
        prompts = ItemPrompts(self._prompts)
        cases = prompts.fingerprints(items, CASE_PROMPTS) if bank else {}
        return Manifest(
            exam=request.exam.name,
            exam_sha256=request.exam.sha256,
            items={item.id: item.fingerprint for item in items},
            left_out=left_out,
            settings=request.settings,
            model=model,
            library=library,
            cases_sha256=bank.sha256 if bank else None,
            prompts=prompts.fingerprints(items) | cases,
            versions=record_versions(VERSIONS),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _bank(
        self, request: RunRequest, path: Path, model: ModelRecord, cancel: threading.Event
    ) -> Generator[TrainingDone, None, CaseBank]:
        """Read a bank, or make one: ask the training items in arm ``closed`` and keep what is wrong."""
        bank = read_cases(path)
        if bank is None:
            bank = yield from self._train(request, import_exam(path), model, cancel)
        if bank.model_sha256 != model.sha256:
            raise RunDiffers(
                f"The cases are wrong answers of {bank.model}, not of {model.name}; "
                "please build them with this model."
            )
        return bank

    def _train(
        self, request: RunRequest, exam: ImportedExam, model: ModelRecord, cancel: threading.Event
    ) -> Generator[TrainingDone, None, CaseBank]:
        settings = RunSettings(
            arm=ExamArm.CLOSED, scoring=request.settings.scoring, seed=request.settings.seed
        )
        asked = {item.content_key for item in request.exam.items}
        training = replace(
            exam, items=tuple(item for item in exam.items if item.options and item.content_key not in asked)
        )
        folder = RunFolder(request.folder / CASES_FOLDER)
        run = replace(request, exam=training, settings=settings, folder=folder.folder, cases=None)
        for event in self._runner(run, model, None).run(resume=folder.exists, cancel=cancel):
            if isinstance(event, ItemDone):
                yield TrainingDone(done=event.done, total=event.total, seconds_left=event.seconds_left)
        return bank_of_rows(folder.rows(), model=model.name, model_sha256=model.sha256)


def choose_items(exam: ImportedExam, settings: RunSettings) -> tuple[tuple[ExamItem, ...], tuple[str, ...]]:
    """Return the items that are asked, and the ids of those that have no text for the arm.

    Raises:
        ArmUnavailable: none has.
    """
    without = tuple(
        item.id for item in exam.items if settings.arm in OWN and not own_texts(item, settings.arm)
    )
    missing = set(without)
    items = tuple(item for item in exam.items if item.id not in missing)[: settings.limit]
    if not items:
        raise ArmUnavailable(
            f"No item has a text of its own for arm {settings.arm}; please choose another arm."
        )
    return items, without


def _addrep_evidence(tools: ExamTools) -> AddRepEvidence:
    return AddRepEvidence(
        lambda question, cancel: tools.context(question, Arm.ADDREP, Method.CP_ORDER, cancel)
    )
