"""How far a chat model's judgement is trusted: what is known, and the measurement that finds it out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop import models_operations
from app.desktop.operations import Desk
from app.desktop.tasks import Task
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.views.progress_row import ProgressRow

if TYPE_CHECKING:
    from agents.calibration import Calibration


class CalibrationView(QWidget):
    """A few sentences about one model, and a button that measures it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Show nothing before :meth:`show_model`."""
        super().__init__(parent)
        self._desk = desk
        self._name = ""
        self._task: Task | None = None
        self.sentence = make_label("", "muted")
        self.measure = make_button(self.tr("Measure this model's judgement"), self._start)
        self.progress = ProgressRow(self.tr("Progress of the measurement"), self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 8)
        layout.setSpacing(8)
        layout.addWidget(self.sentence)
        layout.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.progress)

    def show_model(self, name: str) -> None:
        """Show what is known of a model."""
        if name != self._name:
            self._name = name
            models_operations.read_calibration(self._desk, self, name, self._show)

    def _show(self, calibration: "Calibration") -> None:
        self.sentence.setText(self._describe(calibration))

    def _start(self) -> None:
        if self._task is None:
            self.measure.hide()
            self.progress.begin(self.tr("Asking {name} about the sample library…").format(name=self._name))
            self._task = models_operations.calibrate_model(
                self._desk,
                self,
                self._name,
                on_progress=self.progress.show_fraction,
                on_done=self._show,
                on_end=self._end,
            )

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop()

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self.measure.show()

    def _describe(self, calibration: "Calibration") -> str:
        if not calibration.is_measured:
            return self.tr(
                "Not measured yet: nothing is left to this model's judgement, which is the safe side. "
                "Measuring asks it about the sample library and takes ten minutes for a small model, an hour "
                "for a large one; questions you ask meanwhile go first."
            )
        judged = (
            self.tr("its grades of passages count beside the search")
            if calibration.relevance.grade
            else self.tr("its grades of passages bring nothing and are not asked for")
        )
        return self.tr(
            "Measured on {questions} questions and {passages} passages: {judged} (right in {grade} of the "
            "pairs, the search in {score}). It answers where the probability that the library holds the "
            "answer is at least {threshold}."
        ).format(
            questions=calibration.questions,
            passages=calibration.passages,
            judged=judged,
            grade=f"{calibration.auroc_grade or 0:.0%}",
            score=f"{calibration.auroc_score or 0:.0%}",
            threshold=f"{calibration.sufficiency.threshold:.2f}",
        )
