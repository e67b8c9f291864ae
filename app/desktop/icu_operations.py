"""What the user does with intensive-care patients: read a table, build a bank, look at one patient."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task, Worker

if TYPE_CHECKING:
    from agents.icu.prediction import Prediction
    from rag.clinical.cases.bank import PatientBank
    from rag.clinical.cases.types import PatientTable


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBank:
    """A bank that is shown."""

    file: Path
    bank: "PatientBank"


def open_bank(desk: Desk, owner: QObject, file: Path | None, callbacks: Callbacks) -> Task:
    """Read a bank, by default the last one of the data folder that can be used.

    The result is an :class:`OpenBank`, or ``None`` where no file is named and there is none.
    """

    def work(_: Task) -> OpenBank | None:
        from rag.errors import PatientTableError

        icu = desk.bedside.icu
        if file is not None:
            return OpenBank(file=file, bank=icu.open_bank(file))
        for known in icu.banks():
            with suppress(PatientTableError):  # one that is just begun, or of another version
                return OpenBank(file=known, bank=icu.open_bank(known))
        return None

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def read_table(desk: Desk, owner: QObject, paths: Sequence[Path], callbacks: Callbacks) -> Task:
    """Read tables of patients and join them; the result is a ``PatientTable``."""

    def work(_: Task) -> "PatientTable":
        from rag.clinical.cases.importing import import_patients

        return import_patients(paths)

    return desk.tasks.start(Worker.IO, work, owner=owner, callbacks=callbacks)


def build_bank(
    desk: Desk, owner: QObject, table: "PatientTable", *, model: str, callbacks: Callbacks
) -> Task:
    """Ask a model about the training patients of a table; events are ``BuildProgress``.

    The result is the bank's file. One that was paused goes on where it was.
    """

    def work(task: Task) -> Path:
        from agents.icu.service import BuildRequest

        request = BuildRequest(table=table, model=model)
        icu = desk.bedside.icu
        for event in icu.build(request, cancel=task.cancel):
            task.tell(event)
        return icu.place(request)

    return desk.tasks.start(Worker.EXAM, work, owner=owner, callbacks=callbacks)


def predict(
    desk: Desk, owner: QObject, bank: "PatientBank", fields: Mapping[str, str], callbacks: Callbacks
) -> Task:
    """Estimate the risk of a patient who was entered by hand; the result is a ``Prediction``."""

    def work(task: Task) -> "Prediction":
        from rag.clinical.cases.single import read_fields

        return desk.bedside.icu.predict(read_fields(fields), bank, cancel=task.cancel)

    return desk.tasks.start(Worker.LLM, work, owner=owner, callbacks=callbacks)
