"""Past wrong answers of this model on a training split, shown with similar items of the exam."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.exams.errors import ExamFileError
from agents.exams.items import ExamItem, content_key
from agents.exams.records import ExamRow
from agents.exams.runs import RunFolder
from agents.language import language_of
from llm.case_prompt import CaseBank, PastCase, read_bank, show_cases
from llm.prompts import PromptLibrary

BLOCK, CASE = "exam_cases", "exam_case"
PROMPTS = (BLOCK, CASE)
REASON_CHARACTERS = 400
"""Of an explanation, as much as is shown."""
DESCRIPTION_CHARACTERS = 1_200
WHY = {"en": "Why: ", "zh": "解析："}
"""Stands before the reason, in the language of the case."""

Embed = Callable[[Sequence[str], threading.Event], NDArray[np.float32]]
"""Gives each text a vector of length 1."""


class SimilarCases:
    """Shows the most similar cases of a bank with an item, never the item itself."""

    def __init__(
        self,
        bank: CaseBank,
        *,
        embed: Embed,
        prompts: PromptLibrary,
        exam: Sequence[ExamItem],
        count: int,
    ) -> None:
        """Nothing is embedded yet.

        Args:
            bank: of the model that is asked.
            embed: makes texts comparable.
            prompts: holds the wordings.
            exam: all items that are asked; none of them is ever shown.
            count: cases shown with an item.
        """
        self._bank = bank
        self._embed = embed
        self._prompts = prompts
        self._count = count
        ids = {item.id for item in exam}
        self._hidden = {item.content_key for item in exam} | {c.group for c in bank.cases if c.id in ids}
        self._vectors: NDArray[np.float32] | None = None

    def show(self, item: ExamItem, *, cancel: threading.Event) -> tuple[str, tuple[str, ...]]:
        """Return the block of the prompt, and the ids of the cases in it.

        Raises:
            Cancelled: ``cancel`` was set.
        """
        if not self._bank.cases:
            return "", ()
        if self._vectors is None:
            self._vectors = self._embed([case.description for case in self._bank.cases], cancel)
        (query,) = self._embed([item.question], cancel)
        chosen = self._bank.choose((self._vectors @ query).tolist(), count=self._count, hidden=self._hidden)
        prompts = self._prompts.in_language(language_of(item.question))
        shown = show_cases(chosen[::-1], prompts, block=BLOCK, case=CASE)  # the nearest one last
        return shown, tuple(case.id for case in chosen)


def bank_of_rows(rows: Sequence[ExamRow], *, model: str, model_sha256: str) -> CaseBank:
    """Make a bank of what a run got wrong."""
    wrong = [row for row in rows if not row.is_right and row.error is None and row.options]
    return CaseBank(model=model, model_sha256=model_sha256, cases=tuple(map(_case_of, wrong)))


def read_cases(path: Path) -> CaseBank | None:
    """Read a bank from its file or from a finished run's folder; ``None`` for a file of items.

    Raises:
        ModelError: a damaged bank.
        RunError: a folder that is no run.
        ExamFileError: there is nothing.
    """
    if not path.exists():
        raise ExamFileError(f"{path} is not there; please name a file of cases, a run, or items to train on.")
    return bank_of_run(path) if path.is_dir() else read_bank(path)


def bank_of_run(folder: Path) -> CaseBank:
    """Make a bank of what a run got wrong.

    Raises:
        RunError: the folder holds no run.
    """
    run = RunFolder(folder)
    model = run.manifest().model
    return bank_of_rows(run.rows(), model=model.name, model_sha256=model.sha256)


def _case_of(row: ExamRow) -> PastCase:
    return PastCase(
        id=row.id,
        group=content_key(row.question, row.options),
        description=_shorten(row.question, DESCRIPTION_CHARACTERS),
        wrong="; ".join(row.options[number] for number in row.choice) or "none",
        right="; ".join(row.options[number] for number in row.correct),
        reason=WHY[language_of(row.question)] + _shorten(row.explanation, REASON_CHARACTERS)
        if row.explanation
        else "",
    )


def _shorten(text: str, characters: int) -> str:
    """Cut a text where a word ends."""
    flat = " ".join(text.split())
    return flat if len(flat) <= characters else flat[:characters].rpartition(" ")[0] + " …"
