"""Which agents of a thorough answer look for evidence: for users who want to see what each brings."""

from typing import get_args

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop import operations
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.check_box import CheckBox
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label
from app.settings import Settings

AGENTS = get_args(get_args(Settings.model_fields["agents_off"].annotation)[0])
"""Values of the setting ``agents_off``."""


class AgentsView(QWidget):
    """A box for each agent that can be left out, and when sub-questions are asked."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the settings."""
        super().__init__(parent)
        self._desk = desk
        self.boxes = {agent: self._make_box(agent) for agent in AGENTS}
        """By the setting's values; ticked is switched on."""
        self.sub_questions = ChoiceButton(self.tr("Other angles"), theme)
        self.sub_questions.chosen.connect(lambda value: self._change(sub_questions=value))
        self.reset = make_button(self.tr("Set all as at first"), self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 8)
        layout.setSpacing(12)
        sentence = self.tr(
            "For answers that are looked for thoroughly. Leave out what you want to do without."
        )
        layout.addWidget(make_label(sentence, "muted"))
        for agent, box in self.boxes.items():
            layout.addLayout(_explained(box, _describe(agent)[1]))
        layout.addLayout(self._make_sub_questions())
        layout.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        desk.state.settings_changed.connect(self._refresh)
        self._refresh()

    def _make_box(self, agent: str) -> CheckBox:
        title, sentence = _describe(agent)
        box = CheckBox(title)
        box.setAccessibleDescription(sentence)
        box.clicked.connect(lambda: self._change(agents_off=self._find_off()))
        return box

    def _make_sub_questions(self) -> QHBoxLayout:
        sentence = self.tr("The model asks the same thing in other words, and these are searched for too.")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(make_label(self.tr("Other angles"), "strong"))
        words.addWidget(make_label(sentence, "muted"))
        self.sub_questions.setAccessibleDescription(sentence)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(words, 1)
        row.addWidget(self.sub_questions, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _find_off(self) -> tuple[str, ...]:
        return tuple(agent for agent, box in self.boxes.items() if not box.isChecked())

    def _reset(self) -> None:
        self._change(
            **{name: Settings.model_fields[name].default for name in ("agents_off", "sub_questions")}
        )

    def _change(self, **settings: object) -> None:
        operations.change_settings(self._desk, **settings)

    def _refresh(self) -> None:
        settings = self._desk.bedside.settings
        for agent, box in self.boxes.items():
            box.setChecked(agent not in settings.agents_off)
        self.sub_questions.show_choices(_times(), settings.sub_questions)
        self.reset.setEnabled(
            (settings.agents_off, settings.sub_questions)
            != tuple(Settings.model_fields[name].default for name in ("agents_off", "sub_questions"))
        )


def _explained(box: CheckBox, sentence: str) -> QVBoxLayout:
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(box)
    words.addWidget(make_label(sentence, "muted"))
    return words


def _describe(agent: str) -> tuple[str, str]:
    """Return an agent's name and what it does, in the user's words."""
    return {
        "refinement": (
            _tr("Understand follow-up questions"),
            _tr("“And in children?” is searched for as a whole question, with what it refers to."),
        ),
        "judgement": (
            _tr("Let the model judge passages"),
            _tr(
                "Passages that it finds useless are not used; only where calibration showed that this helps."
            ),
        ),
        "loop": (
            _tr("Search again"),
            _tr("Where the evidence is not enough, it is searched a second time before Bedside gives up."),
        ),
    }[agent]


def _times() -> tuple[tuple[object, str], ...]:
    return (
        ("never", _tr("Never")),
        ("when-needed", _tr("Before searching again")),
        ("always", _tr("Always, before the first search")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("AgentsView", text)
