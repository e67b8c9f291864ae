"""What is asked, of which models, from what, and how."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.check_box import CheckBox
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.disclosure import Disclosure
from app.desktop.views.exam_item_text import describe_exam
from app.desktop.views.exam_options_view import ExamOptionsView
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_arm

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam
    from app.desktop.exam_queue_operations import ExamFile, ExamPlan

ARMS = ("closed", "rag", "addrep", "context", "oracle")
COLUMNS = 3
"""Check boxes beside each other."""


class ExamSetupView(QWidget):
    """The chosen exam, arms, models and options; starts nothing by itself."""

    start_wanted = Signal()
    queue_wanted = Signal()
    """The runs are only to be put into the queue."""
    other_wanted = Signal()
    """Another file of items is to be chosen."""
    items_wanted = Signal()
    """The items are to be looked at before they are asked."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No exam yet; the model in use is chosen, and the arms that compare it with the library."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.file: ExamFile | None = None
        self._title = make_label("", "heading", wraps=False)
        self._about = make_label("", "muted")
        self.arms = {arm: self._make_box(describe_arm(arm), is_on=arm in ("closed", "rag")) for arm in ARMS}
        self.models: dict[str, CheckBox] = {}
        self.scoring = self._make_choice(
            theme,
            self.tr("How answers are read"),
            (("likelihood", self.tr("Likelihood of the letters")), ("generate", self.tr("What is written"))),
        )
        self.orders = self._make_choice(
            theme,
            self.tr("Orders of the options"),
            ((1, self.tr("As in the file")), (2, self.tr("Two orders")), (4, self.tr("Four orders"))),
        )
        self.options = Disclosure(self.tr("More options"), self._make_options, theme)
        self.look = make_button(self.tr("Look at the items…"), self.items_wanted.emit, "link")
        self.problem = make_label("", "problem")
        self.queue = make_button(self.tr("Put into the queue"), self.queue_wanted.emit)
        self.start = make_button(self.tr("Start"), self.start_wanted.emit, "primary")
        self.start.setToolTip(tooltip("exam_start"))
        self._models_place = QGridLayout()
        self._lay_out()
        desk.state.models_changed.connect(self._show_models)
        self._show_models()

    @property
    def exam(self) -> "ImportedExam | None":
        """The items that are asked."""
        return self.file.exam if self.file else None

    def show_exam(self, file: "ExamFile") -> None:
        """Ask these items from now on."""
        self.file = file
        exam = file.exam
        self._title.setText(exam.name)
        self._about.setText(describe_exam(exam))
        has_context = any(item.context for item in exam.items)
        has_oracle = any(item.oracle for item in exam.items)
        for arm, is_there in (("context", has_context), ("oracle", has_oracle)):
            self.arms[arm].setEnabled(is_there)
            self.arms[arm].setChecked(self.arms[arm].isChecked() and is_there)
        self._refresh()

    def plan(self) -> "ExamPlan":
        """Return what is chosen; only while :attr:`start` can be pressed."""
        from agents.answer import Method
        from agents.exams.records import ExamArm, Scoring
        from app.desktop.exam_queue_operations import ExamPlan

        if self.file is None:
            raise AssertionError("no exam is chosen")
        options = self._options
        method = options.method.value if options else None
        return ExamPlan(
            file=self.file,
            arms=tuple(ExamArm(arm) for arm in self.chosen_arms()),
            models=tuple(self.chosen_models()),
            method=Method(str(method)) if method else None,
            cases=options.cases_file if options else None,
            scoring=Scoring(str(self.scoring.value)),
            orders=int(str(self.orders.value)),
            seed=options.seed.value() if options else 0,
            limit=options.limit.value() or None if options else None,
            passages=options.passages.value() if options else 5,
        )

    def chosen_arms(self) -> list[str]:
        """Return the arms that are checked."""
        return [arm for arm, box in self.arms.items() if box.isChecked()]

    def chosen_models(self) -> list[str]:
        """Return the models that are checked."""
        return [name for name, box in self.models.items() if box.isChecked()]

    def refresh_cases(self) -> None:
        """Read anew which past cases are kept."""
        if self._options is not None:
            self._options.refresh()

    def show_running(self, *, is_running: bool) -> None:
        """While runs are made others can only be put behind them."""
        self._is_running = is_running
        self._refresh()

    _is_running = False
    _options: ExamOptionsView | None = None

    def _make_options(self) -> ExamOptionsView:
        self._options = ExamOptionsView(self._desk, self._theme)
        self._options.changed.connect(self._refresh)
        return self._options

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._about)
        words.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)
        head.addLayout(words, 1)
        head.addWidget(
            make_button(self.tr("Other items…"), self.other_wanted.emit), 0, Qt.AlignmentFlag.AlignTop
        )
        choices = QHBoxLayout()
        choices.setSpacing(12)
        choices.addWidget(self.scoring)
        choices.addWidget(self.orders)
        choices.addStretch()
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addWidget(self.problem, 1)
        ends.addWidget(self.queue)
        ends.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self._heading(self.tr("Answered from")))
        layout.addLayout(_grid(list(self.arms.values()), QGridLayout()))
        layout.addWidget(self._heading(self.tr("Models")))
        layout.addLayout(self._models_place)
        layout.addWidget(self._heading(self.tr("How")))
        layout.addLayout(choices)
        layout.addWidget(self.options)
        layout.addSpacing(6)
        layout.addLayout(ends)
        layout.addStretch()

    def _heading(self, text: str) -> QLabel:
        return make_label(text, "section", wraps=False)

    def _make_choice(self, theme: Theme, name: str, choices: Sequence[tuple[object, str]]) -> ChoiceButton:
        button = ChoiceButton(name, theme)
        button.setToolTip(name)
        button.show_choices(choices, choices[0][0])
        return button

    def _make_box(self, text: str, *, is_on: bool) -> CheckBox:
        box = CheckBox(text)
        box.setChecked(is_on)
        box.toggled.connect(lambda _: self._refresh())
        return box

    def _show_models(self) -> None:
        chosen = self.chosen_models() or [self._desk.bedside.settings.model]
        for box in self.models.values():
            self._models_place.removeWidget(box)
            box.hide()
            box.deleteLater()
        usable = [row.name for row in self._desk.state.models if row.problem is None]
        self.models = {name: self._make_box(name, is_on=name in chosen) for name in usable}
        _grid(list(self.models.values()), self._models_place)
        self._refresh()

    def _refresh(self) -> None:
        problem = self._find_problem()
        self.problem.setText(problem)
        can_start = bool(self.file and not problem)
        self.queue.setEnabled(can_start)
        self.start.setEnabled(can_start and not self._is_running)

    def _find_problem(self) -> str:
        """Say what keeps runs from being made, if anything does."""
        if not self.models:
            return self.tr("There is no model yet; please add one on the page of models.")
        if not self.chosen_models() or not self.chosen_arms():
            return self.tr("Please choose a model, and what it answers from.")
        options = self._options
        if options is None:
            return ""
        if options.method.value == "base" and self.chosen_arms() != ["closed"]:
            return self.tr("From memory only the model alone can answer; please choose another method.")
        if options.method.value not in (None, "base") and self.chosen_arms() == ["closed"]:
            return self.tr("The model alone answers without this method; please choose the library too.")
        model = options.cases_model
        if model is not None and self.chosen_models() != [model]:
            return self.tr("These past cases are those of {model}; please choose it alone.").format(
                model=model
            )
        return ""


def _grid(boxes: Sequence[CheckBox], layout: QGridLayout) -> QGridLayout:
    layout.setHorizontalSpacing(20)
    layout.setVerticalSpacing(6)
    layout.setColumnStretch(COLUMNS, 1)
    for number, box in enumerate(boxes):
        layout.addWidget(box, number // COLUMNS, number % COLUMNS)
    return layout
