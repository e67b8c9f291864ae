"""What is seen while the data folder is opened."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.labels import make_label


class StartupView(QWidget):
    """Name and a moving bar."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Show them in the middle."""
        super().__init__(parent)
        self.setObjectName("page")
        mark = QLabel()
        set_icon(mark, "bedside", theme, color="accent", size=40)
        bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        bar.setFixedWidth(200)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch()
        for widget in (mark, make_label(self.tr("Opening your library…"), "muted", wraps=False), bar):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()
