"""Draws rows of a list as rich text, each as high as its text is at the list's width."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.theme import Theme

Index = QModelIndex | QPersistentModelIndex


class RichTextDelegate(QStyledItemDelegate):
    """Texts are written anew for each painting, in the theme's colours of then."""

    def __init__(
        self, theme: Theme, parent: QWidget, *, render: Callable[[Index], str], margin: int, inner: int
    ) -> None:
        """``parent`` is the list; ``margin`` and ``inner`` are pixels left and right, and around the text."""
        super().__init__(parent)
        self._theme = theme
        self._list = parent
        self._render = render
        self._margin = margin
        self._inner = inner

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw background and text."""
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        document = self._lay_out(index, option.rect.width())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, self._theme.color("text"))
        painter.save()
        painter.translate(option.rect.left() + self._margin, option.rect.top() + self._margin // 2)
        document.documentLayout().draw(painter, context)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the text at the list's width."""
        width = self._list.viewport().width()
        return QSize(width, int(self._lay_out(index, width).size().height()) + self._margin)

    def _lay_out(self, index: Index, width: int) -> QTextDocument:
        document = QTextDocument()
        document.setDefaultFont(self._list.font())
        document.setDocumentMargin(self._inner)
        document.setTextWidth(width - 2 * self._margin)
        document.setHtml(self._render(index))
        return document
