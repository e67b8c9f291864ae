"""The turns of a conversation under each other in one calm column."""

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from agents.answer import Answer
from app.desktop.theme import Theme
from app.desktop.views.turn_view import TurnView, make_turn

COLUMN_WIDTH = 720
"""Pixels; about 80 characters a line."""


class TurnsView(QScrollArea):
    """Scrolls with what is added as long as its end is in sight."""

    place_opened = Signal(object)
    closed_wanted = Signal(str)
    retry_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("column")
        column = QWidget()
        column.setMaximumWidth(COLUMN_WIDTH)
        self._layout = QVBoxLayout(column)
        self._layout.setContentsMargins(0, 24, 0, 32)
        self._layout.setSpacing(40)
        self._layout.addStretch()
        centred = QHBoxLayout(page)
        centred.setContentsMargins(24, 0, 24, 0)
        centred.addStretch(1)
        centred.addWidget(column, 1000)
        centred.addStretch(1)
        self.setWidget(page)
        self._waiting: deque[Answer] = deque()
        self._follows = True
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda _low, high: bar.setValue(high) if self._follows else None)
        bar.valueChanged.connect(self._note_position)

    @property
    def turns(self) -> list[TurnView]:
        """The turns that are shown, oldest first."""
        items = [self._layout.itemAt(number).widget() for number in range(self._layout.count())]
        return [widget for widget in items if isinstance(widget, TurnView)]

    def show_answers(self, answers: Sequence[Answer], last: TurnView | None = None) -> None:
        """Show a conversation from its beginning, one answer at a time, so that long ones do not block."""
        self.clear()
        self._waiting.extend(answers)
        if last is not None:
            self._insert(last)
        self._follows = True
        self._add_next()

    def add(self, turn: TurnView) -> None:
        """Add a turn at the end and scroll to it."""
        self._follows = True
        self._insert(turn)

    def clear(self) -> None:
        """Take all turns away; one that still runs is kept by its page."""
        self._waiting.clear()
        for turn in self.turns:
            self._layout.removeWidget(turn)
            turn.setParent(None)
            if not turn.is_running:
                turn.deleteLater()

    def _add_next(self) -> None:
        if self._waiting:
            turn = make_turn(self._waiting.popleft(), self._theme)
            self._insert(turn, before_running=True)
            QTimer.singleShot(0, self, self._add_next)

    def _insert(self, turn: TurnView, *, before_running: bool = False) -> None:
        place = self._layout.count() - 1
        if before_running and self.turns and self.turns[-1].is_running:
            place -= 1
        self._layout.insertWidget(place, turn)
        for signal, own in (
            (turn.place_opened, self.place_opened),
            (turn.closed_wanted, self.closed_wanted),
            (turn.retry_wanted, self.retry_wanted),
        ):
            signal.connect(own, Qt.ConnectionType.UniqueConnection)
        turn.show()

    def _note_position(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if bar.isSliderDown() or value < bar.maximum():
            self._follows = value >= bar.maximum() - 8
