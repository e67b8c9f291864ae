"""The question of a turn: it can be asked again in other words, and its other versions can be looked at."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from agents.turns import Turn
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button, make_icon_button
from app.desktop.views.composer import QuestionEdit
from app.desktop.views.labels import make_label

FIELD_PADDING = 30
"""Pixels; the composer has its border around the box, a field has it inside."""


class QuestionView(QWidget):
    """Text, with an edit button and a switch between versions as soon as the turn is saved."""

    asked_again = Signal(str)
    """In these words."""
    sibling_wanted = Signal(int)
    """Another version of the question, by its turn."""

    def __init__(self, question: str, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the question only."""
        super().__init__(parent)
        self._theme = theme
        self._turn: Turn | None = None
        self._is_busy = False
        self._text = make_label(question, "question")
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.edit_button: QToolButton | None = None
        self.switch: BranchSwitch | None = None
        self.editor: QuestionEditor | None = None
        self._line = QHBoxLayout()
        self._line.setSpacing(2)
        self._line.addWidget(self._text, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(self._line)

    def show_turn(self, turn: Turn) -> None:
        """Show what can be done with a saved turn."""
        self._turn = turn
        if self.switch is not None:
            self.switch.deleteLater()
            self.switch = None
        if len(turn.siblings) > 1:
            self.switch = BranchSwitch(turn, self._theme)
            self.switch.chosen.connect(self.sibling_wanted)
            self._line.insertWidget(1, self.switch, 0, Qt.AlignmentFlag.AlignTop)
        if self.edit_button is None:
            self.edit_button = make_icon_button(
                "edit", self.tr("Edit and ask again"), self._theme, self.begin_edit
            )
            self._line.addWidget(self.edit_button, 0, Qt.AlignmentFlag.AlignTop)
        self.show_busy(self._is_busy)

    def show_busy(self, is_busy: bool) -> None:
        """While an answer is made there is no other branch to be had."""
        self._is_busy = is_busy
        for widget in (self.edit_button, self.switch, self.editor):
            if widget is not None:
                widget.setEnabled(not is_busy)

    def begin_edit(self, text: str | None = None) -> None:
        """Let the user write the question in other words; by default beginning with the words it has."""
        if self._turn is None or self.editor is not None:
            return
        self.editor = QuestionEditor(self._text.text() if text is None else text)
        self.editor.submitted.connect(self._ask_again)
        self.editor.cancelled.connect(self.end_edit)
        self._layout.addWidget(self.editor)
        self._show_line(False)
        self.editor.edit.setFocus()

    def end_edit(self) -> None:
        """Show the question as it is."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
            self._show_line(True)
            if self.edit_button is not None:
                self.edit_button.setFocus()

    def _ask_again(self, question: str) -> None:
        self.end_edit()
        self.asked_again.emit(question)

    def _show_line(self, is_shown: bool) -> None:
        for widget in (self._text, self.switch, self.edit_button):
            if widget is not None:
                widget.setVisible(is_shown)


class BranchSwitch(QWidget):
    """Which of several versions of a question is shown: ‹ 2/3 ›."""

    chosen = Signal(int)
    """The turn of another version."""

    def __init__(self, turn: Turn, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the place of a turn among its siblings."""
        super().__init__(parent)
        place, count = turn.siblings.index(turn.id), len(turn.siblings)
        before = turn.siblings[place - 1] if place else None
        after = turn.siblings[place + 1] if place + 1 < count else None
        self.previous = self._make_button("chevron-left", self.tr("Earlier version"), theme, before)
        self.next = self._make_button("chevron-right", self.tr("Later version"), theme, after)
        self.label = make_label(f"{place + 1}/{count}", "small", wraps=False)
        self.label.setAccessibleName(
            self.tr("Version {place} of {count}").format(place=place + 1, count=count)
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.previous, self.label, self.next):
            layout.addWidget(widget)

    def take_focus(self) -> None:
        """Let the keys go on from here."""
        (self.previous if self.previous.isEnabled() else self.next).setFocus()

    def _make_button(self, icon: str, name: str, theme: Theme, turn: int | None) -> QToolButton:
        button = make_icon_button(icon, name, theme, lambda: self.chosen.emit(turn))
        button.setEnabled(turn is not None)
        return button


class QuestionEditor(QWidget):
    """Where a question is written again. Return asks, Esc gives up."""

    submitted = Signal(str)
    cancelled = Signal()

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        """Begin with these words."""
        super().__init__(parent)
        self.edit = QuestionEdit(padding=FIELD_PADDING)
        self.edit.setObjectName("field")
        self.edit.setAccessibleName(self.tr("The question in other words"))
        self.edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit.setPlainText(question)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.submitted.connect(self._submit)
        self.edit.textChanged.connect(self._refresh)
        self.ask = make_button(self.tr("Ask again"), self._submit, "primary")
        self.ask.setToolTip(tooltip("send"))
        self.cancel = make_button(self.tr("Cancel"), self.cancelled.emit)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(make_label(self.tr("This version and what follows it are kept."), "small"), 1)
        row.addWidget(self.cancel)
        row.addWidget(self.ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(8)
        layout.addWidget(self.edit)
        layout.addLayout(row)
        self._refresh()

    def _refresh(self) -> None:
        self.ask.setEnabled(bool(self.edit.toPlainText().strip()))

    def _submit(self) -> None:
        if question := self.edit.toPlainText().strip():
            self.submitted.emit(question)
