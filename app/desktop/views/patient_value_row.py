"""One value of a patient: its name, a field, its unit, the reference range, and whether it can be."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.desktop.wording import begin_with_capital

if TYPE_CHECKING:
    from rag.clinical.cases.types import Feature

NAME_WIDTH, FIELD_WIDTH = 190, 90


class PatientValueRow(QWidget):
    """Says as it is typed in what cannot be."""

    changed = Signal()
    submitted = Signal()
    """Return was pressed."""

    def __init__(self, feature: "Feature", theme: Theme, parent: QWidget | None = None) -> None:
        """Empty."""
        from rag.clinical.cases.evidence import write_range

        super().__init__(parent)
        self.feature = feature
        self.edit: QLineEdit | None = None
        self.choice: ChoiceButton | None = None
        name = make_label(begin_with_capital(feature.label))
        name.setFixedWidth(NAME_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(name)
        if feature.options:
            self.choice = ChoiceButton(feature.label, theme)
            words = [(word, word) for word in feature.options if word]
            self.choice.show_choices([("", self.tr("not given")), *words], "")
            self.choice.chosen.connect(lambda _: self._check())
            row.addWidget(self.choice)
        else:
            self.edit = QLineEdit()
            self.edit.setFixedWidth(FIELD_WIDTH)
            self.edit.setAccessibleName(f"{feature.label}, {feature.unit}" if feature.unit else feature.label)
            self.edit.setMaxLength(40)
            self.edit.textChanged.connect(lambda _: self._check())
            self.edit.returnPressed.connect(self.submitted)
            name.setBuddy(self.edit)
            row.addWidget(self.edit)
        reference = write_range(feature.reference) if feature.reference else ""
        beside = "   ".join(part for part in (feature.unit, reference) if part)
        row.addWidget(make_label(beside, "muted", wraps=False))
        row.addStretch()
        self.problem = make_label("", "problem")
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        self.problem.setIndent(NAME_WIDTH + row.spacing())

    @property
    def written(self) -> str:
        """What is given; empty where nothing is."""
        if self.choice is not None:
            return str(self.choice.value or "")
        return self.edit.text().strip() if self.edit is not None else ""

    @property
    def is_usable(self) -> bool:
        """Whether nothing that cannot be is given."""
        return not self.problem.text()

    def _check(self) -> None:
        """Say that a number cannot be; a value with a unit of its own is looked at when it is used."""
        from rag.clinical.cases.cells import parse_number
        from rag.clinical.cases.evidence import write_range

        number = parse_number(self.written) if self.edit is not None else None
        is_fraction = self.feature.unit == "%" and number is not None and 0 < number <= 1
        text = ""
        if number is not None and not is_fraction and not self.feature.plausible.holds(number):
            text = self.tr("Plausible is {range} {unit}").format(
                range=write_range(self.feature.plausible), unit=self.feature.unit
            )
        self.problem.setText(text.strip())
        self.problem.setVisible(bool(text))
        self.changed.emit()
