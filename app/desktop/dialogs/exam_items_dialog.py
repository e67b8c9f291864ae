"""The items of a file before they are asked: what each column of a table holds, and what is left out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desktop import exam_operations
from app.desktop.exam_operations import TablePreview
from app.desktop.exam_queue_operations import ExamFile
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.exam_item_text import describe_exam, describe_preview
from app.desktop.views.labels import ElidedLabel, make_label, make_line

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam
    from agents.exams.tables import Mapping

MINIMUM_WIDTH, MINIMUM_HEIGHT = 760, 560
COLUMNS_HEIGHT = 236
"""Pixels for the columns of a table; more of them scroll."""
MANY = "options"
"""The one field that several columns hold together."""
CELLS = " · "


class ExamItemsDialog(QDialog):
    """Reads the file again whenever another column is chosen; changes nothing in it."""

    chosen = Signal(object)
    """The items as they are read here: an ``ExamFile``."""

    def __init__(self, parent: QWidget, desk: Desk, theme: Theme, found: ExamFile | TablePreview) -> None:
        """Show items, or a table whose columns are not known."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Items of {file}").format(file=found.path.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(MINIMUM_WIDTH, MINIMUM_HEIGHT)
        self._desk = desk
        self._theme = theme
        self._path = found.path
        self._exam: ImportedExam | None = None
        self._reading = 0
        self.fields: dict[str, ChoiceButton] = {}
        """What each column holds, by the column's name; empty where the file is no table."""
        self.summary = make_label("", "muted")
        self.preview = QPlainTextEdit(readOnly=True)
        self.preview.setObjectName("textPage")
        self.preview.setTabChangesFocus(True)
        self.preview.setAccessibleName(self.tr("The first items, and what is left out"))
        self.cancel = make_button(self.tr("Cancel"), self.reject)
        self.use = make_button(self.tr("Use these items"), self.accept, "primary")
        self.use.setDefault(True)
        self._columns = QVBoxLayout()
        self._lay_out()
        self.accepted.connect(self._choose)
        self._show(found)

    def columns(self) -> tuple[str, ...]:
        """Return what is chosen, as ``FIELD=COLUMN``; a field without a column takes a guess back."""
        from agents.exams.tables import FIELDS

        if not self.fields:
            return ()
        names: dict[str, list[str]] = {field: [] for field in FIELDS}
        for column, button in self.fields.items():
            if button.value is not None:
                names[str(button.value)].append(column)
        return tuple(f"{field}={'|'.join(columns)}" for field, columns in names.items())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addLayout(self._columns)
        layout.addWidget(make_line())
        layout.addWidget(self.summary)
        layout.addWidget(self.preview, 1)
        layout.addLayout(buttons)

    def _show(self, found: ExamFile | TablePreview) -> None:
        from agents.exams.importing import TABLES

        if isinstance(found, TablePreview):
            if not self.fields:
                self._add_columns(found)
            is_missing = bool(found.mapping.missing)
            needed = self.tr("Please say which column holds the question, and which one the right answer.")
            self._show_exam(found.exam, needed if is_missing else found.problem)
        else:
            self._show_exam(found.exam, "")
            if found.path.suffix.casefold() in TABLES:
                self._read(found.columns)

    def _show_exam(self, exam: "ImportedExam | None", problem: str) -> None:
        self._exam = exam
        self.use.setEnabled(exam is not None)
        self.summary.setText(problem if exam is None else describe_exam(exam))
        self.preview.setPlainText("" if exam is None else describe_preview(exam))

    def _add_columns(self, found: TablePreview) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (column, cells) in enumerate(found.cells.items()):
            button = ChoiceButton(self.tr("What “{column}” holds").format(column=column), self._theme)
            button.show_choices(self._field_names(), _field_of(column, found.mapping))
            button.chosen.connect(lambda value, column=column: self._take(column, value))
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            self.fields[column] = button
            grid.addWidget(make_label(column, "strong", wraps=False), row, 0)
            grid.addWidget(ElidedLabel(CELLS.join(" ".join(cell.split()) for cell in cells), "small"), row, 1)
            grid.addWidget(button, row, 2)
        inside = QWidget()
        inside.setObjectName("column")
        inside.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.setFixedHeight(min(inside.sizeHint().height() + 4, COLUMNS_HEIGHT))
        self._columns.addWidget(
            make_label(
                self.tr(
                    "Say what each column holds. A question and an answer are needed; options stand in a "
                    "column each, or all in one, line by line. Without options a question is answered freely."
                ),
                "muted",
            )
        )
        self._columns.addWidget(area)

    def _take(self, column: str, field: object) -> None:
        """Give a field to one column only, but options to many, and read the file anew."""
        for other, button in self.fields.items():
            if other != column and field != MANY and button.value == field:
                button.show_choices(self._field_names(), None)
        self._read(self.columns())

    def _read(self, columns: tuple[str, ...]) -> None:
        self._reading += 1
        reading = self._reading

        def done(found: TablePreview) -> None:
            if reading == self._reading:
                self._show(found)

        exam_operations.preview_columns(self._desk, self, self._path, columns, Callbacks(on_done=done))

    def _choose(self) -> None:
        if self._exam is not None:
            self.chosen.emit(ExamFile(exam=self._exam, path=self._path, columns=self.columns()))

    def _field_names(self) -> list[tuple[object, str]]:
        return [
            (None, self.tr("Nothing that is used")),
            ("question", self.tr("Question")),
            ("options", self.tr("Option")),
            ("answer", self.tr("Right answer")),
            ("id", self.tr("Number or name of the item")),
            ("topic", self.tr("Topic")),
            ("source", self.tr("Source")),
            ("context", self.tr("Text that belongs to it")),
            ("evidence", self.tr("Text that answers it")),
            ("explanation", self.tr("Explanation")),
        ]


def _field_of(column: str, mapping: "Mapping") -> str | None:
    return next((field for field, columns in mapping.columns.items() if column in columns), None)
