"""Light and dark: a palette that changes, under a style sheet that does not.

However much is open, a switch keeps the window's thread for a few milliseconds: the palette changes and what
is seen is drawn anew at once, everything else in later turns of the event loop.
"""

import json
from collections import deque
from collections.abc import Callable
from string import Template
from time import perf_counter

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.fonts import STEPS, count_points, make_font
from app.desktop.roles import SHEET_NAMES, make_palette
from resources.reader import read_text

SCHEMES = ("light", "dark")
SLICE_SECONDS = 0.01
"""How long widgets that cannot be seen may keep the GUI thread before other events get their turn."""


def read_tokens() -> dict[str, dict[str, str]]:
    """Read the colours of both schemes by their names."""
    return json.loads(read_text("styles/tokens.json"))


def write_sheet() -> str:
    """Write the style sheet; its colours are roles of the palette."""
    roles = {name: f"palette({role})" for name, role in SHEET_NAMES.items()}
    return Template(read_text("styles/bedside.qss")).substitute(roles)


class Follower(QObject):
    """Child of a widget that draws something of it in colours of its own choice; ends with it."""

    def __init__(self, widget: QWidget, refresh: Callable[[], object]) -> None:
        """``refresh`` is called after each switch."""
        super().__init__(widget)
        self.refresh = refresh


class Theme(QObject):
    """The colours in use. Follows the system live until a scheme is chosen."""

    def __init__(self, application: QApplication) -> None:
        """Style the application at once."""
        super().__init__(application)
        self._application = application
        self._tokens = read_tokens()
        self._fonts = {f"font_{step}": f"{count_points(step):g}pt" for step in STEPS}
        self._choice = "system"
        self._shown = ""
        self._unseen: deque[QWidget] = deque()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._refresh_unseen)
        # Else a style sheet keeps palettes and fonts from being passed on to children.
        application.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        application.setStyle("Fusion")
        application.setFont(make_font())
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()
        # After the palette: Qt looks the roles up when it first draws a widget.
        application.setStyleSheet(write_sheet())

    @property
    def scheme(self) -> str:
        """``light`` or ``dark``."""
        return self._shown

    @property
    def is_settled(self) -> bool:
        """Whether also what cannot be seen has the colours of the scheme."""
        return not self._unseen

    @property
    def tokens(self) -> dict[str, str]:
        """Colours (``#rrggbb``) and font sizes (points) by name."""
        return self._tokens[self._shown] | self._fonts

    def color(self, name: str) -> QColor:
        """Return a colour by its name."""
        return QColor(self._tokens[self._shown][name])

    def follow(self, widget: QWidget, refresh: Callable[[], object]) -> None:
        """Call ``refresh`` now and after each switch, while the widget lives."""
        Follower(widget, refresh)
        refresh()

    def choose(self, choice: str) -> None:
        """Choose ``light``, ``dark`` or ``system``."""
        self._choice = choice
        hints = self._application.styleHints()
        if choice == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if choice == "dark" else Qt.ColorScheme.Light)
        self._follow()

    def _follow(self) -> None:
        scheme = self._choice
        if scheme == "system":
            is_dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
            scheme = "dark" if is_dark else "light"
        if scheme != self._shown:
            self._shown = scheme
            self._application.setPalette(make_palette(self._tokens[scheme]))
            self._refresh_all()

    def _refresh_all(self) -> None:
        """Draw what is seen at once, the rest soon."""
        self._unseen.clear()
        for widget in self._application.allWidgets():
            if widget.visibleRegion().isEmpty():
                self._unseen.append(widget)
            else:
                refresh(widget)
        self._timer.start()

    def _refresh_unseen(self) -> None:
        end = perf_counter() + SLICE_SECONDS
        while self._unseen and perf_counter() < end:
            widget = self._unseen.popleft()
            if shiboken6.isValid(widget):
                refresh(widget)
        if not self._unseen:
            self._timer.stop()
            # Some parts are drawn by the rules of another widget: a splitter's handle, for one.
            for window in self._application.topLevelWidgets():
                window.update()


def refresh(widget: QWidget) -> None:
    """Give a widget the colours of the palette as it is now."""
    if widget.testAttribute(Qt.WidgetAttribute.WA_StyleSheetTarget):
        # The style sheet keeps the colours that it looked up when it met the widget first.
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
    for follower in widget.findChildren(Follower, options=Qt.FindChildOption.FindDirectChildrenOnly):
        follower.refresh()
