"""The window's frame: takes drops, shows its content, and asks to be closed in order."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from app.desktop.views.labels import set_role

SIZE = QSize(1240, 800)
MINIMUM = QSize(900, 560)


class MainWindow(QMainWindow):
    """Holds no logic: what is dropped goes to ``on_drop``, and ``may_close`` says whether to close."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setWindowTitle("Bedside")
        self.resize(SIZE)
        self.setMinimumSize(MINIMUM)
        self.on_drop: Callable[[list[Path]], None] | None = None
        self.may_close: Callable[[], bool] = lambda: True
        self._hint = QLabel(self.tr("Drop to add"), self)
        self._hint.setObjectName("dropHint")
        set_role(self._hint, "heading")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()

    def accept_drops(self, on_drop: Callable[[list[Path]], None]) -> None:
        """Take dropped files and folders from now on."""
        self.on_drop = on_drop
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept local files."""
        if local_paths(event.mimeData()):
            event.acceptProposedAction()
            self._hint.raise_()
            self._hint.show()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Take the hint away."""
        self._hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files over."""
        self._hint.hide()
        paths = local_paths(event.mimeData())
        if paths and self.on_drop is not None:
            event.acceptProposedAction()
            self.on_drop(paths)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint inside the frame."""
        super().resizeEvent(event)
        self._hint.setGeometry(self.rect().adjusted(16, 16, -16, -16))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go out of sight, then tell: what is closed behind the window may take a while."""
        if not self.may_close():
            event.ignore()
            return
        event.accept()
        self.hide()
        self.closed.emit()


def local_paths(mime: QMimeData) -> list[Path]:
    """Return the files and folders of this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
