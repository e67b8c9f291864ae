"""The case bank: every training patient with what a model said, a line each, on the disk before the next.

The file is only ever added to: all else (the cut, who was missed) follows from its lines. So a kill loses at
most the patient that was being asked.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.clinical.cases.features import features_by_name
from rag.clinical.cases.types import Feature, FeatureName, Patient, PatientId, PersonId
from rag.clinical.ecg.types import Sex
from rag.errors import BrokenTable, CaseBankDiffers, StorageError

FORMAT = "bedside-patients"


class ErrorKind(StrEnum):
    """How a model was wrong about a patient."""

    MISSED_DEATH = "missed death"
    FALSE_ALARM = "false alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankCase:
    """A training patient, whose outcome is known, and what the model said."""

    patient: Patient
    probability: float
    """Of death, as the plain prompt gave it."""


class BankHead(BaseModel):
    """The first line of a bank: all that decides its lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: str = FORMAT
    version: int = 1
    table: str
    """Name of the table."""
    table_sha256: str
    model: str
    model_sha256: str
    prompts: dict[str, str]
    """Fingerprints of the prompts, by name."""
    features: tuple[str, ...]
    """Names of the features that the table has."""
    patients: int
    """That are to be asked: those of the training side."""
    seed: int
    test_share: float

    def declared(self) -> tuple[Feature, ...]:
        """Return the features; a name that is no more declared is left out."""
        known = features_by_name()
        return tuple(known[FeatureName(name)] for name in self.features if name in known)


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    person: str
    probability: float
    died: bool
    sex: Sex | None = None
    age: float | None = None
    race: str | None = None
    values: dict[str, float]
    severity: dict[str, float] = {}

    def as_case(self) -> BankCase:
        patient = Patient(
            id=PatientId(self.id),
            person=PersonId(self.person),
            values={FeatureName(name): value for name, value in self.values.items()},
            sex=self.sex,
            age=self.age,
            race=self.race,
            died=self.died,
            severity=self.severity,
        )
        return BankCase(patient=patient, probability=self.probability)


@dataclass(frozen=True, kw_only=True)
class PatientBank:
    """Training patients with a model's predictions."""

    head: BankHead
    cases: tuple[BankCase, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every training patient was asked."""
        return len(self.cases) >= self.head.patients

    @property
    def features(self) -> tuple[Feature, ...]:
        """What the patients have."""
        return self.head.declared()

    @cached_property
    def prevalence(self) -> float:
        """Share of the patients that died."""
        return sum(bool(case.patient.died) for case in self.cases) / len(self.cases) if self.cases else 0.0

    @cached_property
    def cut(self) -> float:
        """Probability from which a prediction is an alert: as many alerts as there are deaths.

        A language model's probabilities are not calibrated, so that one half would be an arbitrary cut.
        """
        return alert_cut([case.probability for case in self.cases], self.prevalence)

    def error(self, case: BankCase) -> ErrorKind | None:
        """Return how the model was wrong about a case at :attr:`cut`; ``None`` where it was right."""
        is_alert = case.probability >= self.cut
        if is_alert == case.patient.died:
            return None
        return ErrorKind.FALSE_ALARM if is_alert else ErrorKind.MISSED_DEATH

    @cached_property
    def errors(self) -> tuple[BankCase, ...]:
        """Cases that the model got wrong."""
        return tuple(case for case in self.cases if self.error(case) is not None)

    @cached_property
    def sha256(self) -> str:
        """Of the patients, their outcomes and the predictions."""
        lines = "\n".join(_write_line(case) for case in self.cases)
        return hashlib.sha256(lines.encode()).hexdigest()


def alert_cut(probabilities: Sequence[float], share: float) -> float:
    """Return the probability that about ``share`` of all reach; infinite where none is to."""
    count = round(share * len(probabilities))
    return sorted(probabilities, reverse=True)[count - 1] if count else float("inf")


def read_patient_bank(file: Path) -> PatientBank:
    """Read a bank; a line that a kill has torn is passed over.

    Raises:
        BrokenTable: it is none, or damaged.
    """
    try:
        lines = _whole_lines(file)
        head = BankHead.model_validate_json(lines[0])
        cases = tuple(_Line.model_validate_json(line).as_case() for line in lines[1:])
    except OSError as error:
        raise BrokenTable(f"{file} cannot be read; please name a bank that icu build wrote.") from error
    except (ValidationError, IndexError, UnicodeDecodeError) as error:
        raise BrokenTable(f"{file} is no bank of patients; please name one that icu build wrote.") from error
    if head.format != FORMAT or head.version != 1:
        raise BrokenTable(f"{file} is a bank of another version; please build it anew.")
    return PatientBank(head=head, cases=cases)


def begin_bank(file: Path, head: BankHead) -> PatientBank:
    """Begin a bank, or take up one that was begun with the same head.

    Raises:
        CaseBankDiffers: it was begun with something else.
        BrokenTable: the file is something else.
        StorageError: the disk refuses.
    """
    if file.exists() and _whole_lines(file):
        bank = read_patient_bank(file)
        refuse_difference(bank.head, head)
        _cut_torn_line(file)
        return bank
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    except OSError as error:
        raise StorageError(f"{file} cannot be written; please choose another place.") from error
    _append(file, head.model_dump_json())
    return PatientBank(head=head, cases=())


def append_case(file: Path, case: BankCase) -> None:
    """Write a case and wait until the disk has it.

    Raises:
        StorageError: the disk refuses.
    """
    _append(file, _write_line(case))


def refuse_difference(before: BankHead, now: BankHead) -> None:
    """Say what is not as it was when a bank was begun.

    Raises:
        CaseBankDiffers: something that decides the lines.
    """
    names: Mapping[str, str] = {
        "model_sha256": "another model",
        "table_sha256": "another table",
        "prompts": "other prompts",
        "features": "other features",
        "seed": "another seed",
        "test_share": "another share of test patients",
        "patients": "other patients",
    }
    for field, what in names.items():
        if getattr(before, field) != getattr(now, field):
            raise CaseBankDiffers(f"The bank was begun with {what}; please choose another file with --out.")


def _write_line(case: BankCase) -> str:
    patient = case.patient
    return _Line(
        id=patient.id,
        person=patient.person,
        probability=case.probability,
        died=bool(patient.died),
        sex=patient.sex,
        age=patient.age,
        race=patient.race,
        values={str(name): value for name, value in patient.values.items()},
        severity=dict(patient.severity),
    ).model_dump_json(exclude_defaults=True)


def _whole_lines(file: Path) -> list[str]:
    text = file.read_bytes()
    return [line.decode() for line in text[: text.rfind(b"\n") + 1].split(b"\n") if line]


def _append(file: Path, line: str) -> None:
    try:
        with file.open("ab") as stream:
            stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise StorageError(f"{file} cannot be written; please check the disk's space.") from error


def _cut_torn_line(file: Path) -> None:
    whole = file.read_bytes().rfind(b"\n") + 1
    if whole < file.stat().st_size:
        os.truncate(file, whole)
