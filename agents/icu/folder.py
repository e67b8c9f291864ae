"""The folder of an evaluation."""

from pathlib import Path

from agents.icu.records import Manifest, PatientRow
from agents.run_files import RunFiles

_DECIDING = (
    ("settings", "other settings"),
    ("model", "another model"),
    ("table_sha256", "another table"),
    ("split", "another split"),
    ("sample", "other patients"),
    ("bank_sha256", "other past cases"),
    ("prompts", "other prompts"),
)
"""What decides the rows of an evaluation, and how a difference is called."""


class EvaluationFolder(RunFiles[Manifest, PatientRow]):
    """One evaluation on disk."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made or read yet."""
        super().__init__(folder, what="evaluation", manifest=Manifest, row=PatientRow, deciding=_DECIDING)

    @property
    def is_whole(self) -> bool:
        """Whether every patient was asked about in every arm.

        A severity score is an arm of its own: those that have a row show which ones the table has.
        """
        manifest, rows = self.manifest(), self.rows()
        last = {row.arm for row in rows if row.patient == manifest.sample[-1]} if manifest.sample else set()
        return {row.arm for row in rows} == last and len(rows) == len(last) * len(manifest.sample)
