"""Puts an evaluation together and lets it go: split, sample, arms, manifest, and then row after row."""

import hashlib
import random
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from agents.errors import RunDiffers
from agents.icu.asking import AskingPredictor, Question
from agents.icu.building import BuildProgress
from agents.icu.errors import EvaluationError
from agents.icu.fitted import fit_arms, groups_of
from agents.icu.folder import EvaluationFolder
from agents.icu.prompting import PatientPrompts
from agents.icu.records import (
    ASKED,
    WITH_BANK,
    EvaluationSettings,
    Manifest,
    SplitRecord,
)
from agents.icu.runner import EvaluationEvent, EvaluationRunner, Predictor, SampledPatient
from agents.icu.service import BuildRequest, IcuService
from agents.icu.swapping import Swaps
from agents.run_records import ModelRecord, describe_model, record_versions
from llm.chat_model import ChatModel
from llm.model_store import clean_name
from llm.prompts import PromptLibrary
from llm.types import ModelRow
from rag.clinical.cases.bank import PatientBank, read_patient_bank
from rag.clinical.cases.similarity import SimilarPatients
from rag.clinical.cases.splitting import TEST_SHARE, Split, sample_patients, split_patients
from rag.clinical.cases.types import Patient, PatientTable
from rag.errors import BrokenTable

NEIGHBOURS = 15
"""Training patients that vote."""
BANK = "cases.bank.jsonl"
"""In a run's folder: the bank, where the data folder has another one for the same table and model."""
VERSIONS = ("bedside", "llama-cpp-python", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """One evaluation, as the user asks for it."""

    table: PatientTable
    settings: EvaluationSettings
    folder: Path
    model: str | None = None
    """Name of the model; ``None`` for that of the settings."""
    bank: Path | None = None
    """A bank of the same table, split and model; ``None`` for one that is built, or taken up, first."""
    resume: bool = False


class EvaluationService:
    """Evaluates predictions on tables of patients."""

    def __init__(
        self,
        *,
        folder: Path,
        icu: IcuService,
        make_model: Callable[[str | None], ChatModel],
        find_model: Callable[[str | None], ModelRow],
        prompts: PromptLibrary,
    ) -> None:
        """Take what evaluations work with.

        Args:
            folder: of evaluations that are given no place of their own.
            icu: builds case banks.
            make_model: gives a model by name, for use with the priority of exams.
            find_model: describes it.
            prompts: the wordings.
        """
        self._folder = folder
        self._icu = icu
        self._make_model = make_model
        self._find_model = find_model
        self._prompts = prompts

    def run(
        self, request: EvaluationRequest, *, cancel: threading.Event
    ) -> Iterator[EvaluationEvent | BuildProgress]:
        """Evaluate to the end, or until ``cancel`` is set; what is done stays on the disk.

        Where an arm needs past cases, the training patients are asked first.

        Raises:
            AnswerError, ModelError, LibraryError: in a sentence for the user.
        """
        settings = request.settings
        if not settings.arms:
            raise EvaluationError("There is no arm to evaluate; please name at least one.")
        split = split_patients(request.table.patients, seed=settings.seed)
        bank: PatientBank | None = None
        if any(arm in WITH_BANK for arm in settings.arms):
            bank = yield from self._bank(request, cancel)
            if bank is None:
                return
        yield from self._runner(request, split, bank, cancel).run(resume=request.resume, cancel=cancel)

    def choose_folder(
        self, table: PatientTable, settings: EvaluationSettings, model: str | None
    ) -> tuple[Path, bool]:
        """Return the folder of an evaluation in the data folder, and whether it was begun and can go on.

        Args:
            table: that is to be evaluated on.
            settings: of the evaluation.
            model: its name; ``None`` for that of the settings.
        """
        row = self._find_model(model)
        name = clean_name(f"{table.name.split(' + ')[-1].split('.')[0]}-{row.name}") or "evaluation"
        for number in count(1):
            folder = EvaluationFolder(self._folder / (name if number == 1 else f"{name}-{number}"))
            if not folder.exists:
                return folder.folder, False
            known = folder.manifest()
            is_same = known.settings == settings and known.table_sha256 == table.sha256
            if is_same and (known.model is None or known.model.sha256 == row.sha256) and not folder.is_whole:
                return folder.folder, True
        raise AssertionError("unreachable")

    def _bank(
        self, request: EvaluationRequest, cancel: threading.Event
    ) -> Generator[BuildProgress, None, PatientBank | None]:
        """Read the bank that is named, or build one; ``None`` when that was stopped."""
        file = request.bank
        if file is None:
            building = BuildRequest(
                table=request.table,
                model=request.model,
                seed=request.settings.seed,
                limit=request.settings.training,
            )
            building = replace(building, file=self._place(request, building))
            file = building.file
            yield from self._icu.build(building, cancel=cancel)
            if cancel.is_set():
                return None
        bank = self._icu.open_bank(file)
        if not self._fits(bank, request):
            raise RunDiffers(
                "The bank is of another table, model or split; please name another, or none to build one."
            )
        return bank

    def _place(self, request: EvaluationRequest, building: BuildRequest) -> Path:
        """Return the usual file of such a bank, or one in the run's folder where that holds another."""
        usual = self._icu.place(building)
        if not usual.exists():
            return usual
        try:
            bank = read_patient_bank(usual)
        except BrokenTable:
            return usual  # a kill before its first line; the builder begins anew, or says what it is
        train = split_patients(request.table.patients, seed=request.settings.seed).train
        wanted = len(train) if building.limit is None else min(building.limit, len(train))
        if self._fits(bank, request) and bank.head.patients == wanted:
            return usual
        return request.folder / BANK

    def _fits(self, bank: PatientBank, request: EvaluationRequest) -> bool:
        head = bank.head
        return (head.table_sha256, head.seed, head.test_share, head.model_sha256) == (
            request.table.sha256,
            request.settings.seed,
            TEST_SHARE,
            self._find_model(request.model).sha256,
        )

    def _runner(
        self, request: EvaluationRequest, split: Split, bank: PatientBank | None, cancel: threading.Event
    ) -> EvaluationRunner:
        sample = draw_sample(split, request.settings)
        model = self._describe_model(request, cancel)
        prompts = PatientPrompts(self._prompts, request.table.features)
        return EvaluationRunner(
            folder=EvaluationFolder(request.folder),
            manifest=self._manifest(request, split, sample, model, prompts, bank),
            patients=[
                SampledPatient(id=each.id, died=bool(each.died), groups=groups_of(each)) for each in sample
            ],
            predictors=self._predictors(request, split, sample, prompts, bank),
        )

    def _describe_model(self, request: EvaluationRequest, cancel: threading.Event) -> ModelRecord | None:
        if not any(arm in ASKED for arm in request.settings.arms):
            return None
        row = self._find_model(request.model)
        loaded = self._make_model(row.name).load(cancel=cancel)
        return describe_model(row, loaded)

    def _manifest(
        self,
        request: EvaluationRequest,
        split: Split,
        sample: Sequence[Patient],
        model: ModelRecord | None,
        prompts: PatientPrompts,
        bank: PatientBank | None,
    ) -> Manifest:
        table = request.table
        return Manifest(
            table=table.name,
            shape=table.shape,
            table_sha256=table.sha256,
            settings=request.settings,
            sample=tuple(each.id for each in sample),
            split=describe_split(split),
            model=model,
            bank_sha256=bank.sha256 if bank else None,
            prompts=prompts.fingerprints() if model else {},
            versions=record_versions(VERSIONS),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _predictors(
        self,
        request: EvaluationRequest,
        split: Split,
        sample: Sequence[Patient],
        prompts: PatientPrompts,
        bank: PatientBank | None,
    ) -> dict[str, Predictor]:
        settings, features = request.settings, request.table.features
        similar = SimilarPatients(bank) if bank else None
        question = Question(
            make_model=lambda: self._make_model(request.model),
            prompts=prompts,
            features=features,
            similar=similar,
            swaps=Swaps(settings.swaps, request.table.patients),
            seed=settings.seed,
        )
        asking: dict[str, Predictor] = {
            arm: AskingPredictor(arm, sample, question) for arm in settings.arms if arm in ASKED
        }
        return asking | fit_arms(
            settings.arms,
            train=split.train,
            test=sample,
            features=features,
            vote=partial(similar.vote, neighbours=NEIGHBOURS) if similar else None,
        )


def draw_sample(split: Split, settings: EvaluationSettings) -> tuple[Patient, ...]:
    """Draw the test patients with the share of deaths that all have, in an order of the seed.

    A part of them is then a random part, when an evaluation is looked at before its end.
    """
    sample = sorted(
        sample_patients(split.test, settings.patients, seed=settings.seed), key=lambda each: each.id
    )
    random.Random(f"{settings.seed}/order").shuffle(sample)  # noqa: S311 - an order, not a secret
    return tuple(sample)


def describe_split(split: Split) -> SplitRecord:
    """Return the sizes of a split and who is on the training side."""
    names = "\n".join(sorted(patient.id for patient in split.train))
    return SplitRecord(
        training=len(split.train),
        training_deaths=sum(bool(patient.died) for patient in split.train),
        test=len(split.test),
        test_deaths=sum(bool(patient.died) for patient in split.test),
        training_sha256=hashlib.sha256(names.encode()).hexdigest(),
    )
