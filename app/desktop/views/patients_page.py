"""Intensive-care patients: one patient by hand, and the tables and banks behind it."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.evaluation_view import EvaluationView
from app.desktop.views.labels import make_label
from app.desktop.views.patient_table_view import PatientTableView
from app.desktop.views.patient_view import PatientView


class PatientsPage(QWidget):
    """Tabs under a banner. Another view becomes a tab by :meth:`add_tab`."""

    conversation_wanted = Signal(str)
    """Evidence lines are to be put into the conversation."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Show one patient; the last bank of the data folder is opened."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._stack = QStackedWidget()
        self._tabs: dict[QWidget, QPushButton] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(20)
        self._lay_out()
        self.patient = PatientView(desk, theme)
        self.patient.table_wanted.connect(self._read_table)
        self.patient.result.conversation_wanted.connect(self.conversation_wanted)
        self._row.addStretch()
        self.add_tab(self.tr("One patient"), self.patient)
        self.show_tab(self.patient)
        self.patient.open()

    @cached_property
    def table(self) -> PatientTableView:
        """The table and its bank, built with the other parts of the window."""
        view = PatientTableView(self._desk, self._theme)
        view.bank_built.connect(self._open_built)
        self.add_tab(self.tr("Table and bank"), view)
        return view

    @cached_property
    def evaluation(self) -> EvaluationView:
        """The evaluation, built with the other parts of the window; it takes the table that is read."""
        view = EvaluationView(self._desk, self._theme)
        self.table.table_read.connect(view.show_table)
        if self.table.table is not None:
            view.show_table(self.table.table)
        self.add_tab(self.tr("Evaluation"), view)
        return view

    def add_tab(self, text: str, view: QWidget) -> None:
        """Add a view behind a button of its own."""
        tab = make_button(text, lambda: self.show_tab(view), "tab")
        tab.setCheckable(True)
        self._tabs[view] = tab
        self._stack.addWidget(view)
        self._row.insertWidget(self._row.count() - 1, tab)

    def show_tab(self, view: QWidget) -> None:
        """Show a view that was added."""
        self._stack.setCurrentWidget(view)
        for other, tab in self._tabs.items():
            tab.setChecked(other is view)

    def read(self, files: Sequence[Path]) -> None:
        """Read tables that were dropped."""
        self.show_tab(self.table)
        self.table.read(files)

    def _read_table(self) -> None:
        self.show_tab(self.table)
        self.table.choose_files()

    def _open_built(self, file: Path) -> None:
        self.patient.open(file)

    def _lay_out(self) -> None:
        banner = make_label(
            self.tr("For research only; not a medical device. A model's probability is no prognosis."),
            "small",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 24, 32, 16)
        layout.setSpacing(8)
        layout.addWidget(make_label(self.tr("Intensive-care patients"), "title", wraps=False))
        layout.addWidget(banner)
        layout.addLayout(self._row)
        layout.addWidget(self._stack, 1)
