"""The clinical page: calculators, found by words or out of a question."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop import clinical_operations
from app.desktop.models.calculators import CalculatorsModel
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.calculator_view import CalculatorView
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.labels import make_label

if TYPE_CHECKING:
    from agents.calculation import Proposal
    from rag.clinical.calculators.calculator import Calculator

LIST_WIDTH, NARROW_LIST_WIDTH = 300, 220


class ClinicalPage(QWidget):
    """A list on the left, one calculator on the right, a question over both."""

    conversation_wanted = Signal(str)
    """An evidence line is to be put into the conversation."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Read the calculators; none is chosen."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._all: tuple[Calculator, ...] = ()
        self.view: CalculatorView | None = None
        self.question = QLineEdit(placeholderText=self.tr("65-year-old woman, creatinine 1.8 mg/dL, stage?"))
        self.question.setAccessibleName(self.tr("A question with its numbers"))
        self.question.setMaxLength(20_000)
        self.question.returnPressed.connect(self.read_question)
        self.read_from = make_label("", "small")
        self.read_from.hide()
        self.filter = QLineEdit(placeholderText=self.tr("Find a calculator…"))
        self.filter.setAccessibleName(self.tr("Find a calculator"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self._rows = CalculatorsModel(self)
        self.list = self._make_list()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self._show_empty()
        self._lay_out()
        clinical_operations.read_calculators(desk, self, self._show_all)

    def read_question(self) -> None:
        """Take calculator and values out of the question, to be checked."""
        text = self.question.text().strip()
        if text:
            clinical_operations.propose_calculation(self._desk, self, text, self._show_proposals)

    def choose(self, calculator: "Calculator", given: Mapping[str, str] | None = None) -> None:
        """Show a calculator, empty or with values."""
        view = CalculatorView(self._desk, self._theme, calculator, given or {})
        view.conversation_wanted.connect(self.conversation_wanted)
        view.setObjectName("column")
        view.layout().setContentsMargins(4, 0, 24, 24)
        self.view = view
        self.area.setWidget(view)  # the one before is deleted

    def _make_list(self) -> QListView:
        listing = QListView()
        listing.setObjectName("scopes")
        listing.setAccessibleName(self.tr("Calculators"))
        listing.setModel(self._rows)
        listing.setUniformItemSizes(True)
        listing.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        listing.selectionModel().currentChanged.connect(self._choose_row)
        return listing

    def _lay_out(self) -> None:
        note = make_label(
            self.tr("Bedside is no medical device. Check values and result before they matter."), "small"
        )
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.filter)
        left.addWidget(self.list, 1)
        side = QWidget()
        side.setMinimumWidth(NARROW_LIST_WIDTH)
        side.setMaximumWidth(LIST_WIDTH)
        left.setContentsMargins(0, 0, 0, 0)
        side.setLayout(left)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addWidget(side, 1)
        columns.addWidget(self.area, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 28, 8, 16)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.tr("Clinical"), "title", wraps=False))
        layout.addWidget(
            make_label(self.tr("Values from a question, or fill in a calculator yourself:"), "muted")
        )
        asked = QHBoxLayout()
        asked.setContentsMargins(0, 0, 24, 0)
        asked.addWidget(self.question)
        layout.addLayout(asked)
        layout.addWidget(self.read_from)
        layout.addLayout(columns, 1)
        layout.addWidget(note)

    def _show_all(self, calculators: "tuple[Calculator, ...]") -> None:
        self._all = calculators
        self._filter()

    def _filter(self) -> None:
        """Show the calculators in which all words occur."""
        if not self._all:
            return
        from rag.clinical.calculators.catalogue import search

        self._rows.show(search(self.filter.text()))

    def _choose_row(self, index: QModelIndex) -> None:
        if index.isValid():
            self.read_from.hide()
            self.choose(self._rows.calculator(index))

    def _show_proposals(self, proposals: "tuple[Proposal, ...]") -> None:
        if not proposals:
            self._say(self.tr("The question names no calculator; choose one from the list."))
            return
        best = proposals[0]
        title = best.calculator.title
        read = "; ".join(f"{value.name} {value.written} (“{value.words}”)" for value in best.values)
        if read:
            self._say(self.tr("Read from the question, please check: {values}").format(values=read))
        else:
            self._say(self.tr("The question names {title}, but no value for it.").format(title=title))
        self.filter.clear()
        self.list.selectionModel().blockSignals(True)
        self.list.setCurrentIndex(self._rows.index(self._rows.row_of(best.calculator.name)))
        self.list.selectionModel().blockSignals(False)
        self.choose(best.calculator, best.given)

    def _say(self, sentence: str) -> None:
        self.read_from.setText(sentence)
        self.read_from.show()

    def _show_empty(self) -> None:
        self.area.setWidget(
            EmptyState(
                icon="clinical",
                title=self.tr("Choose a calculator"),
                sentence=self.tr(
                    "Each shows its formula, steps and source; a result can be put into the conversation."
                ),
                theme=self._theme,
            )
        )
