"""Case prompting as a service: one object for every front end."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.errors import RunDiffers
from agents.icu.building import BankBuilder, BuildProgress
from agents.icu.prediction import Prediction
from agents.icu.prompting import PLAIN, PatientPrompts
from agents.icu.risk import RiskReader
from llm.chat_model import ChatModel
from llm.prompts import PromptLibrary
from llm.types import ModelRow
from rag.clinical.cases.bank import BankHead, PatientBank, read_patient_bank
from rag.clinical.cases.evidence import evidence_lines
from rag.clinical.cases.features import plain_name
from rag.clinical.cases.similarity import SimilarPatients
from rag.clinical.cases.single import GivenPatient
from rag.clinical.cases.splitting import TEST_SHARE, sample_patients, split_patients
from rag.clinical.cases.types import Patient, PatientTable
from rag.errors import PatientTableError

SUFFIX = ".bank.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One bank, as the user asks for it."""

    table: PatientTable
    model: str | None = None
    """Name of the model; ``None`` for that of the settings."""
    file: Path | None = None
    """``None`` for one in the data folder, named after table and model."""
    seed: int = 0
    test_share: float = TEST_SHARE
    limit: int | None = None
    """Training patients at most, drawn with their share of deaths."""


class IcuService:
    """Builds banks of patients and estimates the risk of one."""

    def __init__(
        self,
        *,
        folder: Path,
        make_model: Callable[[str | None], ChatModel],
        make_background_model: Callable[[str | None], ChatModel],
        find_model: Callable[[str | None], ModelRow],
        prompts: PromptLibrary,
    ) -> None:
        """Take what it works with.

        Args:
            folder: of banks that are given no place of their own.
            make_model: gives a model by name, for somebody who waits.
            make_background_model: the same for the building of banks.
            find_model: describes it.
            prompts: the wordings.
        """
        self._folder = folder
        self._make_model = make_model
        self._make_background_model = make_background_model
        self._find_model = find_model
        self._prompts = prompts

    def banks(self) -> tuple[Path, ...]:
        """Return the banks of the data folder, the last changed first."""
        found = self._folder.glob(f"*{SUFFIX}") if self._folder.is_dir() else ()
        return tuple(sorted(found, key=lambda file: file.stat().st_mtime, reverse=True))

    def place(self, request: BuildRequest) -> Path:
        """Return the file of a bank."""
        if request.file is not None:
            return request.file
        name = plain_name(Path(request.table.name.split(" + ")[-1]).name.split(".")[0]) or "table"
        return self._folder / f"{name}-{self._find_model(request.model).name}{SUFFIX}"

    def build(self, request: BuildRequest, *, cancel: threading.Event) -> Iterator[BuildProgress]:
        """Ask the training side of a table; what was asked before is not asked again.

        Raises:
            PatientTableError, ModelError, StorageError, RunError: in a sentence for the user.
        """
        row = self._find_model(request.model)
        split = split_patients(request.table.patients, seed=request.seed, test_share=request.test_share)
        train = split.train
        if request.limit is not None:
            train = sample_patients(train, request.limit, seed=request.seed)
        prompts = PatientPrompts(self._prompts, request.table.features)
        head = BankHead(
            table=request.table.name,
            table_sha256=request.table.sha256,
            model=row.name,
            model_sha256=row.sha256,
            prompts={PLAIN: prompts.fingerprints()[PLAIN]},
            features=tuple(str(feature.name) for feature in request.table.features),
            patients=len(train),
            seed=request.seed,
            test_share=request.test_share,
        )
        builder = BankBuilder(
            self.place(request),
            head,
            make_model=lambda: self._make_background_model(row.name),
            prompts=prompts,
        )
        yield from builder.build(train, cancel=cancel)

    def open_bank(self, file: Path | None) -> PatientBank:
        """Read a bank, by default the last one of the data folder.

        Raises:
            PatientTableError: there is none, it is damaged, or it holds no error.
        """
        if file is None:
            known = self.banks()
            if not known:
                raise PatientTableError("There is no bank of patients yet; please build one with icu build.")
            file = known[0]
        bank = read_patient_bank(file)
        if not bank.errors:
            raise PatientTableError(f"{file.name} holds no misjudged patient yet; please go on building it.")
        return bank

    def predict(
        self, given: GivenPatient, bank: PatientBank, *, model: str | None = None, cancel: threading.Event
    ) -> Prediction:
        """Estimate a patient's risk with the errors of a bank.

        Args:
            given: the patient.
            bank: of the same model.
            model: its name; ``None`` for the bank's.
            cancel: may be set from any thread.

        Raises:
            RunDiffers: the bank's errors are another model's.
            ModelError: in a sentence for the user.
        """
        row = self._find_model(model or bank.head.model)
        if row.sha256 != bank.head.model_sha256:
            raise RunDiffers(
                f"The cases are errors of {bank.head.model}, not of {row.name}; please build a bank with it."
            )
        patient = given.patient
        _refuse_strange(patient, bank)
        prompts = PatientPrompts(self._prompts, bank.features)
        cases = SimilarPatients(bank).find(patient)
        reader = RiskReader(self._make_model(row.name), cancel=cancel)
        plain = reader.read(prompts.plain(patient)).probability
        probability = reader.read(prompts.debiased(patient, cases[::-1])).probability  # the nearest last
        below = sum(case.probability < plain for case in bank.cases)
        return Prediction(
            patient=patient,
            probability=probability,
            plain=plain,
            rank=below / len(bank.cases),
            cases=cases,
            evidence=evidence_lines(patient, bank.features),
            notes=(*given.notes, *_notes(given.patient, bank)),
            bank=bank,
            model=row.name,
        )


def _refuse_strange(patient: Patient, bank: PatientBank) -> None:
    """Make sure that the patient has something that the bank's patients have.

    Raises:
        PatientTableError: nothing.
    """
    names = {feature.name for feature in bank.features}
    if not names & patient.values.keys():
        raise PatientTableError("The bank's patients have none of these values; please give others.")


def _notes(patient: Patient, bank: PatientBank) -> tuple[str, ...]:
    names = {feature.name for feature in bank.features}
    others = sorted(str(name) for name in patient.values.keys() - names)
    notes = [f"The bank does not know {', '.join(others)}; not used."] if others else []
    if not bank.is_whole:
        notes.append(f"The bank is not finished: {len(bank.cases)} of {bank.head.patients} patients.")
    return tuple(notes)
