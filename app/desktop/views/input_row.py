"""One input of a calculator: its name, a field, and its unit."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.desktop.wording import begin_with_capital

if TYPE_CHECKING:
    from rag.clinical.calculators.inputs import Input

NAME_WIDTH, FIELD_WIDTH = 250, 120
GROWS = 100
"""How much sooner name and field take room than the end of the row."""
NARROW_NAME_WIDTH, NARROW_FIELD_WIDTH = 110, 80
WIDE = 520
"""Pixels of a row from which on there is room for names and fields as they should be."""


class InputRow(QWidget):
    """A number with its unit, one of a few words, or a yes or no that may be left open."""

    changed = Signal()

    def __init__(self, given: "Input", theme: Theme, parent: QWidget | None = None) -> None:
        """Empty."""
        from rag.clinical.calculators.inputs import Choice, Flag, Number

        super().__init__(parent)
        self.key = given.key
        self._unit: ChoiceButton | None = None
        self.choice: ChoiceButton | None = None
        self.edit: QLineEdit | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        text = begin_with_capital(given.name)
        needed = text if given.is_optional else f"{text} *"
        self._name = make_label(needed)
        self._name.setMinimumWidth(NARROW_NAME_WIDTH)
        row.addWidget(self._name, GROWS)
        if isinstance(given, Choice | Flag):
            words = ("yes", "no") if isinstance(given, Flag) else given.options
            self.choice = ChoiceButton(given.name, theme)
            options = [(None, self.tr("not given")), *((word, word) for word in words)]
            self.choice.show_choices(options, None if isinstance(given, Flag) else given.default)
            self.choice.chosen.connect(lambda _: self.changed.emit())
            row.addWidget(self.choice)
        else:
            self.edit = QLineEdit()
            self.edit.setAccessibleName(f"{given.name} ({given.accepts})")
            self.edit.setMinimumWidth(NARROW_FIELD_WIDTH)
            self.edit.textChanged.connect(lambda _: self.changed.emit())
            self._name.setBuddy(self.edit)
            row.addWidget(self.edit, GROWS)
        if isinstance(given, Number):
            self._add_unit(given.quantity.units, given.name, theme, row)
        row.addStretch(1)
        self._limit_widths()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the room that there is."""
        super().resizeEvent(event)
        self._limit_widths()

    def _limit_widths(self) -> None:
        """Only from above: a width that was fixed would keep the page from becoming narrower."""
        is_wide = self.width() >= WIDE
        self._name.setMaximumWidth(NAME_WIDTH if is_wide else NARROW_NAME_WIDTH)
        if self.edit is not None:
            self.edit.setMaximumWidth(FIELD_WIDTH if is_wide else NARROW_FIELD_WIDTH)

    @property
    def written(self) -> str:
        """What is given, as the input reads it; empty where nothing is."""
        if self.choice is not None:
            return str(self.choice.value or "")
        text = "" if self.edit is None else self.edit.text().strip()
        is_bare = text.replace(".", "").replace(",", "").isdecimal()
        return f"{text} {self._unit.value}" if text and is_bare and self._unit is not None else text

    def write(self, written: str) -> None:
        """Fill in a value with its unit; the unit stays beside the number."""
        if self.choice is not None:
            self.choice.choose(written or None)
        elif self.edit is not None:
            self.edit.setText(self._take_unit(written))

    def _take_unit(self, written: str) -> str:
        """Show a value's unit beside the field; return its number, or all where there is no such unit."""
        from rag.clinical.calculators.units import find_unit

        number = re.match(r"[\d.,]*", written)
        digits = number[0] if number else ""
        unit = find_unit(written[len(digits) :])
        if digits and self._unit is not None and self._unit.offers(unit):
            self._unit.choose(unit)
            return digits
        return written

    def _add_unit(self, units: tuple[str, ...], name: str, theme: Theme, row: QHBoxLayout) -> None:
        if len(units) == 1:
            row.addWidget(make_label(units[0], "muted", wraps=False))
            return
        self._unit = ChoiceButton(self.tr("Unit of {name}").format(name=name), theme)
        self._unit.show_choices([(unit, unit) for unit in units], units[0])
        self._unit.chosen.connect(lambda _: self.changed.emit())
        row.addWidget(self._unit)
