"""What is said of one patient: the probability, similar past cases, and the evidence line by line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label
from app.desktop.views.name_values import NameValues
from app.desktop.wording import begin_with_capital, describe_share

if TYPE_CHECKING:
    from agents.icu.prediction import Prediction
    from rag.clinical.cases.evidence import EvidenceLine
    from rag.clinical.cases.similarity import SimilarCase

CASE_VALUES = 8
"""Of a past case, as many values are shown: those outside their reference range come first."""


class PredictionView(QWidget):
    """Follows the last estimate; built in parts."""

    conversation_wanted = Signal(str)
    """The evidence lines are to be put into the conversation."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Say what will be here."""
        super().__init__(parent)
        self.setObjectName("column")
        self._theme = theme
        self._prediction: Prediction | None = None
        self._parts: Iterator[None] = iter(())
        self._next_part = QTimer(self, singleShot=True, interval=1)
        self._next_part.timeout.connect(self._add_part)
        self.probability = make_label("", "title")
        self.about = make_label("", "muted")
        self.problem = make_label("", "problem")
        self.problem.hide()
        self.cases: list[Card] = []
        self.evidence = NameValues()
        self.use = make_button(self.tr("Put the evidence into the conversation"), self._use)
        self._rest = QVBoxLayout()
        self._rest.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 8, 24)
        layout.setSpacing(10)
        for label in (self.probability, self.about, self.problem):
            layout.addWidget(label)
        layout.addLayout(self._rest)
        layout.addStretch()
        self.clear()

    @property
    def is_building(self) -> bool:
        """Whether parts are still being added."""
        return self._next_part.isActive()

    def clear(self) -> None:
        """Show that there is no estimate."""
        self._prediction = None
        self._empty_rest()
        self.probability.hide()
        self.problem.hide()
        self.about.setText(
            self.tr(
                "Fill in what was measured, as much as there is, and press Estimate. The model is shown "
                "similar patients whom it misjudged, and what became of them."
            )
        )

    def fail(self, sentence: str) -> None:
        """Say why there is no estimate."""
        self.clear()
        self.problem.setText(sentence)
        self.problem.show()

    def show_prediction(self, prediction: "Prediction") -> None:
        """Show an estimate."""
        self.clear()
        self._prediction = prediction
        self.probability.setText(
            self.tr("Probability of death in hospital: {share}").format(
                share=describe_share(prediction.probability)
            )
        )
        self.probability.show()
        self.about.setText(
            self.tr(
                "Said by {model} after these cases; not calibrated. Without rules and cases it said {plain}, "
                "more than for {rank} of the {count} patients of the bank."
            ).format(
                model=prediction.model,
                plain=describe_share(prediction.plain),
                rank=describe_share(prediction.rank),
                count=len(prediction.bank.cases),
            )
        )
        self._parts = self._build(prediction)
        self._next_part.start()

    def _build(self, prediction: "Prediction") -> Iterator[None]:
        """Add a few widgets a step, so that the window can breathe in between."""
        for note in prediction.notes:
            self._rest.addWidget(make_label(note, "problem"))
        self._rest.addWidget(
            make_label(self.tr("Similar patients, misjudged before"), "section", wraps=False)
        )
        if not prediction.cases:
            nobody = self.tr(
                "No comparable case: nobody in the bank whom the model misjudged is near enough."
            )
            self._rest.addWidget(make_label(nobody))
        for similar in prediction.cases:
            self._add_case(similar)
            yield
        self._rest.addWidget(make_label(self.tr("The patient's own values"), "section", wraps=False))
        self.evidence = NameValues()
        self._rest.addWidget(self.evidence)
        for line in prediction.evidence:
            name = begin_with_capital(line.feature.label)
            self.evidence.add(name, self._describe_line(line))
            yield
        sources = dict.fromkeys(line.feature.source for line in prediction.evidence if line.feature.source)
        self._rest.addWidget(
            make_label(self.tr("Reference ranges: {sources}").format(sources="; ".join(sources)), "small")
        )
        row = QHBoxLayout()
        row.addWidget(self.use)
        row.addStretch()
        self._rest.addLayout(row)
        self.use.show()

    def _add_part(self) -> None:
        for _ in range(3):
            if next(self._parts, self) is self:
                return
        self._next_part.start()

    def _add_case(self, similar: "SimilarCase") -> None:
        from rag.clinical.cases.bank import ErrorKind
        from rag.clinical.cases.evidence import evidence_lines

        patient, bank = similar.case.patient, self._prediction.bank if self._prediction else None
        is_missed = similar.error is ErrorKind.MISSED_DEATH
        text = (
            self.tr("Died; the model had said {share} (a missed death)")
            if is_missed
            else self.tr("Survived; the model had said {share} (a false alarm)")
        )
        card = Card(text.format(share=describe_share(similar.case.probability)), theme=self._theme)
        who = [f"{patient.age:.0f}" if patient.age is not None else "", patient.sex or "", patient.race or ""]
        lines = evidence_lines(patient, bank.features if bank else ())
        compared = [line for line in lines if line.feature.is_compared][:CASE_VALUES]
        values = ", ".join(f"{line.feature.label} {line.written}" for line in compared)
        card.body.addWidget(make_label(f"{', '.join(part for part in who if part)}. {values}", "small"))
        self._rest.addWidget(card)
        self.cases.append(card)

    def _describe_line(self, line: "EvidenceLine") -> str:
        """Say the value and where it lies; the sources of the ranges stand under all lines."""
        from rag.clinical.cases.evidence import write_range

        if line.feature.reference is None:
            return line.written
        side = {
            "above": self.tr("{value}: above (reference {range})"),
            "below": self.tr("{value}: below (reference {range})"),
            "within": self.tr("{value}: within (reference {range})"),
        }[line.side or "within"]
        return side.format(value=line.written, range=write_range(line.feature.reference))

    def _empty_rest(self) -> None:
        self._next_part.stop()
        self._parts = iter(())
        self.cases = []
        self.use.hide()
        self.use.setParent(None)
        while self._rest.count():
            item = self._rest.takeAt(0)
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _use(self) -> None:
        if self._prediction is not None:
            self.conversation_wanted.emit("\n".join(line.text for line in self._prediction.evidence))
