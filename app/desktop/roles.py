"""Which role of Qt's palette carries which colour of the tokens.

Widgets and the style sheet name roles, never colours, so that a switch of the scheme needs a palette only.
Roles that Qt's own style would draw bevels with carry colours that Qt has no role for.
"""

from PySide6.QtGui import QColor, QPalette

Role = QPalette.ColorRole
TOKENS = {
    Role.Window: "window",
    Role.WindowText: "text",
    Role.Base: "surface",
    Role.AlternateBase: "hover",
    Role.Text: "text",
    Role.PlaceholderText: "muted",
    Role.Button: "surface",
    Role.ButtonText: "text",
    Role.BrightText: "on_accent",
    Role.Highlight: "selection",
    Role.HighlightedText: "text",
    Role.Link: "accent",
    Role.LinkVisited: "accent_hover",
    Role.ToolTipBase: "raised",
    Role.ToolTipText: "text",
    Role.Accent: "accent",
    Role.Light: "danger",
    Role.Midlight: "accent_soft",
    Role.Mid: "border",
    Role.Dark: "border_strong",
    Role.Shadow: "canvas",
}
SHEET_NAMES = {
    "window": "window",
    "surface": "base",
    "raised": "tooltip-base",
    "hover": "alternate-base",
    "selection": "highlight",
    "border": "mid",
    "border_strong": "dark",
    "text": "text",
    "muted": "placeholder-text",
    "accent": "accent",
    "accent_hover": "link-visited",
    "accent_soft": "midlight",
    "on_accent": "bright-text",
    "danger": "light",
    "canvas": "shadow",
}
"""How the style sheet writes the role of a colour, as in ``palette(base)``."""
DISABLED = (Role.Text, Role.WindowText, Role.ButtonText)


def make_palette(tokens: dict[str, str]) -> QPalette:
    """Make the palette of a scheme."""
    palette = QPalette()
    for role, name in TOKENS.items():
        palette.setColor(role, QColor(tokens[name]))
    for role in DISABLED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens["disabled"]))
    return palette
