"""One patient entered by hand: who it is, then the values that the bank's patients have."""

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.desktop.views.patient_value_row import FIELD_WIDTH, NAME_WIDTH, PatientValueRow

if TYPE_CHECKING:
    from rag.clinical.cases.types import Feature

ROWS_A_TURN = 3
"""Rows that are made before the window breathes."""


class PatientForm(QWidget):
    """Built a few rows at a time."""

    changed = Signal()
    submitted = Signal()
    """Return was pressed in a field."""
    built = Signal()

    def __init__(self, features: "tuple[Feature, ...]", theme: Theme, parent: QWidget | None = None) -> None:
        """Take the features of a bank, which are sorted by kind."""
        super().__init__(parent)
        self.setObjectName("column")
        self._theme = theme
        self.rows: list[PatientValueRow] = []
        order = ("vital", "score", "lab", "condition", "demographic")
        by_kind = sorted(features, key=lambda feature: order.index(feature.kind.value))
        self._waiting: list[Feature | str] = []
        for kind, some in groupby(by_kind, key=attrgetter("kind")):
            self._waiting += [self._name_kind(kind.value), *some]
        self.sex = ChoiceButton(self.tr("Sex"), theme)
        self.sex.show_choices(
            [("", self.tr("not given")), ("female", self.tr("female")), ("male", self.tr("male"))], ""
        )
        self.sex.chosen.connect(lambda _: self.changed.emit())
        self.age = self._make_edit(self.tr("Age in years"))
        self.race = self._make_edit(self.tr("Race, as the table words it"))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(4, 0, 20, 16)
        self._layout.setSpacing(6)
        self._layout.addWidget(make_label(self.tr("Who it is (not compared)"), "section", wraps=False))
        for text, field in (
            (self.tr("Sex"), self.sex),
            (self.tr("Age"), self.age),
            (self.tr("Race"), self.race),
        ):
            self._layout.addLayout(self._make_row(text, field))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._build_some)
        self._timer.start(0)

    @property
    def is_built(self) -> bool:
        """Whether all rows are there."""
        return not self._waiting

    @property
    def fields(self) -> dict[str, str]:
        """What is given, by name."""
        known = {"sex": str(self.sex.value or ""), "age": self.age.text().strip()}
        known["race"] = self.race.text().strip()
        known |= {str(row.feature.name): row.written for row in self.rows}
        return {name: text for name, text in known.items() if text}

    @property
    def is_usable(self) -> bool:
        """Whether there is a value, and none that cannot be."""
        return any(row.written for row in self.rows) and all(row.is_usable for row in self.rows)

    def _build_some(self) -> None:
        some, self._waiting = self._waiting[:ROWS_A_TURN], self._waiting[ROWS_A_TURN:]
        for each in some:
            if isinstance(each, str):
                self._layout.addSpacing(8)
                self._layout.addWidget(make_label(each, "section", wraps=False))
                continue
            row = PatientValueRow(each, self._theme)
            row.changed.connect(self.changed)
            row.submitted.connect(self.submitted)
            self._layout.addWidget(row)
            self.rows.append(row)
        if not self._waiting:
            self._timer.stop()
            self._layout.addStretch()
            self.built.emit()

    def _make_edit(self, name: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setAccessibleName(name)
        edit.setFixedWidth(FIELD_WIDTH)
        edit.setMaxLength(40)
        edit.textChanged.connect(lambda _: self.changed.emit())
        return edit

    def _make_row(self, text: str, field: QWidget) -> QHBoxLayout:
        name = make_label(text, wraps=False)
        name.setFixedWidth(NAME_WIDTH)
        name.setBuddy(field)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(field)
        row.addStretch()
        return row

    def _name_kind(self, kind: str) -> str:
        return {
            "vital": self.tr("Vital signs"),
            "score": self.tr("Scores"),
            "lab": self.tr("Laboratory"),
            "condition": self.tr("Conditions (not compared)"),
            "demographic": self.tr("Body (not compared)"),
        }[kind]
