"""What the user says about a recording: rule set, sex, age; rate and unit where the file is text."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from rag.clinical.ecg.limits import ReadingOptions
from rag.clinical.ecg.types import Sex

MAX_AGE = 129
MAX_RATE = 20_000


class RecordingOptionsView(QWidget):
    """One row of choices; every change is told."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Everything as the file says."""
        super().__init__(parent)
        self.rules = ChoiceButton(self.tr("Limits"), theme)
        self.sex = ChoiceButton(self.tr("Sex"), theme)
        self.unit = ChoiceButton(self.tr("Unit"), theme)
        self.age = self._make_number(self.tr("Age"), MAX_AGE)
        self.rate = self._make_number(self.tr("Sampling rate in Hz"), MAX_RATE)
        self.rules.show_choices(
            (
                ("teaching", self.tr("Teaching protocol")),
                ("aha-acc-hrs", self.tr("AHA/ACC/HRS")),
                ("universal-mi", self.tr("Universal definition of MI")),
            ),
            "teaching",
        )
        self.sex.show_choices(
            (
                (None, self.tr("as the file says")),
                (Sex.FEMALE, self.tr("female")),
                (Sex.MALE, self.tr("male")),
            ),
            None,
        )
        self.unit.show_choices(
            ((None, self.tr("as the file says")), ("mV", "mV"), ("uV", "µV"), ("V", "V")), None
        )
        for choice in (self.rules, self.sex, self.unit):
            choice.chosen.connect(lambda _value: self.changed.emit())
        self._text_parts: list[QWidget] = []
        self._lay_out()
        self.show_text_parts(is_text=False)

    @property
    def options(self) -> ReadingOptions:
        """What was said."""
        rate, age = self.rate.text(), self.age.text()
        return ReadingOptions(
            sampling_rate=float(rate) if rate else None,
            unit=self.unit.value if isinstance(self.unit.value, str) else None,
            sex=self.sex.value if isinstance(self.sex.value, Sex) else None,
            age=int(age) if age else None,
        )

    def show_text_parts(self, *, is_text: bool) -> None:
        """Show rate and unit for text files only."""
        for part in self._text_parts:
            part.setVisible(is_text)

    def _make_number(self, name: str, largest: int) -> QLineEdit:
        edit = QLineEdit()
        edit.setAccessibleName(name)
        edit.setValidator(QIntValidator(0, largest, edit))
        edit.setFixedWidth(70)
        edit.editingFinished.connect(self._tell_once)
        return edit

    def _tell_once(self) -> None:
        """Tell only when a number is another one: leaving a field ends its editing too."""
        said = (self.age.text(), self.rate.text())
        if said != self.property("said"):
            self.setProperty("said", said)
            self.changed.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.setProperty("said", ("", ""))
        for name, part in (
            (self.tr("Limits"), self.rules),
            (self.tr("Sex"), self.sex),
            (self.tr("Age"), self.age),
            (self.tr("Rate (Hz)"), self.rate),
            (self.tr("Unit"), self.unit),
        ):
            label = make_label(name, "muted", wraps=False)
            row.addWidget(label)
            row.addWidget(part)
            row.addSpacing(8)
            if part in (self.rate, self.unit):
                self._text_parts += [label, part]
        row.addStretch()
