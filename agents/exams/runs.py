"""An exam run's folder: its manifest, a line for each item, and the user's own marks."""

import json
from pathlib import Path

from agents.errors import RunError
from agents.exams.records import ExamRow, Manifest
from agents.run_files import RunFiles, append_line, read_whole_lines

EVIDENCE, MARKS = "evidence.jsonl", "marks.jsonl"
_DECIDING = (
    ("settings", "other settings"),
    ("model", "another model"),
    ("exam_sha256", "other items"),
    ("items", "other items"),
    ("library", "another state of the library"),
    ("cases_sha256", "other past cases"),
    ("prompts", "other prompts"),
)
"""What decides the rows of a run, and how a difference is called."""


class RunFolder(RunFiles[Manifest, ExamRow]):
    """One exam run on disk."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made or read yet."""
        super().__init__(
            folder,
            what="exam run",
            manifest=Manifest,
            row=ExamRow,
            deciding=_DECIDING,
            line_files=(EVIDENCE, MARKS),
        )

    def rows(self) -> list[ExamRow]:
        """Read all whole rows, the user's marks applied; a line that a kill has torn is passed over.

        Raises:
            RunError: there is no run, or the rows are damaged in another way.
        """
        marks = self.marks()
        return [
            row
            if row.id not in marks
            else row.model_copy(update={"is_right": marks[row.id] >= 0.5, "f1": marks[row.id]})
            for row in super().rows()
        ]

    def marks(self) -> dict[str, float]:
        """Return the user's own marks, 0 to 1, by item; the last one of an item counts."""
        lines = map(json.loads, read_whole_lines(self.folder / MARKS))
        return {str(line["id"]): float(line["mark"]) for line in lines}

    def mark(self, item: str, mark: float) -> None:
        """Write down what the user thinks of an answer, 0 to 1.

        Raises:
            RunError: the run has no such item, or the disk refuses.
        """
        if not any(row.id == item for row in self.rows()):
            raise RunError(f"The run has no item {item!r}; please look at the ids in its report.")
        append_line(self.folder / MARKS, json.dumps({"id": item, "mark": mark}))
