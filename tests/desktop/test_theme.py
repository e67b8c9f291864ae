"""Colours: both schemes hold the same tokens, are readable, and change live."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.icons import set_icon
from app.desktop.theme import SCHEMES, Theme, read_tokens

TEXTS = [
    ("text", "surface"),
    ("text", "window"),
    ("text", "raised"),
    ("text", "hover"),
    ("text", "selection"),
    ("text", "warning_soft"),
    ("text", "danger_soft"),
    ("muted", "surface"),
    ("muted", "window"),
    ("muted", "hover"),
    ("accent", "surface"),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("surface", "danger"),
]
"""Text on ground; WCAG AA asks for 4.5."""
SHAPES = [
    ("border_strong", "surface"),
    ("accent", "window"),
    ("danger", "danger_soft"),
    ("warning", "warning_soft"),
]
"""Borders of fields, focus rings, icons; WCAG AA asks for 3."""


def luminance(name: str) -> float:
    """Relative luminance after WCAG 2."""
    channels = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in QColor(name).getRgbF()[:3]
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio after WCAG 2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_and_shapes_can_be_told_from_their_ground(scheme: str) -> None:
    tokens = read_tokens()[scheme]
    for pairs, least in ((TEXTS, 4.5), (SHAPES, 3.0)):
        low = [
            (a, b, round(contrast(tokens[a], tokens[b]), 2))
            for a, b in pairs
            if contrast(tokens[a], tokens[b]) < least
        ]
        assert not low


def test_both_schemes_have_the_same_tokens() -> None:
    light, dark = (read_tokens()[scheme] for scheme in SCHEMES)
    assert light.keys() == dark.keys()


def test_choosing_changes_palette_sheet_and_icons_at_once(
    qapp: QApplication, theme: Theme, qtbot: QtBot
) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    set_icon(button, "stop", theme)

    def middle() -> str:
        return button.icon().pixmap(20, 20).toImage().pixelColor(10, 10).name()

    seen = {}
    for scheme in SCHEMES:
        theme.choose(scheme)
        window = qapp.palette().color(QPalette.ColorRole.Window).name()
        seen[scheme] = (theme.scheme, window, middle(), theme.tokens["surface"] in qapp.styleSheet())
    tokens = read_tokens()
    for scheme in SCHEMES:
        assert seen[scheme] == (scheme, tokens[scheme]["window"], tokens[scheme]["text"], True)
