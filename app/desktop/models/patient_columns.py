"""How the columns of a table of patients are understood."""

from typing import TYPE_CHECKING

from app.desktop.models.rows import RowsModel
from app.desktop.wording import describe_share

if TYPE_CHECKING:
    from rag.clinical.cases.types import ColumnReport


class PatientColumnsModel(RowsModel["ColumnReport"]):
    """One row a column; what tells the outcome first, then what is not understood last."""

    def __init__(self, parent: object = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._columns = (
            (self.tr("Column"), lambda report: report.column),
            (self.tr("Understood as"), self._describe_role),
            (self.tr("Unit"), lambda report: report.feature.unit if report.feature else ""),
            (self.tr("Missing"), lambda report: describe_share(report.missing)),
            (self.tr("Implausible"), lambda report: str(report.implausible) if report.implausible else ""),
        )

    def show(self, rows: "tuple[ColumnReport, ...]") -> None:
        """Show these columns."""
        order = {"leak": 0, "unknown": 2}
        self._reset(sorted(rows, key=lambda report: order.get(report.role.value, 1)))

    def explain(self, report: "ColumnReport", _column: int) -> str:
        """Say why a column is left out."""
        return report.reason

    def _describe_role(self, report: "ColumnReport") -> str:
        if report.feature is not None:
            return report.feature.label
        names = {
            "id": self.tr("the stay"),
            "person": self.tr("the person"),
            "sex": self.tr("sex"),
            "age": self.tr("age"),
            "race": self.tr("race"),
            "outcome": self.tr("died in hospital"),
            "severity": self.tr("severity score, not shown to the model"),
            "time": self.tr("time"),
            "leak": self.tr("left out: {reason}").format(reason=report.reason),
            "unknown": self.tr("not used"),
        }
        return names[report.role.value]
