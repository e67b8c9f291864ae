"""The wordings that the chat model is asked with: read, changed, reset."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop import prompt_operations
from app.desktop.operations import Desk
from app.desktop.shortcuts import bind
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.choice_button import ChoiceButton
from app.desktop.views.labels import make_label

if TYPE_CHECKING:
    from llm.prompt_edits import PromptRow

LINES = 22


class PromptsView(QWidget):
    """One prompt at a time: which, its text, what can be done with it, and what is wrong with it."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Read the prompts in the background."""
        super().__init__(parent)
        self._desk = desk
        self._rows: list[PromptRow] = []
        self._saved = ""
        """The text as it is used."""
        self.choice = ChoiceButton(self.tr("Wording"), theme)
        self.choice.chosen.connect(lambda _: self._read())
        self.edit = QPlainTextEdit()
        self.edit.setObjectName("field")
        self.edit.setAccessibleName(self.tr("Text of the wording"))
        self.edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.edit.setTabChangesFocus(True)
        self.edit.setMinimumHeight(LINES * self.edit.fontMetrics().lineSpacing())
        self.edit.textChanged.connect(self._refresh)
        self.status = make_label("", "muted")
        self.problem = make_label("", "problem")
        self.reset = make_button(self.tr("Reset to Bedside's wording"), self.reset_current, "quiet")
        self.discard = make_button(self.tr("Discard changes"), self._discard)
        self.save = make_button(self.tr("Save"), self.save_current, "primary")
        bind(self.edit, "save_wording", self.save_current, Qt.ShortcutContext.WidgetShortcut)
        self._lay_out(theme)
        self._list()

    def current(self) -> "PromptRow | None":
        """Return the prompt that is shown."""
        return next((row for row in self._rows if (row.language, row.name) == self.choice.value), None)

    def save_current(self) -> None:
        """Use the text from the next answer on, or say why it cannot be used."""
        row = self.current()
        if row is not None and self.save.isEnabled():
            prompt_operations.save_prompt(
                self._desk,
                self,
                row,
                self.edit.toPlainText(),
                on_done=self._list,
                on_error=self.problem.setText,
            )

    def reset_current(self) -> None:
        """Go back to Bedside's wording."""
        row = self.current()
        if row is not None:
            prompt_operations.reset_prompt(self._desk, self, row, self._list)

    def _lay_out(self, theme: Theme) -> None:
        sentence = self.tr(
            "These texts are what the chat model is asked with; the language of a question decides which is "
            "used. Words with a dollar sign stand for passages and questions and have to stay. A calibration "
            "belongs to the wording it was made with."
        )
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.choice)
        head.addWidget(self.status, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.reset)
        buttons.addStretch()
        buttons.addWidget(self.discard)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(Card(sentence, theme=theme))
        layout.addLayout(head)
        layout.addWidget(self.edit)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)

    def _list(self) -> None:
        def show(rows: "list[PromptRow]") -> None:
            self._rows = rows
            choices = [((row.language, row.name), self._name(row)) for row in rows]
            self.choice.show_choices(choices, self.choice.value or choices[0][0])
            self._read()

        prompt_operations.read_prompts(self._desk, self, show)

    def _name(self, row: "PromptRow") -> str:
        language = {"en": self.tr("English"), "zh": self.tr("Chinese")}.get(row.language, row.language)
        name = row.name.replace("_", " ")
        mark = " •" if row.is_edited else ""
        return f"{language}: {name}{mark}"

    def _read(self) -> None:
        row = self.current()
        if row is not None:
            prompt_operations.read_prompt(self._desk, self, row, self._show)

    def _show(self, text: str) -> None:
        self._saved = text
        self.edit.setPlainText(text)
        row = self.current()
        self.problem.setText((row.problem or "") if row is not None else "")
        self._refresh()

    def _discard(self) -> None:
        self._show(self._saved)

    def _refresh(self) -> None:
        row = self.current()
        is_changed = self.edit.toPlainText() != self._saved
        self.save.setEnabled(row is not None and is_changed)
        self.discard.setEnabled(is_changed)
        self.choice.setEnabled(not is_changed)  # what is not saved would be lost
        self.reset.setEnabled(row is not None and row.is_edited)
        if row is None:
            self.status.setText("")
        elif is_changed:
            self.status.setText(self.tr("Changed, not saved"))
        else:
            self.status.setText(self.tr("Your wording") if row.is_edited else self.tr("Bedside's wording"))
