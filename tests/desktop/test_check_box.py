"""A box to tick can be seen, ticked or not, in light and in dark."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QStyle, QStyleOptionButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.theme import SCHEMES, Theme
from app.desktop.views.check_box import CheckBox
from tests.desktop.test_theme import contrast


def draw(box: CheckBox, page: QWidget) -> tuple[QImage, QPoint, int]:
    """Return what is seen of a page, the middle of the box on it, and half the box's width."""
    option = QStyleOptionButton()
    box.initStyleOption(option)
    place = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
    return page.grab().toImage(), box.mapTo(page, place.center()), place.width() // 2


def colors(image: QImage, middle: QPoint, half: int) -> set[str]:
    """Return the colours on the line from the left of the box to its middle."""
    line = range(middle.x() - half - 1, middle.x() + 1)
    return {QColor(image.pixel(x, middle.y())).name() for x in line}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_seen(theme: Theme, qtbot: QtBot, scheme: str) -> None:
    page = QWidget(objectName="page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    qtbot.addWidget(page)
    box = CheckBox("Salt & water")
    QVBoxLayout(page).addWidget(box)
    theme.choose(scheme)
    page.show()
    surface = theme.color("surface").name()
    image, middle, half = draw(box, page)
    assert QColor(image.pixel(middle)).name() == surface
    assert max(contrast(color, surface) for color in colors(image, middle, half)) >= 3
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.mapFrom(page, middle))
    assert box.isChecked()
    image, middle, half = draw(box, page)
    inside = [
        QColor(image.pixel(middle.x() + x, middle.y() + y)).name()
        for x in range(-half + 2, half - 1)
        for y in range(-half + 2, half - 1)
    ]
    accent = theme.color("accent").name()
    assert contrast(accent, surface) >= 3
    assert accent in inside
    assert max(contrast(color, accent) for color in inside) >= 3  # the tick
    assert box.text() == "Salt && water"
