"""Building a bank: each training patient is asked with the plain prompt, its line on the disk at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from filelock import FileLock, Timeout

from agents.errors import RunError
from agents.icu.prompting import PatientPrompts
from agents.icu.risk import Risk, RiskReader
from llm.chat_model import ChatModel
from llm.errors import ModelCancelled, ModelClosed, ModelProcessDied
from rag.clinical.cases.bank import BankCase, BankHead, append_case, begin_bank
from rag.clinical.cases.types import Patient

ATTEMPTS = 3
"""Times a patient is asked when the model's process dies or another model takes its place meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProgress:
    """A patient was asked, and its line is on the disk; the first event tells what was done before."""

    done: int
    total: int
    seconds_left: float
    """Estimate from what was asked since the bank was begun or taken up again."""


class BankBuilder:
    """Asks the patients of a training side that are not in the bank yet."""

    def __init__(
        self, file: Path, head: BankHead, *, make_model: Callable[[], ChatModel], prompts: PatientPrompts
    ) -> None:
        """Nothing is begun.

        Args:
            file: of the bank.
            head: what holds for a new bank, and what must hold for one that goes on.
            make_model: gives the model; again when another one has taken its place.
            prompts: write the patients.
        """
        self._file = file
        self._head = head
        self._make_model = make_model
        self._prompts = prompts

    def build(self, patients: tuple[Patient, ...], *, cancel: threading.Event) -> Iterator[BuildProgress]:
        """Ask patient after patient; after ``cancel`` it ends between two, and goes on another time.

        Raises:
            CaseBankDiffers: the bank was begun with something else.
            RunError: another program builds it.
            ModelError, StorageError: it cannot go on; what is done stays.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self._file}.lock", timeout=0, thread_local=False):
                yield from self._build(patients, cancel)
        except Timeout as error:
            raise RunError(f"Another Bedside is building {self._file}; please wait for its end.") from error

    def _build(self, patients: tuple[Patient, ...], cancel: threading.Event) -> Iterator[BuildProgress]:
        known = {case.patient.id for case in begin_bank(self._file, self._head).cases}
        waiting = [patient for patient in patients if patient.id not in known]
        yield BuildProgress(done=len(known), total=len(patients), seconds_left=0.0)
        started = perf_counter()
        for number, patient in enumerate(waiting, 1):
            if cancel.is_set():
                return
            try:
                risk = self._ask(patient, cancel)
            except ModelCancelled:
                return
            append_case(self._file, BankCase(patient=patient, probability=risk.probability))
            yield BuildProgress(
                done=len(known) + number,
                total=len(patients),
                seconds_left=(perf_counter() - started) / number * (len(waiting) - number),
            )

    def _ask(self, patient: Patient, cancel: threading.Event) -> Risk:
        prompt = self._prompts.plain(patient)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return RiskReader(self._make_model(), cancel=cancel).read(prompt)
            except (ModelClosed, ModelProcessDied):
                if attempt == ATTEMPTS or cancel.is_set():
                    raise
        raise AssertionError("unreachable")
