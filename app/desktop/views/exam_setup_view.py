"""What is asked, of which models, and from what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_arm, plural

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam

ARMS = ("closed", "rag", "addrep", "context", "oracle")
COLUMNS = 3
"""Check boxes beside each other."""


class ExamSetupView(QWidget):
    """The chosen exam, arms and models, and how answers are read; starts nothing by itself."""

    start_wanted = Signal()
    other_wanted = Signal()
    """Another file of items is to be chosen."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No exam yet; the model in use is chosen, and the arms that compare it with the library."""
        super().__init__(parent)
        self._desk = desk
        self.exam: ImportedExam | None = None
        self._title = make_label("", "heading", wraps=False)
        self._about = make_label("", "muted")
        self.arms = {arm: self._make_box(describe_arm(arm), is_on=arm in ("closed", "rag")) for arm in ARMS}
        self.models: dict[str, QCheckBox] = {}
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
        self.start = make_button(self.tr("Start"), self.start_wanted.emit, "primary")
        self._models_place = QGridLayout()
        self._lay_out()
        desk.state.models_changed.connect(self._show_models)
        self._show_models()

    def show_exam(self, exam: "ImportedExam") -> None:
        """Ask these items from now on."""
        from collections import Counter

        self.exam = exam
        self._title.setText(exam.name)
        asked = plural(len(exam.items), self.tr("{n} item"), self.tr("{n} items"))
        reasons = Counter(str(each.reason) for each in exam.left_out)
        names = {
            "image": self.tr("need a picture"),
            "duplicate": self.tr("are there twice"),
            "damaged": self.tr("are damaged"),
        }
        parts = [f"{count} {names[reason]}" for reason, count in reasons.items()]
        left_out = self.tr("; left out: {parts}").format(parts=", ".join(parts)) if parts else ""
        self._about.setText(asked + left_out)
        has_context = any(item.context for item in exam.items)
        has_oracle = any(item.oracle for item in exam.items)
        for arm, is_there in (("context", has_context), ("oracle", has_oracle)):
            self.arms[arm].setEnabled(is_there)
            self.arms[arm].setChecked(self.arms[arm].isChecked() and is_there)
        self._refresh()

    def chosen_arms(self) -> list[str]:
        """Return the arms that are checked."""
        return [arm for arm, box in self.arms.items() if box.isChecked()]

    def chosen_models(self) -> list[str]:
        """Return the models that are checked."""
        return [name for name, box in self.models.items() if box.isChecked()]

    def show_running(self, *, is_running: bool) -> None:
        """Let nothing be started while runs are made."""
        self._is_running = is_running
        self._refresh()

    _is_running = False

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._about)
        head.addLayout(words, 1)
        head.addWidget(
            make_button(self.tr("Other items…"), self.other_wanted.emit), 0, Qt.AlignmentFlag.AlignTop
        )
        choices = QHBoxLayout()
        choices.setSpacing(12)
        choices.addWidget(self.scoring)
        choices.addWidget(self.orders)
        choices.addStretch()
        choices.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self._heading(self.tr("Answered from")))
        layout.addLayout(_grid(list(self.arms.values()), QGridLayout()))
        layout.addWidget(self._heading(self.tr("Models")))
        layout.addLayout(self._models_place)
        layout.addLayout(choices)

    def _heading(self, text: str) -> QLabel:
        return make_label(text, "section", wraps=False)

    def _make_choice(self, theme: Theme, name: str, choices: Sequence[tuple[object, str]]) -> ChoiceButton:
        button = ChoiceButton(name, theme)
        button.setToolTip(name)
        button.show_choices(choices, choices[0][0])
        return button

    def _make_box(self, text: str, *, is_on: bool) -> QCheckBox:
        box = QCheckBox(text.replace("&", "&&"))
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
        can_start = bool(self.exam and self.chosen_arms() and self.chosen_models())
        self.start.setEnabled(can_start and not self._is_running)


def _grid(boxes: Sequence[QCheckBox], layout: QGridLayout) -> QGridLayout:
    layout.setHorizontalSpacing(20)
    layout.setVerticalSpacing(6)
    layout.setColumnStretch(COLUMNS, 1)
    for number, box in enumerate(boxes):
        layout.addWidget(box, number // COLUMNS, number % COLUMNS)
    return layout
