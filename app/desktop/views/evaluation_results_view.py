"""What came of an evaluation: figures of the arms, what a critical reader says of them, and the report."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop import evaluation_operations
from app.desktop.evaluation_operations import EvaluationResult
from app.desktop.models.evaluation_arms import BRIER, CHANGED, GAP_RACE, GAP_SEX, EvaluationArmsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label, make_line
from app.desktop.views.table import fit_height, make_table


class EvaluationResultsView(QWidget):
    """Of one evaluation, at its end or where it was paused."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Nothing is shown yet."""
        super().__init__(parent)
        self._desk = desk
        self._result: EvaluationResult | None = None
        self.report = make_button(self.tr("Open the report"), self.open_report)
        self.figures = EvaluationArmsModel(self)
        self.table = make_table(
            self.figures,
            self.tr("Figures of the arms, with 95 % intervals"),
            gives_way=(CHANGED, BRIER, GAP_RACE, GAP_SEX),
            is_for_many=True,
        )
        self.review = make_label("", "muted")
        self._lay_out()
        self.hide()

    def show_result(self, result: EvaluationResult) -> None:
        """Show what an evaluation came to."""
        self._result = result
        arms: Mapping[str, Any] = result.figures["arms"]
        self.figures.show(arms)
        fit_height(self.table, len(arms))
        self.review.setText("\n".join(f"• {sentence}" for sentence in result.figures["review"]))
        self.show()

    def open_report(self) -> None:
        """Write the report and show it in the browser."""
        if self._result is not None:
            evaluation_operations.write_report(
                self._desk,
                self,
                self._result.folder,
                Callbacks(on_done=lambda file: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))),
            )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(make_label(self.tr("Figures, with 95 % intervals"), "section", wraps=False), 1)
        head.addWidget(self.report)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(make_line())
        layout.addLayout(head)
        layout.addWidget(self.table)
        layout.addWidget(self.review)
