"""The turns of a conversation under each other in one calm column."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from agents.turns import Turn, TurnId
from app.desktop.theme import Theme
from app.desktop.turn_range import MOST, TurnRange, earlier, last_page, later, page_around
from app.desktop.views.buttons import make_button
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
    unread_wanted = Signal(object)
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
        self._earlier = make_button(self.tr("Show earlier questions"), self.show_earlier, "quiet")
        self._later = make_button(self.tr("Show later questions"), self.show_later, "quiet")
        for button in (self._earlier, self._later):
            self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            button.hide()
        self._layout.addStretch()
        centred = QHBoxLayout(page)
        centred.setContentsMargins(24, 0, 24, 0)
        centred.addStretch(1)
        centred.addWidget(column, 1000)
        centred.addStretch(1)
        self.setWidget(page)
        self._all: list[Turn] = []
        """Of the conversation, without those that were asked since."""
        self._range = TurnRange(0, 0)
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

    @property
    def is_complete(self) -> bool:
        """Whether nothing is still to be added."""
        return not self._waiting

    def show_turns(
        self, turns: Sequence[Turn], last: TurnView | None = None, then: Then | None = None
    ) -> None:
        """Show the end of a conversation, or a part of it, one turn at a time, so that nothing blocks.

        Turns that are shown already stay as they are.

        Args:
            turns: from the first question on.
            last: one that is being made; it stays at the end.
            then: what happens as soon as one of them is shown.
        """
        self._forget_target()
        chosen = self._choose_range(turns, None if then is None else then.turn)
        if last is not None:
            chosen = TurnRange(chosen.first, len(turns))
        for view in self.turns:
            if view.turn is None:
                self._take(view)
        self._all = list(turns)
        self._then = then
        is_new = not self._apply(chosen)
        if last is not None:
            self._insert(last)
        self._follows = then is None and is_new
        for view in self.turns:
            self._note_shown(view)

    def show_earlier(self) -> None:
        """Show more questions above; what is in sight stays where it is."""
        self._note_asked()
        views = self.turns
        if views:
            self.scroll_to(views[0])
        self._apply(earlier(self._range, keeps_end=any(view.turn is None for view in views)))

    def show_later(self) -> None:
        """Show more questions below."""
        self._note_asked()
        views = self.turns
        if views:
            self.scroll_to(views[-1])
        self._apply(later(self._range, len(self._all)))

    def scroll_to(self, turn: TurnView) -> None:
        """Bring a turn to the top, and keep it there while others are added."""
        self._follows = False
        self._target = turn
        self._keep_place()

    def cut(self, turn: TurnId) -> None:
        """Take away a turn and all that follow."""
        self._all = [each for each in self._all if each.id < turn]
        self._range = TurnRange(self._range.first, min(self._range.end, len(self._all)))
        self._waiting.clear()
        for view in self.turns:
            if view.turn is None or view.turn.id >= turn:
                self._take(view)
        self._show_buttons()

    def show_busy(self, is_busy: bool) -> None:
        """While an answer is made no question can be asked again."""
        self._is_busy = is_busy
        for view in self.turns:
            view.head.show_busy(is_busy)

    def add(self, turn: TurnView) -> None:
        """Add a turn at the end and scroll to it."""
        self._note_asked()
        self._forget_target()
        if self._range.end < len(self._all):
            self._apply(last_page(len(self._all)))
        self._follows = True
        self._insert(turn)

    def clear(self) -> None:
        """Take all turns away; one that still runs is kept by its page."""
        self._all, self._range = [], TurnRange(0, 0)
        self._waiting.clear()
        self._forget_target()
        for turn in self.turns:
            self._take(turn)
        self._show_buttons()

    def _take(self, turn: TurnView) -> None:
        self._layout.removeWidget(turn)
        turn.setParent(None)
        if not turn.is_running:
            turn.deleteLater()

    def _choose_range(self, turns: Sequence[Turn], wanted: TurnId | None) -> TurnRange:
        """Choose what is shown: as far as may be what is shown already, else the end or around a turn."""
        ids = [turn.id for turn in turns]
        count, first = len(ids), self._range.first
        target = ids.index(wanted) if wanted in ids else None
        is_same = bool(self.turns) and [turn.id for turn in self._all[: first + 1]] == ids[: first + 1]
        if is_same and (target is None or first <= target < first + MOST):
            return TurnRange(first, min(count, first + MOST))
        return last_page(count) if target is None else page_around(target, count)

    def _apply(self, chosen: TurnRange) -> bool:
        """Show these turns of all and no others; tell whether any of them was shown already."""
        wanted = {turn.id: turn for turn in self._all[chosen.first : chosen.end]}
        shown = set()
        for view in self.turns:
            if view.turn is None:
                continue
            if wanted.get(view.turn.id) == view.turn:
                shown.add(view.turn.id)
            else:
                self._take(view)
        self._range = chosen
        self._waiting = deque(turn for id_, turn in wanted.items() if id_ not in shown)
        self._show_buttons()
        self._add_next()
        return bool(shown)

    def _note_asked(self) -> None:
        """Take over the turns that were asked and saved since the conversation was read."""
        last = self._all[-1].id if self._all else 0
        asked = [view.turn for view in self.turns if view.turn is not None and view.turn.id > last]
        self._all += asked
        self._range = TurnRange(self._range.first, self._range.end + len(asked))

    def _show_buttons(self) -> None:
        self._earlier.setVisible(self._range.first > 0)
        self._later.setVisible(self._range.end < len(self._all))

    def _add_next(self) -> None:
        if self._waiting:
            turn = make_turn(self._waiting.popleft(), self._theme)
            self._insert(turn)
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

    def _insert(self, turn: TurnView) -> None:
        """Put a turn in its place; one that is not saved yet is the last."""
        views = self.turns
        if turn.turn is not None:
            views = [each for each in views if each.turn is not None and each.turn.id < turn.turn.id]
        self._layout.insertWidget(1 + len(views), turn)  # the first is the button
        for signal, own in (
            (turn.place_opened, self.place_opened),
            (turn.passage_opened, self.passage_opened),
            (turn.unread_wanted, self.unread_wanted),
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
