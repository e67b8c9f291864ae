"""The table of exam runs."""

from typing import TYPE_CHECKING

from app.desktop.models.rows import RowsModel
from app.desktop.wording import describe_arm, describe_share

if TYPE_CHECKING:
    from app.desktop.exam_operations import ExamRun


EXAM, MODEL, ARM, ITEMS, ACCURACY, INTERVAL, ABSTENTIONS = range(7)


class ExamRunsModel(RowsModel["ExamRun"]):
    """One row a run, the last begun first."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._columns = (
            (self.tr("Exam"), lambda run: run.exam),
            (self.tr("Model"), lambda run: run.model),
            (self.tr("Answered from"), lambda run: describe_arm(run.settings.arm)),
            (self.tr("Items"), self._describe_items),
            (self.tr("Accuracy"), lambda run: describe_share(run.figures["accuracy"])),
            (self.tr("95 % interval"), self._describe_interval),
            (self.tr("Abstained"), lambda run: str(run.figures["rejected"])),
        )

    def show(self, rows: "tuple[ExamRun, ...]") -> None:
        """Show these runs."""
        self._reset(rows)

    def row_of(self, name: str) -> int:
        """Return the row of the run with this folder's name, -1 when it is not there."""
        return self.find(lambda run: run.folder.name == name)

    def explain(self, run: "ExamRun", _column: int) -> str:
        """Name the folder."""
        return str(run.folder)

    def _describe_items(self, run: "ExamRun") -> str:
        if run.is_whole:
            return str(run.total)
        return self.tr("{done} of {total}").format(done=run.figures["n"], total=run.total)

    def _describe_interval(self, run: "ExamRun") -> str:
        low, high = run.figures["interval"]
        return self.tr("{low} to {high}").format(low=describe_share(low), high=describe_share(high))
