"""The window's few fonts, all made from the system's own."""

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

STEPS = {"small": -0.5, "base": 0.5, "reading": 2.0, "question": 3.0, "title": 6.0}
"""Points added to the system's font size."""


def make_font(step: str = "base", *, is_bold: bool = False) -> QFont:
    """Make the system's font in one of the sizes."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(count_points(step))
    if is_bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def count_points(step: str) -> float:
    """Return a font size in points."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    return QFontInfo(system).pointSizeF() + STEPS[step]
