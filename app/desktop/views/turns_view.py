"""The turns of a conversation under each other in one calm column."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from agents.turns import Turn, TurnId
from app.desktop.theme import Theme
from app.desktop.views.turn_view import TurnView, make_turn

COLUMN_WIDTH = 720
"""Pixels; about 80 characters a line."""


ABOVE = 24
"""Pixels that are left free above a turn that is scrolled to."""
SETTLE_MILLISECONDS = 100
"""After the last turn is added; its labels take their height in the meantime."""


@dataclass(frozen=True, slots=True)
class Then:
    """What happens as soon as a turn is shown: it is scrolled to, and ``act`` is called with its view."""

    turn: TurnId
    act: Callable[[TurnView], object] = lambda _: None


class TurnsView(QScrollArea):
    """Scrolls with what is added as long as its end is in sight."""

    place_opened = Signal(object)
    passage_opened = Signal(object)
    copied_wanted = Signal(object)
    closed_wanted = Signal(str)
    retry_wanted = Signal(str)
    asked_again = Signal(object, str)
    sibling_wanted = Signal(int)

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
        self._waiting: deque[Turn] = deque()
        self._then: Then | None = None
        self._target: TurnView | None = None
        self._follows = True
        self._is_busy = False
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._keep_place)
        bar.valueChanged.connect(self._note_position)
        bar.actionTriggered.connect(lambda _: self._forget_target())

    @property
    def turns(self) -> list[TurnView]:
        """The turns that are shown, oldest first."""
        items = [self._layout.itemAt(number).widget() for number in range(self._layout.count())]
        return [widget for widget in items if isinstance(widget, TurnView)]

    def show_turns(
        self, turns: Sequence[Turn], last: TurnView | None = None, then: Then | None = None
    ) -> None:
        """Show a conversation, one turn at a time, so that long ones do not block.

        Turns that are shown already stay as they are, up to the first that differs.

        Args:
            turns: from the first question on.
            last: one that is being made; it stays at the end.
            then: what happens as soon as one of them is shown.
        """
        kept = self._cut_where_different(turns)
        self._waiting.extend(turns[kept:])
        if last is not None:
            self._insert(last)
        self._follows = then is None and kept == 0
        self._then = then
        for view in self.turns:
            self._note_shown(view)
        self._add_next()

    def scroll_to(self, turn: TurnView) -> None:
        """Bring a turn to the top, and keep it there while others are added."""
        self._follows = False
        self._target = turn
        self._keep_place()

    def cut(self, turn: TurnId) -> None:
        """Take away a turn and all that follow."""
        self._waiting.clear()
        for view in reversed(self.turns):
            if view.turn is not None and view.turn.id < turn:
                break
            self._take(view)

    def show_busy(self, is_busy: bool) -> None:
        """While an answer is made no question can be asked again."""
        self._is_busy = is_busy
        for view in self.turns:
            view.head.show_busy(is_busy)

    def add(self, turn: TurnView) -> None:
        """Add a turn at the end and scroll to it."""
        self._forget_target()
        self._follows = True
        self._insert(turn)

    def clear(self) -> None:
        """Take all turns away; one that still runs is kept by its page."""
        self._waiting.clear()
        self._forget_target()
        for turn in self.turns:
            self._take(turn)

    def _take(self, turn: TurnView) -> None:
        self._layout.removeWidget(turn)
        turn.setParent(None)
        if not turn.is_running:
            turn.deleteLater()

    def _cut_where_different(self, turns: Sequence[Turn]) -> int:
        """Take away what is shown from the first turn that differs; return how many stay."""
        views = self.turns
        kept = 0
        while kept < min(len(views), len(turns)) and views[kept].turn == turns[kept]:
            kept += 1
        self._waiting.clear()
        self._forget_target()
        for view in views[kept:]:
            self._take(view)
        return kept

    def _add_next(self) -> None:
        if self._waiting:
            turn = make_turn(self._waiting.popleft(), self._theme)
            self._insert(turn, before_running=True)
            self._note_shown(turn)
            QTimer.singleShot(0, self, self._add_next)
        else:
            QTimer.singleShot(SETTLE_MILLISECONDS, self, self._forget_target)

    def _note_shown(self, view: TurnView) -> None:
        """Do what was to happen as soon as this turn is shown."""
        then = self._then
        if then is not None and view.turn is not None and view.turn.id == then.turn:
            self._then = None
            self.scroll_to(view)
            then.act(view)

    def _insert(self, turn: TurnView, *, before_running: bool = False) -> None:
        place = self._layout.count() - 1
        if before_running and self.turns and self.turns[-1].is_running:
            place -= 1
        self._layout.insertWidget(place, turn)
        for signal, own in (
            (turn.place_opened, self.place_opened),
            (turn.passage_opened, self.passage_opened),
            (turn.copied_wanted, self.copied_wanted),
            (turn.closed_wanted, self.closed_wanted),
            (turn.retry_wanted, self.retry_wanted),
            (turn.asked_again, self.asked_again),
            (turn.sibling_wanted, self.sibling_wanted),
        ):
            signal.connect(own, Qt.ConnectionType.UniqueConnection)
        turn.head.show_busy(self._is_busy)
        turn.show()

    def _keep_place(self) -> None:
        bar = self.verticalScrollBar()
        if self._follows:
            bar.setValue(bar.maximum())
        elif self._target is not None:
            bar.setValue(self._target.y() - ABOVE)

    def _forget_target(self) -> None:
        """From now on the user scrolls."""
        self._target = None

    def _note_position(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if bar.isSliderDown() or value < bar.maximum():
            self._follows = value >= bar.maximum() - 8
