"""One calculator: a form that calculates as it is filled in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop import clinical_operations
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.input_row import InputRow
from app.desktop.views.labels import make_label
from app.desktop.views.result_view import ResultView

if TYPE_CHECKING:
    from rag.clinical.calculators.calculator import Calculator, Result

ROWS_A_TURN = 3
"""Rows that are made before the window breathes."""


class CalculatorView(QWidget):
    """Title, inputs, result. Built a few rows at a time."""

    conversation_wanted = Signal(str)
    built = Signal()

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        calculator: "Calculator",
        given: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """``given`` is filled in once the rows are there."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.calculator = calculator
        self.rows: list[InputRow] = []
        self._given = dict(given)
        self._waiting = list(calculator.inputs)
        self._number = 0
        self.result = ResultView()
        self.result.conversation_wanted.connect(self.conversation_wanted)
        self._form = QVBoxLayout()
        self._form.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(make_label(calculator.title, "heading"))
        layout.addWidget(make_label(calculator.about, "muted"))
        layout.addLayout(self._form)
        layout.addWidget(self.result)
        layout.addStretch()
        self.result.show_sentence(self.tr("The result appears here as you fill in the values; * is needed."))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._build_some)
        self._timer.start(0)

    @property
    def given(self) -> dict[str, str]:
        """What is filled in."""
        return {row.key: row.written for row in self.rows if row.written}

    def _build_some(self) -> None:
        some, self._waiting = self._waiting[:ROWS_A_TURN], self._waiting[ROWS_A_TURN:]
        for given in some:
            row = InputRow(given, self._theme)
            if given.key in self._given:
                row.write(self._given[given.key])
            row.changed.connect(self._calculate)
            self._form.addWidget(row)
            self.rows.append(row)
        if not self._waiting:
            self._timer.stop()
            if self._given:
                self._calculate()
            self.built.emit()

    def _calculate(self) -> None:
        """Calculate with what is there; an older result that comes later is dropped."""
        self._number += 1
        number = self._number
        clinical_operations.calculate(
            self._desk,
            self,
            self.calculator,
            self.given,
            lambda found: self._show(found) if number == self._number else None,
        )

    def _show(self, found: "Result | str") -> None:
        if isinstance(found, str):
            self.result.show_sentence(found)
        else:
            self.result.show_result(found)
