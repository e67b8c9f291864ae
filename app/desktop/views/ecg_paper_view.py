"""A drawing on ECG paper, as wide as its place; paper stays paper in dark colours too."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class EcgPaperView(QWidget):
    """Scales a picture to its width; keeps its proportions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing is drawn yet."""
        super().__init__(parent)
        self._image = QImage()
        self._scaled = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def show_image(self, image: QImage, description: str) -> None:
        """Show a drawing; ``description`` is what a screen reader says."""
        self._image = image
        self._scaled = QPixmap()
        self.setAccessibleName(description)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the proportions."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture, scaled once for each width."""
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self._scaled.size() != wanted:
            scaled = self._image.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._scaled = QPixmap.fromImage(scaled)
            self._scaled.setDevicePixelRatio(ratio)
        QPainter(self).drawPixmap(0, 0, self._scaled)

    def _fit(self) -> None:
        if not self._image.isNull():
            self.setFixedHeight(round(self.width() * self._image.height() / self._image.width()))
        self.update()
