"""Light and dark: design tokens become the application's style sheet and palette."""

import json
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from resources.reader import read_text

SCHEMES = ("light", "dark")
FONT_STEPS = {"small": -0.5, "base": 0.5, "reading": 2.0, "question": 3.0, "title": 6.0}
"""Points added to the system's font size."""
ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "window",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Accent: "accent",
}


def read_tokens() -> dict[str, dict[str, str]]:
    """Read the colours of both schemes by their names."""
    return json.loads(read_text("styles/tokens.json"))


class Theme(QObject):
    """The colours in use. Follows the system live until a scheme is chosen."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        """Style the application at once."""
        super().__init__(application)
        self._application = application
        self._tokens = read_tokens()
        self._template = Template(read_text("styles/bedside.qss"))
        self._choice = "system"
        self._shown = ""
        self._points = QFontInfo(application.font()).pointSizeF()
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    @property
    def scheme(self) -> str:
        """``light`` or ``dark``."""
        return self._shown

    @property
    def tokens(self) -> dict[str, str]:
        """Colours (``#rrggbb``) and font sizes (points) by name."""
        fonts = {f"font_{name}": f"{self._points + step:g}pt" for name, step in FONT_STEPS.items()}
        return self._tokens[self._shown] | fonts

    def color(self, name: str) -> QColor:
        """Return a colour by its name."""
        return QColor(self._tokens[self._shown][name])

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
            self._application.setPalette(self._palette())
            self._application.setStyleSheet(self._template.substitute(self.tokens))
            self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, name in ROLES.items():
            palette.setColor(role, self.color(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("disabled"))
        return palette
