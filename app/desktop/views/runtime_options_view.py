"""How the model is run: chosen by Bedside, or by a user who knows better."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.desktop import models_operations
from app.desktop.operations import Desk
from app.desktop.runtime_options import Option, list_options
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label

CONTROL_WIDTH = 230
STEP_MILLISECONDS = 1
"""Between two lines that are built."""


class RuntimeOptionsView(QWidget):
    """One line an option, built one by one once they are to be seen; a change loads the model anew."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the settings and the model in memory."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self._options = list_options()
        self.choices: dict[str, ChoiceButton] = {}
        """By the settings' names."""
        self.reset = make_button(self.tr("Set all to automatic"), self._reset)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self._builds = QTimer(self, interval=STEP_MILLISECONDS)
        self._builds.timeout.connect(self._build_next)
        sentence = self.tr(
            "Bedside chooses these for your model and computer. A change loads the model anew."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 8)
        layout.setSpacing(12)
        layout.addWidget(make_label(sentence, "muted"))
        layout.addLayout(self._grid)
        layout.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        desk.state.settings_changed.connect(self._refresh)
        desk.state.model_state_changed.connect(self._refresh)
        self._refresh()

    @property
    def is_complete(self) -> bool:
        """Whether every line is there."""
        return len(self.choices) == len(self._options)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to build the lines."""
        super().showEvent(event)
        self._builds.start()

    def _build_next(self) -> None:
        if self.is_complete:
            self._builds.stop()
            return
        option = self._options[len(self.choices)]
        self._add(option)
        self._show(option)

    def _add(self, option: Option) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(make_label(option.title, "strong"))
        words.addWidget(make_label(option.sentence, "muted"))
        choice = ChoiceButton(option.title, self._theme)
        choice.setFixedWidth(CONTROL_WIDTH)
        choice.setAccessibleDescription(option.sentence)
        choice.chosen.connect(lambda value: self._change({option.setting: value}))
        self.choices[option.setting] = choice
        row = len(self.choices)
        self._grid.addLayout(words, row, 0)
        self._grid.addWidget(choice, row, 1, Qt.AlignmentFlag.AlignTop)

    def _reset(self) -> None:
        self._change({option.setting: option.automatic for option in self._options})

    def _change(self, settings: dict[str, object]) -> None:
        models_operations.change_options(self._desk, **settings)

    def _refresh(self) -> None:
        for option in self._options[: len(self.choices)]:
            self._show(option)
        self.reset.setEnabled(any(self._value(option) != option.automatic for option in self._options))

    def _show(self, option: Option) -> None:
        value = self._value(option)
        others = [choice for choice in option.choices.items() if choice[0] != option.automatic]
        if value != option.automatic and value not in option.choices:
            others.append((value, option.describe(value)))
        automatic = (option.automatic, self._describe_automatic(option))
        self.choices[option.setting].show_choices([automatic, *others], value)

    def _describe_automatic(self, option: Option) -> str:
        loaded = self._desk.state.loaded
        text = ""
        if loaded is not None and self._value(option) == option.automatic:
            text = option.describe(option.read(loaded))
        return self.tr("Automatic: {now}").format(now=text) if text else self.tr("Automatic")

    def _value(self, option: Option) -> object:
        return getattr(self._desk.bedside.settings, option.setting)
