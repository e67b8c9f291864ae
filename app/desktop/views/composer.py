"""The box in which a question is written."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from agents.answer import Arm, Method
from app.desktop.answer_options import arm_options, method_options
from app.desktop.fonts import make_font
from app.desktop.icons import set_icon
from app.desktop.shortcuts import tooltip
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.option_button import OptionButton
from app.desktop.wording import plain_tooltip

MAX_LINES = 6
NAME_WIDTH = 180
"""Pixels for a collection's name."""


class QuestionEdit(QPlainTextEdit):
    """Grows with its text up to some lines; Return submits, Shift+Return is a new line."""

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None, *, padding: int = 18) -> None:
        """``padding`` is how much higher it is than its lines, in pixels."""
        super().__init__(parent)
        self._padding = padding
        self.setFont(make_font("reading"))
        self.setAcceptDrops(False)  # dropped files belong to the window
        self.setTabChangesFocus(True)
        self.setPlaceholderText(self.tr("Ask your library…"))
        self.setAccessibleName(self.tr("Question"))
        self.document().setDocumentMargin(8)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As high as the text, at most some lines."""
        lines = min(max(1, int(self.document().size().height())), MAX_LINES)
        return QSize(200, lines * self.fontMetrics().lineSpacing() + self._padding)

    def minimumSizeHint(self) -> QSize:
        """As the hint, so that the layout follows the text."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit on Return."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class Composer(QFrame):
    """Question, how it is to be answered, send and stop."""

    submitted = Signal(str, Arm)
    options_chosen = Signal(str, str)
    """The user has chosen another arm or method; the values of both."""
    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Ready for a question to the library."""
        super().__init__(parent)
        self.setObjectName("composer")
        self._theme = theme
        self.edit = QuestionEdit()
        self.edit.submitted.connect(self._submit)
        self.edit.textChanged.connect(self._refresh)
        self.edit.installEventFilter(self)
        self._is_running = False
        self._arm = Arm.ADDREP
        self._names: tuple[str, ...] = ()
        self.looks = OptionButton(self.tr("Where the answer comes from"), arm_options(), theme)
        self.looks.chosen.connect(lambda value: self._choose(Arm(value)))
        self.writes = OptionButton(self.tr("How the answer is made"), method_options(), theme)
        self.writes.chosen.connect(lambda _: self._tell_options())
        self.collection: str | None = None
        """Only documents of this collection are searched; ``None`` is all of them."""
        self._where = self._make_where_menu()
        self.send = make_icon_button(
            "send", tooltip("send"), theme, self._submit, kind="send", color="on_accent"
        )
        self.stop = make_icon_button(
            "stop",
            tooltip("escape", self.tr("Stop")),
            theme,
            self.stopped.emit,
            kind="send",
            color="on_accent",
        )
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.looks)
        row.addWidget(self.writes)
        row.addWidget(self._where)
        row.addStretch()
        row.addWidget(self.send)
        row.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(2)
        layout.addWidget(self.edit)
        layout.addLayout(row)
        self.choose_arm(Arm.ADDREP)
        self._refresh()

    def show_running(self, is_running: bool) -> None:
        """Show the stop button while an answer is made."""
        self._is_running = is_running
        self._refresh()

    def write(self, question: str) -> None:
        """Put a question into the box, unless the user is already writing another."""
        if not self.edit.toPlainText().strip():
            self.edit.setPlainText(question)
            self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()

    def write_before(self, line: str) -> None:
        """Put a line before the question that is being written, such as a calculation it is about."""
        self.edit.setPlainText(f"{line}\n{self.edit.toPlainText()}")
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()

    def send_question(self, question: str) -> None:
        """Send a question that was written elsewhere, with the choices that are made here."""
        self.submitted.emit(question, self._arm)

    def choose_arm(self, arm: Arm) -> None:
        """Choose what the next answer is made from."""
        self._arm = arm
        self.looks.show_value(arm.value)
        self.writes.setVisible(arm is not Arm.CLOSED)
        self.choose_collection(self.collection)

    def choose_method(self, method: Method) -> None:
        """Choose how the next answer from the library is made."""
        self.writes.show_value(method.value)

    @property
    def method(self) -> Method:
        """How an answer from the library is made."""
        return Method(self.writes.value)

    def show_collections(self, names: Sequence[str]) -> None:
        """Offer these collections; without any there is nothing to choose."""
        self._names = tuple(names)
        self.choose_collection(self.collection if self.collection in self._names else None)

    def choose_collection(self, name: str | None) -> None:
        """Choose where the next answer is looked up."""
        self.collection = name
        text = self.tr("All documents") if name is None else name
        elided = self._where.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, NAME_WIDTH)
        self._where.setText(elided.replace("&", "&&"))
        self._where.setToolTip(plain_tooltip(name or ""))
        self._where.setVisible(bool(self._names) and self._arm is not Arm.CLOSED)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw the focus ring around the whole box."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("isFocused", event.type() == QEvent.Type.FocusIn)
            self.style().unpolish(self)
            self.style().polish(self)
        return super().eventFilter(watched, event)

    def _choose(self, arm: Arm) -> None:
        self.choose_arm(arm)
        self._tell_options()

    def _tell_options(self) -> None:
        self.options_chosen.emit(self._arm.value, self.writes.value)

    def _make_where_menu(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "quiet")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(self.tr("Which documents are searched"))
        set_icon(button, "folder", self._theme, color="muted")
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill_where(menu))
        button.setMenu(menu)
        return button

    def _fill_where(self, menu: QMenu) -> None:
        menu.clear()
        for name in (None, *self._names):
            text = self.tr("All documents") if name is None else name.replace("&", "&&")
            action = menu.addAction(text, lambda name=name: self.choose_collection(name))
            action.setCheckable(True)
            action.setChecked(name == self.collection)

    def _refresh(self) -> None:
        self.send.setVisible(not self._is_running)
        self.stop.setVisible(self._is_running)
        self.send.setEnabled(bool(self.edit.toPlainText().strip()))

    def _submit(self) -> None:
        question = self.edit.toPlainText().strip()
        if question and not self._is_running:
            self.edit.clear()
            self.send_question(question)
