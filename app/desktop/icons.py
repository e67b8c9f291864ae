"""The project's own icons, drawn in the theme's colours."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel

from app.desktop.theme import Follower, Theme
from resources.reader import read_text

RATIOS = (1, 2, 3)
"""Pixel ratios of displays for which an icon is drawn."""

TEXT_GAP = 6
"""Pixels that are added to the icon's width beside a text."""


@cache
def draw_shape(name: str, size: int, ratio: int = 1) -> QPixmap:
    """Draw an icon in black, ``size`` logical pixels wide and high."""
    pixmap = QPixmap(size * ratio, size * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _open(name).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    return pixmap


@cache
def draw(name: str, color: str, size: int, ratio: int = 1) -> QPixmap:
    """Draw an icon in one colour, ``size`` logical pixels wide and high."""
    pixmap = QPixmap(draw_shape(name, size, ratio))
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), QColor(color))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@cache
def make_icon(name: str, color: str, disabled: str, size: int = 20) -> QIcon:
    """Make an icon of one size for all displays."""
    icon = QIcon()
    for ratio in RATIOS:
        icon.addPixmap(draw(name, color, size, ratio), QIcon.Mode.Normal)
        icon.addPixmap(draw(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return icon


def set_icon(
    widget: QAbstractButton | QLabel, name: str, theme: Theme, *, color: str = "text", size: int = 20
) -> None:
    """Give a button or label an icon in a colour of the theme; it is drawn anew when the theme changes."""
    keeper = widget.findChild(_IconKeeper, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if keeper is None:
        keeper = _IconKeeper(widget, theme)
    keeper.keep(name, color, size)


class _IconKeeper(Follower):
    """Child of the widget whose icon it keeps in the theme's colours, so that it ends with it."""

    def __init__(self, widget: QAbstractButton | QLabel, theme: Theme) -> None:
        super().__init__(widget, self._draw)
        self._widget, self._theme = widget, theme
        self._name, self._color, self._size = "", "text", 20

    def keep(self, name: str, color: str, size: int) -> None:
        self._name, self._color, self._size = name, color, size
        self._draw()

    def _draw(self) -> None:
        tokens = self._theme.tokens
        color = tokens[self._color]
        if isinstance(self._widget, QLabel):
            ratio = round(self._widget.devicePixelRatioF())
            self._widget.setPixmap(draw(self._name, color, self._size, ratio))
        else:
            self._widget.setIcon(make_icon(self._name, color, tokens["disabled"], self._size))
            # The air beside the icon keeps it apart from the text; Qt has no setting for that.
            air = TEXT_GAP if self._widget.text() else 0
            self._widget.setIconSize(QSize(self._size + air, self._size))


@cache
def _open(name: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(read_text(f"icons/{name}.svg").encode()))
