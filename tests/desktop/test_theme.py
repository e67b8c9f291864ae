"""Colours: both schemes hold the same tokens, are readable, and change live."""

import re

import pytest
import shiboken6
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.icons import set_icon
from app.desktop.roles import SHEET_NAMES, TOKENS, make_palette
from app.desktop.theme import SCHEMES, Theme, read_tokens, write_sheet

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
    ("text", "copied_soft"),
    ("text", "copied_strong"),
    ("warning", "warning_soft"),
    ("danger", "surface"),
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


def test_the_sheet_names_roles_and_no_color() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", write_sheet(), flags=re.DOTALL)
    values = re.findall(r"(?:color|background|border)[\w-]*:\s*([^;]+);", sheet)
    assert len(values) > 50
    words = {word for value in values for word in re.findall(r"palette\([a-z-]+\)|[#\w.-]+", value)}
    allowed = {"solid", "dashed", "transparent"}
    assert {word for word in words if not re.fullmatch(r"palette\([a-z-]+\)|\d+(px)?", word)} <= allowed


def test_the_sheet_sets_no_fonts_for_all_and_matches_no_widget_whatever() -> None:
    last = {selector.split()[-1] for selector in list_selectors()}
    assert not [selector for selector in last if re.match(r"\*|QWidget(?![\w#])|QLabel(?!\[)", selector)]
    assert "font-size" not in write_sheet()


def test_a_widget_with_rules_for_its_parts_has_one_of_its_own() -> None:
    owners = {selector.split("::")[0] for selector in list_selectors() if "::" in selector}
    assert owners
    own = {re.split(r"[:\[]", selector)[0] for selector in list_selectors() if "::" not in selector}
    assert {re.split(r"[:\[]", owner)[0] for owner in owners} <= own


def list_selectors() -> list[str]:
    """Return the selectors of all rules."""
    groups = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", write_sheet(), flags=re.DOTALL))
    return [selector.strip() for group in groups for selector in group.split(",")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_name_of_the_sheet_is_the_palettes_color(scheme: str) -> None:
    tokens = read_tokens()[scheme]
    palette = make_palette(tokens)
    for name, words in SHEET_NAMES.items():
        role = next(role for role in TOKENS if role.name.casefold() == words.replace("-", ""))
        assert palette.color(role).name() == tokens[name], words


def test_a_switch_changes_the_palette_and_icons_and_never_the_sheet(
    qapp: QApplication, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    set_icon(button, "stop", theme)
    sheet = qapp.styleSheet()
    calls: list[str] = []
    monkeypatch.setattr(QApplication, "setStyleSheet", lambda _, text: calls.append(text))
    monkeypatch.setattr(QWidget, "setStyleSheet", lambda _, text: calls.append(text))

    def middle() -> str:
        return button.icon().pixmap(20, 20).toImage().pixelColor(10, 10).name()

    tokens = read_tokens()
    for scheme in (*SCHEMES, *SCHEMES):
        theme.choose(scheme)
        qtbot.waitUntil(lambda: theme.is_settled)
        assert theme.scheme == scheme
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == tokens[scheme]["window"]
        assert middle() == tokens[scheme]["text"]
    assert not calls
    assert qapp.styleSheet() == sheet


def test_what_is_seen_changes_at_once_and_the_rest_in_later_turns(theme: Theme, qtbot: QtBot) -> None:
    seen, unseen = QWidget(), QWidget()
    told: list[QWidget] = []
    for widget in (unseen, seen):
        qtbot.addWidget(widget)
        theme.follow(widget, lambda widget=widget: told.append(widget))
    assert told == [unseen, seen]
    seen.show()
    theme.choose("dark")
    assert told[2:] == [seen]
    assert not theme.is_settled
    qtbot.waitUntil(lambda: theme.is_settled)
    assert told[2:] == [seen, unseen]


def test_a_widget_that_is_gone_is_left_out(theme: Theme, qtbot: QtBot) -> None:
    widget = QWidget()
    told: list[str] = []
    theme.follow(widget, lambda: told.append(theme.scheme))
    theme.choose("dark")
    shiboken6.delete(widget)
    qtbot.waitUntil(lambda: theme.is_settled)
    assert told == ["light"]
