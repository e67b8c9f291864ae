"""How an exam is asked beyond the usual: by which method, with which past cases, how many items."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from app.desktop import exam_operations
from app.desktop.dialogs.choose import choose_file
from app.desktop.exam_operations import CaseChoice
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.desktop.views.number_field import NumberField
from app.desktop.wording import describe_method

METHODS = ("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations", "base")
ITEMS_FILTER = "*.jsonl *.json *.csv *.tsv *.xlsx"
MOST = 1_000_000
MOST_PASSAGES = 20
FIELD_WIDTH = 110
OTHER = "other"
"""Value of the choice that asks for a file."""


class ExamOptionsView(QWidget):
    """Every field has what is usual."""

    changed = Signal()

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Read which past cases are kept."""
        super().__init__(parent)
        self._desk = desk
        self._kept: list[CaseChoice] = []
        self._file: Path | None = None
        self.method = ChoiceButton(self.tr("Method"), theme)
        self.method.show_choices(
            [
                (None, self.tr("None: the passages themselves")),
                *((method, describe_method(method)) for method in METHODS),
            ],
            None,
        )
        self.cases = ChoiceButton(self.tr("Past cases"), theme)
        self.cases.chosen.connect(self._choose_cases)
        self.limit = self._make_number(0, MOST, 0, self.tr("Items at most"))
        self.limit.setSpecialValueText(self.tr("All"))
        self.seed = self._make_number(0, MOST, 0, self.tr("Seed of the orders"))
        self.passages = self._make_number(1, MOST_PASSAGES, 5, self.tr("Passages of one search"))
        self._lay_out()
        self.refresh()

    @property
    def cases_file(self) -> Path | None:
        """What past cases come from: a bank, a run, or items to train on."""
        return self.cases.value if isinstance(self.cases.value, Path) else None

    @property
    def cases_model(self) -> str | None:
        """Whose wrong answers the chosen cases are, where that is fixed."""
        return next((each.model for each in self._kept if each.file == self.cases.value), None)

    def refresh(self) -> None:
        """Read anew which past cases are kept."""
        exam_operations.read_case_choices(self._desk, self, Callbacks(on_done=self._show_kept))

    def use_cases(self, file: Path) -> None:
        """Take past cases from a file that the user has chosen."""
        self._file = file
        self.cases.show_choices(self._case_choices(), file)
        self.changed.emit()

    def _show_kept(self, kept: list[CaseChoice]) -> None:
        self._kept = kept
        self.cases.show_choices(self._case_choices(), self.cases.value)

    def _case_choices(self) -> list[tuple[object, str]]:
        text = self.tr("{n} of {model} ({name})")
        known = [
            (each.file, text.format(n=each.count, model=each.model, name=each.file.stem))
            for each in self._kept
        ]
        other = [] if self._file is None else [(self._file, self._file.name)]
        return [(None, self.tr("None")), *known, *other, (OTHER, self.tr("From items to train on…"))]

    def _choose_cases(self, value: object) -> None:
        if value != OTHER:
            self.changed.emit()
            return
        self.cases.show_choices(self._case_choices(), self._file)
        filters = [self.tr("Items ({patterns})").format(patterns=ITEMS_FILTER)]
        choose_file(self, self.tr("Choose items to train on"), self.use_cases, filters=filters)

    def _make_number(self, least: int, most: int, value: int, name: str) -> NumberField:
        field = NumberField(least, most, value, name)
        field.setFixedWidth(FIELD_WIDTH)
        field.valueChanged.connect(lambda _: self.changed.emit())
        return field

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(8)
        rows = (
            (self.tr("Method"), self.method),
            (self.tr("Past cases"), self.cases),
            (self.tr("Items at most"), self.limit),
            (self.tr("Seed of the orders"), self.seed),
            (self.tr("Passages of one search"), self.passages),
        )
        for text, field in rows:
            label = make_label(text, wraps=False)
            label.setBuddy(field)
            form.addRow(label, field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(
            make_label(
                self.tr(
                    "With a method the letters' likelihoods see only its answer. Past cases are questions "
                    "that the same model answered wrongly before, shown with the right answer; no question "
                    "of this exam is ever shown."
                ),
                "small",
            )
        )
